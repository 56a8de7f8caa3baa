"""Runs twice a night by the clock of New York, also in the nights in which it changes."""
import pendulum
from airflow.sdk import DAG, task

with DAG(
    "new_york_nights",
    schedule="30 1,2 * * *",
    start_date=pendulum.datetime(2024, 1, 1, tz="America/New_York"),
    catchup=False,
):

    @task
    def only():
        pass

    only()
