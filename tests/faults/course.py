"""One fault run: work is asked for all along, faults happen by plan, the judge looks at the end."""
from __future__ import annotations

import contextlib
import random
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fleet import Fleet, Process, until
from judge import Verdict, judge, read
from plan import Fault
from servers import Postgres, Server

TICKS = {f"scheduled__2024-01-01T00:{minute:02d}:00+00:00" for minute in range(60)}


@dataclass
class Kill:
    """A scheduler was killed; these runs were its own, and in `ready` ones a task was about to start."""

    at: float
    job: str
    runs: set[tuple[str, str]]
    ready: set[tuple[str, str]]


@dataclass
class Course:
    """`asks`: how many runs of each DAG, spread over the length."""

    fleet: Fleet
    seed: int
    faults: list[Fault]
    asks: dict[str, int]
    length: float
    kills: list[Kill] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    expected: dict[str, set[str]] = field(default_factory=lambda: {"ticks": set(TICKS)})
    _back: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _returns: list[float] = field(default_factory=list)
    _troubles: list[str] = field(default_factory=list)
    # Ended by us, and not back yet.
    _down: set[str] = field(default_factory=set)

    def run(self, patience: float = 240) -> Verdict:
        began = time.monotonic()
        asking = threading.Thread(target=self._ask, args=(began,))
        asking.start()
        for fault in self.faults:
            self._wait(began + fault.at)
            self._say(f"{fault.kind} {fault.target}" + (f" for {fault.seconds:.1f} s" if fault.seconds else ""))
            self._do(fault)
        self._wait(began + self.length)
        while self._back:
            self._wait(min(at for at, _ in self._back) + 0.01)
        over = time.monotonic()
        asking.join()
        self._supervise()
        with contextlib.suppress(AssertionError):
            until(self._all_ended, patience, "all runs have ended", 0.5)
        verdict = judge(self.fleet, self.expected, (began, over))
        verdict.problems += self._troubles
        self._heal()
        self._say(f"over: {verdict.runs} runs, {verdict.attempts} attempts ({verdict.lost} lost), {verdict.in_window} starts among the faults")
        return verdict

    def _say(self, text: str) -> None:
        print(f"[seed {self.seed}] {text}", file=sys.stderr, flush=True)

    def _wait(self, until_: float) -> None:
        """Until then, bringing back what is due to come back."""
        while True:
            now = time.monotonic()
            due = [one for one in self._back if one[0] <= now]
            self._back = [one for one in self._back if one[0] > now]
            for _, act in due:
                act()
            self._supervise()
            if not due and now >= until_:
                return
            if not due:
                time.sleep(min(until_ - now, 0.05))

    def _ask(self, began: float) -> None:
        rng = random.Random(self.seed)
        wanted = [(rng.uniform(0, self.length * 0.9), dag, f"r{number:04d}") for dag, count in self.asks.items() for number in range(count)]
        for at, dag, run in sorted(wanted):
            time.sleep(max(0.0, began + at - time.monotonic()))
            self.expected.setdefault(dag, set()).add(run)
            # The run's name is its key: asking again until somebody answers makes one run.
            try:
                until(lambda dag=dag, run=run: self.fleet.trigger(dag, run), 200, "a run is made", 0.2)  # type: ignore[misc]
            except Exception as error:
                self._troubles.append(f"{dag} {run} could not be asked for: {error}")

    def _all_ended(self) -> bool:
        try:
            is_open = self.fleet.open_runs()
            made = self.fleet.rows("SELECT COUNT(*) FROM dag_run")
        except Exception:
            return False
        return not is_open and int(made[0][0]) >= sum(len(names) for names in self.expected.values())

    def _process(self, kind: str, target: int) -> Process:
        kinds = {"scheduler": self.fleet.schedulers, "processor": self.fleet.processors, "web": self.fleet.webs}
        return kinds[kind][target]

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._back.append((time.monotonic() + seconds, act))

    def _do(self, fault: Fault) -> None:
        what, _, kind = fault.kind.partition(" ")
        server = self.fleet.server
        if kind == "database":
            if what == "restart":
                server.stop()
                self._later(fault.seconds, self._database_back)
            else:
                read_only(server, True)
                self._later(fault.seconds, self._writable_again)
        elif kind == "connections":
            with contextlib.suppress(Exception):
                cut_connections(server)
        else:
            process = self._process(kind, fault.target)
            if what == "pause":
                process.signal(signal.SIGSTOP)
                self._later(fault.seconds, lambda: process.signal(signal.SIGCONT))
            elif process.alive():
                if what == "kill":
                    if kind == "scheduler":
                        self.kills.append(self._own(process))
                    process.kill()
                    if kind == "scheduler":
                        self.kills[-1].at = time.monotonic()
                else:
                    process.end()
                self._down.add(process.name)
                self._later(fault.seconds, lambda: self._revive(process))

    def _revive(self, process: Process) -> None:
        self._down.discard(process.name)
        if not process.alive():
            process.start()

    def _supervise(self) -> None:
        """As an init system would: who finds no database when it starts is started again; who ends otherwise is a trouble."""
        for process in self.fleet.all():
            if process.alive() or process.name in self._down:
                continue
            self._down.add(process.name)
            last = (process.log().splitlines() or ["without a word"])[-1]
            if "cannot open the metadata database" in last:
                self._later(0.5, lambda process=process: self._revive(process))  # type: ignore[misc]
            else:
                self._troubles.append(f"{process.name} ended by itself: {last}")

    def _database_back(self) -> None:
        self.fleet.server.start()
        self._returns.append(time.monotonic())

    def _writable_again(self) -> None:
        with contextlib.suppress(Exception):
            read_only(self.fleet.server, False)
        self._returns.append(time.monotonic())

    def _own(self, process: Process) -> Kill:
        sql = ("SELECT j.id, r.dag_id, r.run_id, (SELECT COUNT(*) FROM task_instance t WHERE t.run_pk = r.id AND t.state IN ('scheduled', 'queued') "
               "AND r.dag_id = 'lanes' AND t.task_id NOT LIKE 'b%') "
               "FROM job j LEFT JOIN dag_run r ON r.owner_job = j.id AND r.owner_term = j.term AND r.state = 'running' "
               f"WHERE j.id = (SELECT MAX(k.id) FROM job k WHERE k.job_type = 'SchedulerJob' AND k.hostname = '{process.name}')")
        rows: list[list[str]] = []
        with contextlib.suppress(Exception):
            rows = self.fleet.rows(sql)
        runs = {(row[1], row[2]): int(row[3]) for row in rows if row[1].upper() != "NULL"}
        return Kill(time.monotonic(), rows[0][0] if rows else "", set(runs), {run for run, waiting in runs.items() if waiting})

    def flow(self) -> list[float]:
        """For each kill: seconds until a process that was left, or came back, had started any task."""
        attempts, _ = read(self.fleet.ledger)
        after = [[a.start - kill.at for a in attempts.values() if a.start > kill.at] for kill in self.kills]
        return [min(starts) for starts in after if starts]

    def adoptions(self) -> list[float]:
        """For each kill: seconds until another process had started a task of a run that the dead one had, and in which one was about to start.

        Where every task of a run was running in the dead process, or what it ran holds the run's limit, the worker's lease counts: see `resumptions`.
        """
        return self._first_starts(lambda kill: kill.ready)

    def resumptions(self) -> list[float]:
        """The same for all runs of the dead one."""
        return self._first_starts(lambda kill: kill.runs)

    def _first_starts(self, of: Callable[[Kill], set[tuple[str, str]]]) -> list[float]:
        attempts, _ = read(self.fleet.ledger)
        found = []
        for kill in self.kills:
            after = [a.start - kill.at for a in attempts.values() if a.key[:2] in of(kill) and a.start > kill.at]
            if after:
                found.append(min(after))
        return found

    def _heal(self) -> None:
        """Seconds from each return of the database to the next start of a task."""
        attempts, _ = read(self.fleet.ledger)
        starts = sorted(a.start for a in attempts.values())
        for back in self._returns:
            after = [at - back for at in starts if at > back]
            if after:
                self.healed.append(after[0])


def read_only(server: Server, on: bool) -> None:
    if isinstance(server, Postgres):
        server.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        server.sql("SELECT pg_reload_conf()")
    else:
        server.sql(f"SET GLOBAL read_only = {'ON' if on else 'OFF'}")


def cut_connections(server: Server) -> None:
    if isinstance(server, Postgres):
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tradewind'")
    else:
        for line in server.sql("SELECT id FROM information_schema.processlist WHERE user = 'tradewind'").split():
            with contextlib.suppress(Exception):
                server.sql(f"KILL {line}")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def summary(values: list[float]) -> str:
    if not values:
        return "none"
    return (f"{len(values)}: median {statistics.median(values):.2f} s, p99 {percentile(values, 0.99):.2f} s, "
            f"most {max(values):.2f} s")


def folder(base: Path, name: str) -> Path:
    """A fresh folder that the accounts of database servers may enter."""
    made = base / name
    made.mkdir(parents=True)
    made.chmod(0o755)
    return made
