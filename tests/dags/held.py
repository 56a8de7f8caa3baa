"""Tasks that write down when they begin and end, and wait for a sign: for tests that take processes away under them."""
from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

from airflow.sdk import DAG, task

FOLDER = Path(os.environ.get("LEDGER", "/nonexistent"))
START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def note(what: str, ti) -> None:
    line = f"{what} {ti.task_id} {ti.map_index} {ti.try_number} {os.environ['TRADEWIND_ATTEMPT_ID']} {time.monotonic():.6f}\n"
    # One write of less than a page: lines of several processes stay whole.
    with (FOLDER / "ledger").open("ab", buffering=0) as ledger:
        ledger.write(line.encode())


def beat_until(sign: Path, ti) -> None:
    note("start", ti)
    until = time.monotonic() + 120
    while not sign.exists():
        note("beat", ti)
        assert time.monotonic() < until, f"{sign} does not come"
        time.sleep(0.05)
    note("end", ti)


with DAG("held", schedule=None, start_date=START, max_active_tasks=64) as held:

    @task
    def hold(n: int, ti=None) -> int:
        print(f"line {n} of a task that holds")
        beat_until(FOLDER / "go", ti)
        return n

    @task
    def total(numbers: list[int]) -> int:
        return sum(numbers)

    total(hold.expand(n=list(range(8))))


with DAG("short", schedule=None, start_date=START, max_active_tasks=64) as short:

    @task
    def work(n: int, ti=None) -> int:
        note("start", ti)
        time.sleep(0.3)
        note("end", ti)
        return n

    work.expand(n=list(range(24))) >> task(task_id="last")(lambda: None)()
