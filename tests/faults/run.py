"""The long fault runs: `make faults`, or by hand with --seed to see one again."""
from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from course import Course, folder, summary
from fleet import Fleet
from plan import Fault, everything, kills, pauses
from servers import MariaDb, Postgres

SERVERS = {"postgres": Postgres, "mariadb": MariaDb}
# 2,010 tasks: 13 in a run of lanes, 6, 3 and 1 in the others; 60 ticks come by themselves.
WORK = {"lanes": 110, "few": 50, "single": 70, "long": 10}
COUNTS = {"scheduler": 3, "processor": 2, "web": 2}
# Starts in the fault window without which a run proves nothing.
ENOUGH = 200


def plan(name: str, rng: random.Random, length: float, away: float) -> list[Fault]:
    if name == "kills":
        return kills(rng, length, 5.0, away=away)
    if name == "pauses":
        return pauses(rng, length, COUNTS)
    if name == "everything":
        return everything(rng, length, COUNTS)
    if name == "outage":
        return [Fault(15.0, "restart database", seconds=length)]
    return []


def one(binary: str, database: str, name: str, seed: int, length: float, base: Path, apart: bool, away: float) -> bool:
    place = folder(base, f"{name}-{database}-{seed}")
    server = SERVERS[database](place / "server")
    fleet = None
    try:
        fleet = Fleet(binary, server, place, processors=2, webs=2, apart=apart)
        fleet.start()
        course = Course(fleet, seed, plan(name, random.Random(seed), length, away), dict(WORK), length if name != "outage" else 30.0)
        began = time.monotonic()
        verdict = course.run()
        took = time.monotonic() - began
        # When a database is away, nothing starts; the share of the run without it counts.
        enough = verdict.in_window >= (ENOUGH if name != "outage" else 50)
        state = "good" if not verdict.problems and enough else "BAD" if verdict.problems else "no verdict: too few starts"
        print(f"{name} {database} seed {seed}: {state}; {took:.0f} s, {verdict.runs} runs, {verdict.attempts} attempts, {verdict.lost} lost, "
              f"{verdict.in_window} starts in the window; kills {len(course.kills)}; any start {summary(course.flow())}; adoption {summary(course.adoptions())}; "
              f"runs resumed {summary(course.resumptions())}; heal {summary(course.healed)}", flush=True)
        for problem in verdict.problems[:20]:
            print(f"  {problem}", flush=True)
        return not verdict.problems and enough
    finally:
        if fleet is not None:
            fleet.end()
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--db", choices=[*SERVERS, "all"], default="all")
    parser.add_argument("--plan", choices=["kills", "pauses", "everything", "outage", "calm", "all"], default="all")
    parser.add_argument("--seed", type=int, help="the first seed; a random one when it is not given")
    parser.add_argument("--times", type=int, default=1, help="runs of each plan, with seeds that follow each other")
    parser.add_argument("--length", type=float, default=120.0, help="seconds of faults")
    parser.add_argument("--away", type=float, default=1.0, help="seconds until a killed scheduler comes back; more than its lease: only others can go on")
    parser.add_argument("--apart", action="store_true", help="each process as if on a machine of its own (needs root): leases alone tell of an end")
    parser.add_argument("--folder", type=Path, help="where logs and ledgers stay; a temporary one otherwise")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else random.randrange(1_000_000)
    names = ["kills", "pauses", "everything", "outage"] if options.plan == "all" else [options.plan]
    databases = list(SERVERS) if options.db == "all" else [options.db]
    with tempfile.TemporaryDirectory(prefix="tradewind-faults-") as temporary:
        base = options.folder or Path(temporary)
        Path(temporary).chmod(0o755)
        results = [one(options.binary, database, name, first + n, options.length, base, options.apart, options.away)
                   for n in range(options.times) for name in names for database in databases]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
