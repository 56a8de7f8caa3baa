"""A daily job that is never caught up by itself: backfills run its past."""
import pendulum
from airflow.sdk import DAG, task

with DAG("backfilled", schedule="0 0 * * *", start_date=pendulum.datetime(2024, 1, 1), catchup=False, max_active_runs=1):

    @task
    def load(dag_run=None):
        return str(dag_run.conf.get("n"))

    load()
