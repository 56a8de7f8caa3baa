"""A run that takes longer than its deadline allows, and a task that misses its sla; what is called writes lines to a file."""
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.sdk import DAG, DeadlineAlert, DeadlineReference, SyncCallback, task

HERE = Path(__file__).parent


def note(text):
    with (HERE / "told.txt").open("a") as file:
        file.write(f"{text}\n")


def missed(kind, context):
    note(f"{kind} {context['dag_run'].run_id} {context['deadline']['alert_name']}")


def sla_missed(dag, task_list, blocking_task_list, slas, blocking_tis):
    note(f"sla {dag.dag_id} {slas[0].task_id} {[ti.task_id for ti in blocking_tis]}")


def waits():
    while not (HERE / "go").exists():
        time.sleep(0.05)


with DAG(
    "has_deadlines",
    schedule=None,
    deadline=[
        DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(seconds=1), SyncCallback(missed, {"kind": "deadline"}), name="soon"),
        DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(hours=1), SyncCallback(missed, {"kind": "deadline"}), name="far"),
    ],
):
    task(waits)()

hour = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)

with DAG("has_sla", schedule="@hourly", start_date=hour, end_date=hour, catchup=True, sla_miss_callback=sla_missed):
    task(waits, sla=timedelta(seconds=1))()
