"""Several schedulers, processors and web servers on one database, and what happens when some of it fails."""
from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from course import Course
from fleet import Fleet, until
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

    def start(kind: type[Server], **options: int) -> Fleet:
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
    course = run(begin(Postgres), number, kills(random.Random(number), 20, 4, pause=8), 22)
    # A debug build on a busy machine: whether others take over, not how fast.
    assert course.adoptions()


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
