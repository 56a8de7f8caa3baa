"""Functions as tasks: values travel from one to the next, and one task becomes many, one for each value.

Start it by hand with other values: tradewind dags trigger example_taskflow --conf '{"orders": [5, 7]}'
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import Param, dag, task


@dag(
    description="Values between tasks, and a task for each value",
    schedule=None,
    start_date=datetime(2024, 1, 1),
    params={"orders": Param([10, 20, 30], type="array", description="Amounts of orders")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30)},
    tags=["example"],
)
def example_taskflow():
    @task
    def extract(params=None) -> list[int]:
        return [int(amount) for amount in params["orders"]]

    @task
    def with_tax(amount: int) -> float:
        return round(amount * 1.1, 2)

    @task
    def total(amounts) -> float:
        result = sum(amounts)
        print(f"The total is {result}")
        return result

    total(with_tax.expand(amount=extract()))


example_taskflow()
