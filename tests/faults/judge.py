"""The judge: reads the ledger and the rows, and knows nothing of the product's code."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fleet import NARROW, PARALLELISM, Fleet

Key = tuple[str, str, str, str]
SLOTS = {f"b{lane}": 1 + lane % 2 for lane in range(4)}


@dataclass
class Attempt:
    """What the ledger says of one attempt: when it began, was last heard of, and whether it came to its end."""

    key: Key
    id: str
    pids: set[str] = field(default_factory=set)
    start: float = 0.0
    last: float = 0.0
    ended: bool = False


def read(ledger: Path) -> tuple[dict[str, Attempt], list[str]]:
    """The attempts by id, and those that began twice."""
    attempts: dict[str, Attempt] = {}
    twice = []
    for line in ledger.read_text().splitlines() if ledger.exists() else []:
        kind, at, dag, run, task, index, _, attempt_id, pid = line.split()
        attempt = attempts.setdefault(attempt_id, Attempt((dag, run, task, index), attempt_id))
        if kind == "start":
            if attempt.pids:
                twice.append(attempt_id)
            attempt.start = float(at)
        attempt.pids.add(pid)
        attempt.last = float(at)
        attempt.ended |= kind == "end"
    return attempts, twice


def most_at_once(spans: Iterable[tuple[float, float, int]]) -> int:
    """The highest sum of weights at any instant; one that ends when another begins is gone."""
    changes = sorted(change for begin, end, weight in spans for change in ((begin, weight), (end, -weight)))
    now = most = 0
    for _, weight in sorted(changes, key=lambda change: (change[0], change[1])):
        now += weight
        most = max(most, now)
    return most


def overlaps(attempts: Iterable[Attempt]) -> list[Key]:
    """Task instances of which two attempts were seen alive at the same time."""
    by_key: dict[Key, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_key[attempt.key].append(attempt)
    return [key for key, several in by_key.items() if most_at_once((a.start, a.last, 1) for a in several) > 1]


def limits(attempts: list[Attempt]) -> list[str]:
    """Limits that the ledger saw exceeded."""
    found = []

    def check(what: str, spans: Iterable[tuple[float, float, int]], limit: int) -> None:
        if (most := most_at_once(spans)) > limit:
            found.append(f"{what}: {most} at once, {limit} allowed")

    check("pool narrow", [(a.start, a.last, SLOTS[a.key[2]]) for a in attempts if a.key[0] == "lanes" and a.key[2] in SLOTS], NARROW)
    check("parallelism", [(a.start, a.last, 1) for a in attempts], PARALLELISM)
    runs: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        runs[attempt.key[:2]].append(attempt)
    for (dag, run), of_run in runs.items():
        if dag == "few":
            check(f"max_active_tasks of few {run}", [(a.start, a.last, 1) for a in of_run], 2)
    for dag, limit in (("single", 1), ("ticks", 3)):
        spans = [(min(a.start for a in of_run), max(a.last for a in of_run), 1) for (name, _), of_run in runs.items() if name == dag]
        check(f"max_active_runs of {dag}", spans, limit)
    return found


@dataclass
class Verdict:
    """What a fault run came to."""

    problems: list[str]
    runs: int
    attempts: int
    lost: int
    in_window: int


def judge(fleet: Fleet, expected: dict[str, set[str]], window: tuple[float, float]) -> Verdict:
    """Compares ledger and rows with what was asked for."""
    attempts, twice = read(fleet.ledger)
    problems = [f"attempt {attempt_id} began twice" for attempt_id in twice]
    problems += [f"two attempts at once: {key}" for key in overlaps(attempts.values())]
    problems += limits(list(attempts.values()))
    runs = fleet.rows("SELECT dag_id, run_id, state FROM dag_run")
    counted = Counter((dag, run) for dag, run, _ in runs)
    problems += [f"a run is there {count} times: {run}" for run, count in counted.items() if count > 1]
    problems += [f"the run {dag} {run} ended as {state}" for dag, run, state in runs if state != "success"]
    for dag, names in expected.items():
        there = {run for name, run, _ in runs if name == dag}
        if there != names:
            problems.append(f"runs of {dag}: {len(names - there)} missing, {len(there - names)} too many")
    problems += orphans(fleet)
    rows = fleet.rows("SELECT id, state FROM attempt")
    states = {row[0]: row[1] for row in rows}
    problems += [f"attempt {a.id} began and has no row" for a in attempts.values() if a.id not in states]
    unseen = [attempt_id for attempt_id, state in states.items() if state == "success" and attempt_id not in attempts]
    problems += [f"attempt {attempt_id} succeeded without a start" for attempt_id in unseen]
    done = Counter(a.key for a in attempts.values() if states.get(a.id) == "success")
    problems += [f"{key} succeeded {count} times" for key, count in done.items() if count > 1]
    in_window = sum(window[0] <= a.start <= window[1] for a in attempts.values())
    lost = sum(state == "lost" for state in states.values())
    return Verdict(problems, len(runs), len(states), lost, in_window)


def orphans(fleet: Fleet) -> list[str]:
    """States without an exit: rows that are still on their way when all is over."""
    left = fleet.rows("SELECT task_id, state FROM task_instance WHERE state IN ('scheduled', 'queued', 'running', 'restarting')")
    left += fleet.rows("SELECT task_id, state FROM attempt WHERE state IN ('queued', 'running')")
    return [f"{task} is still {state}" for task, state in left]
