"""A log in groups, with an error in one of them, and params whose names are in no order."""
from datetime import datetime

from airflow import DAG
from airflow.models.param import Param
from airflow.operators.python import PythonOperator


def talk():
    print("::group::Reading the orders")
    for number in range(40):
        print(f"order {number:03} read")
    print("::endgroup::")
    print("::group::Checking the orders")
    for number in range(40):
        print(f"order {number:03} checked")
    print("::endgroup::")
    for number in range(60):
        print(f"order {number:03} sent")
    raise ValueError("order 060 has no address")


with DAG(
    "grouped_log",
    start_date=datetime(2024, 1, 1),
    schedule=None,
    params={
        "warehouse": Param("main", type="string", description="Where the orders come from"),
        "day": Param("2024-05-01", type="string", format="date"),
        "batch": Param(20, type="integer", minimum=1),
        "again": Param(False, type="boolean"),
    },
):
    PythonOperator(task_id="talk", python_callable=talk)
