"""Several schedulers, processors and web servers on one database, and what happens when some of it fails."""
from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from course import TICKS, Course
from fleet import Fleet, Process, until
from judge import judge
from plan import Fault, kills
from servers import MariaDb, Postgres, Server

LIGHT = {"lanes": 12, "few": 6, "single": 5}
# A run that carried fewer starts among its faults proves nothing.
ENOUGH = 60

Begin = Callable[..., Fleet]


@pytest.fixture
def begin(binary: str, tmp_path: Path) -> Iterator[Begin]:
    made: list[Fleet] = []
    servers: list[Server] = []

    def start(kind: type[Server], **options: Any) -> Fleet:
        tmp_path.chmod(0o755)
        servers.append(kind(tmp_path / "server"))
        made.append(Fleet(binary, servers[0], tmp_path, **options))
        made[0].start()
        return made[0]

    yield start
    for fleet in made:
        fleet.end()
    for server in servers:
        server.stop()


def seed() -> int:
    chosen = random.randrange(1_000_000)
    print(f"seed {chosen}", file=sys.stderr)
    return chosen


def run(fleet: Fleet, number: int, faults: list[Fault], length: float) -> Course:
    course = Course(fleet, number, faults, dict(LIGHT), length)
    verdict = course.run(patience=120)
    assert verdict.problems == []
    assert verdict.in_window >= ENOUGH, "too few starts among the faults"
    return course


def test_schedulers_are_killed_and_one_stands_still(begin: Begin) -> None:
    number = seed()
    course = run(begin(Postgres), number, kills(random.Random(number), 16, 4, pause=6), 18)
    # Whether runs of a dead one go on, not how fast. Where a task was just about to start at the kill is chance: on a quick machine often nowhere.
    assert course.resumptions()


def owners(fleet: Fleet, process: Process) -> int:
    """How many open runs a scheduler has."""
    job = f"(SELECT MAX(id) FROM job WHERE job_type = 'SchedulerJob' AND hostname = '{process.name}')"
    return int(fleet.rows(f"SELECT COUNT(*) FROM dag_run WHERE state = 'running' AND owner_job = {job}")[0][0])


def has_term(fleet: Fleet, process: Process) -> bool:
    return fleet.rows(f"SELECT state FROM job WHERE job_type = 'SchedulerJob' AND pid = {process.pid}") == [["running"]]


def test_nobody_waits_for_leases_on_one_machine(begin: Begin) -> None:
    """One is killed, one is stopped; their leases would run for minutes."""
    fleet = begin(Postgres, schedulers=2, env={"AIRFLOW__TRADEWIND__SCHEDULER_LEASE": "300", "AIRFLOW__TRADEWIND__WORKER_LEASE": "600"})
    one, other = fleet.schedulers
    lost = "SELECT COUNT(*) FROM attempt WHERE state = 'lost'"
    began = time.monotonic()
    for name, leave in (("killed", one.kill), ("stopped", lambda: one.signal(signal.SIGTERM))):
        until(lambda: all(has_term(fleet, process) for process in (one, other)), 60, "both schedulers are there")
        for number in range(10):
            assert fleet.trigger("lanes", f"{name}{number}")
        until(lambda: owners(fleet, one) > 0 and owners(fleet, other) > 0, 30, "both have some of the runs")
        lost_before = fleet.rows(lost)
        leave()
        until(lambda: owners(fleet, one) == 0, 30, f"the runs of the one that was {name} are with the other")
        until(lambda: not fleet.open_runs(), 90, f"all have ended after one was {name}", 0.2)
        if name == "killed":
            one.start()
    assert fleet.rows(lost) == lost_before, "what was stopped has let its tasks end"
    until(lambda: not one.alive(), 30, "it has ended by itself")
    asked = {f"{name}{number}" for name in ("killed", "stopped") for number in range(10)}
    done = str(len(asked) + len(TICKS))
    until(lambda: fleet.rows("SELECT COUNT(*) FROM dag_run WHERE state = 'success'") == [[done]], 60, "the scheduled runs are done as well", 0.2)
    assert judge(fleet, {"lanes": asked}, (began, time.monotonic())).problems == []


def test_the_database_restarts_and_connections_break(begin: Begin) -> None:
    rng = random.Random(number := seed())
    faults = [Fault(3 + rng.random(), "cut connections"), Fault(6 + rng.random(), "restart database", seconds=rng.uniform(0, 3)),
              Fault(12 + rng.random(), "kill scheduler", rng.randrange(2), 1), Fault(14 + rng.random(), "restart database", seconds=1)]
    course = run(begin(MariaDb, schedulers=2), number, faults, 20)
    assert len(course.healed) == 2, "work flows after each return, and nothing was restarted for it"


def test_processors_share_the_files_and_take_over(begin: Begin) -> None:
    fleet = begin(Postgres, schedulers=1, processors=2)
    text = (fleet.folder / "dags" / "ledger.py").read_text()
    for number in range(8):
        (fleet.folder / "dags" / f"more_{number}.py").write_text(text.replace('DAG("', f'DAG("more_{number}_'))
    parsed = "SELECT COUNT(*) FROM dag WHERE is_stale = 0 AND dag_id LIKE 'more%'"
    until(lambda: fleet.rows(parsed) == [["40"]], 60, "all files are parsed")
    fleet.processors[0].kill()
    changed = "SELECT COUNT(*) FROM dag WHERE is_stale = 0 AND dag_id LIKE 'again%'"
    for number in range(8):
        (fleet.folder / "dags" / f"more_{number}.py").write_text(text.replace('DAG("', f'DAG("again_{number}_'))
    until(lambda: fleet.rows(changed) == [["40"]], 60, "the files of the dead one are parsed by the other")
    assert fleet.rows(parsed) == [["0"]]
    assert fleet.rows("SELECT COUNT(*) FROM import_error") == [["0"]], "two processors do not fight"
