"""A daily job that is never caught up by itself, and whose tasks hold until a file `go` lies beside the DAGs folder."""
import time
from pathlib import Path

import pendulum
from airflow.sdk import DAG, task

GO = Path(__file__).parent.parent / "go"

with DAG("held_days", schedule="0 0 * * *", start_date=pendulum.datetime(2024, 1, 1), catchup=False, max_active_runs=1):

    @task
    def load():
        until = time.monotonic() + 900
        while not GO.exists():
            assert time.monotonic() < until, f"{GO} does not come"
            time.sleep(0.05)

    load()
