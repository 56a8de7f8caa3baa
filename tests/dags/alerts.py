"""DAGs that mail, fail, storm and linger, for the tests of alerts."""
from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.operators.email import EmailOperator
from airflow.sdk import DAG, task

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
RETRIES = {"retries": 1, "retry_delay": timedelta(milliseconds=100)}

with DAG("mail_fails", schedule=None, start_date=START, tags=["money"], default_args={"email": "a@example.com; b@example.com", **RETRIES}):

    @task
    def broken() -> None:
        print("three rows were expected")
        raise ValueError("no rows in <report>")

    broken()

with DAG("mail_storm", schedule=None, start_date=START, max_active_tasks=64):

    @task(email={"ops@example.com"})
    def fails(n: int) -> None:
        raise RuntimeError(f"number {n}")

    fails.expand(n=list(range(500)))

with DAG("mail_written", schedule=None, start_date=START):
    EmailOperator(
        task_id="write", to=["a@example.com"], bcc="hidden@example.com", subject="Report {{ run_id }}", html_content="<b>done</b>",
        files=[__file__],
    )


def linger() -> None:
    """Waits until the test says that it is enough."""
    while not Path(os.environ["GATE"]).exists():
        time.sleep(0.02)


with DAG("lingers", schedule=None, start_date=START):
    task(task_id="wait")(linger)()

with DAG(
    "ticks", schedule=timedelta(seconds=1), start_date=START, catchup=False, max_active_runs=1, is_paused_upon_creation=True,
):
    task(task_id="wait")(linger)()
