"""Gives every DAG of a database 50 ended runs: ``runs.py DATABASE``."""

from __future__ import annotations

import sqlite3
import sys

RUNS = 50
FIRST = 1_700_000_000_000_000
HOUR = 3_600_000_000

with sqlite3.connect(sys.argv[1], timeout=60) as database:
    rows = []
    for (dag_id,) in database.execute("SELECT dag_id FROM dag").fetchall():
        for number in range(RUNS):
            at = FIRST + number * HOUR
            state = "failed" if (number + len(rows)) % 9 == 0 else "success"
            rows.append((dag_id, f"scheduled__{number:04}", state, at, at, at, at + HOUR, at + HOUR, at + 2 * HOUR, at))
    database.executemany(
        "INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, start_date,"
        " end_date, triggered_by, updated_at) VALUES (?, ?, 'scheduled', ?, ?, ?, ?, ?, ?, ?, 'timetable', ?)",
        rows,
    )
