"""A decision, a group of tasks, and an end that runs whatever was chosen."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task, task_group


@dag(description="A decision and a common end", schedule="0 6 * * 1-5", start_date=datetime(2024, 1, 1), catchup=False, tags=["example"])
def example_branching():
    @task.branch
    def choose(logical_date=None) -> str:
        """Follow the group in even weeks, the short cut in odd ones."""
        week = logical_date.isocalendar()[1] if logical_date else 0
        return "shortcut" if week % 2 else "full"

    @task_group
    def full():
        @task
        def clean() -> str:
            return "clean"

        @task
        def load(state: str) -> None:
            print(f"loading what is {state}")

        load(clean())

    shortcut = EmptyOperator(task_id="shortcut")
    done = EmptyOperator(task_id="done", trigger_rule="none_failed_min_one_success")
    choose() >> [full(), shortcut] >> done


example_branching()
