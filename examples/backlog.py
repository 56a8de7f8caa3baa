"""A run for each past day, three at a time, in a zone with its own clock. Paused at first: unpausing starts the backlog.

How many runs that will be: tradewind dags next-execution example_backlog --num-executions 10
"""

from __future__ import annotations

import pendulum

from airflow.sdk import dag, get_current_context, task


@dag(
    description="Catches up with past days, three at a time",
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2024, 3, 1, tz="Asia/Seoul"),
    end_date=pendulum.datetime(2024, 3, 10, tz="Asia/Seoul"),
    catchup=True,
    max_active_runs=3,
    is_paused_upon_creation=True,
    tags=["example"],
)
def example_backlog():
    @task
    def report() -> str:
        day = get_current_context()["ds"]
        print(f"The report of {day}")
        return day

    report()


example_backlog()
