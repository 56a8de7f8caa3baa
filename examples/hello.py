"""The smallest pipeline: two commands, one after the other, every day."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "example_hello",
    description="Two commands, one after the other",
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    tags=["example"],
):
    greet = BashOperator(task_id="greet", bash_command="echo Hello from {{ dag.dag_id }} on {{ ds }}")
    count = BashOperator(task_id="count", bash_command="for i in 1 2 3; do echo $i; done")
    greet >> count
