"""A wide DAG: 274 tasks, in groups of ten."""
from datetime import datetime

from airflow import DAG
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup

with DAG(dag_id="wide", start_date=datetime(2024, 1, 1), schedule="@daily", catchup=False):
    for group in range(28):
        with TaskGroup(f"part_{group:02}"):
            for number in range(10 if group < 27 else 4):
                EmptyOperator(task_id=f"step_{number}")
