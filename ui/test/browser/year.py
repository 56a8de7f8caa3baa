"""A year of finished runs of the DAG ``wide``, written into the database of a product: ``year.py DATABASE``."""
import random
import sqlite3
import sys

DAY = 86_400_000_000
BEGAN = 1_672_531_200_000_000

random.seed(7)
db = sqlite3.connect(sys.argv[1], timeout=30)
(version,) = db.execute("SELECT version_id FROM dag WHERE dag_id = 'wide'").fetchone()
tasks = [f"part_{number // 10:02}.step_{number % 10}" for number in range(274)]
runs, cells = [], []
for day in range(365):
    at = BEGAN + day * DAY
    began = at + DAY + 1_500_000
    failed = random.random() < 0.1
    runs.append((day + 1_000_000, f"scheduled__{day:03}", "failed" if failed else "success", at, at, at + DAY, at + DAY, began, began + 600_000_000, version))
    for number, task in enumerate(tasks):
        start = began + number * 2_000_000 + random.randrange(1_000_000)
        state = "failed" if failed and number == 200 else "upstream_failed" if failed and number > 200 else "skipped" if random.random() < 0.02 else "success"
        cells.append((day + 1_000_000, task, state, start, start + random.randrange(200_000, 90_000_000)))
db.execute("BEGIN IMMEDIATE")
db.executemany(
    "INSERT INTO dag_run (id, dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, start_date, end_date,"
    " version_id, updated_at) VALUES (?, 'wide', ?, 'scheduled', ?, ?, ?, ?, ?, ?, ?, ?, 0)",
    runs,
)
db.executemany(
    "INSERT INTO task_instance (run_pk, task_id, dag_id, state, try_number, operator, start_date, end_date, updated_at)"
    " VALUES (?, ?, 'wide', ?, 1, 'EmptyOperator', ?, ?, 0)",
    cells,
)
db.commit()
