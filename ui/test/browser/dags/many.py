"""Five thousand DAGs of one file."""
from datetime import datetime

from airflow import DAG
from airflow.operators.empty import EmptyOperator

for number in range(5000):
    with DAG(dag_id=f"dag_{number:04}", start_date=datetime(2024, 1, 1), schedule="@daily", tags=[f"team {number % 7}"]) as dag:
        EmptyOperator(task_id="nothing")
    globals()[f"dag_{number}"] = dag
