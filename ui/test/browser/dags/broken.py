"""A file with a mistake: it becomes an import error with its line."""
from datetime import datetime

from airflow import DAG

with DAG(dag_id="broken", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    rows = [1, 2, 3]
    limit = rows["three"]
