"""DAGs of the benchmark: chains and fan-outs of tiny Python tasks, and a fan-out that needs no process."""
from datetime import datetime

from airflow.operators.empty import EmptyOperator

from airflow.sdk import DAG, task

COMMON = {"schedule": None, "start_date": datetime(2023, 1, 1), "catchup": False, "tags": ["benchmark"]}


def chain(name: str, length: int) -> DAG:
    with DAG(dag_id=name, max_active_runs=128, **COMMON) as dag:
        previous = None
        for i in range(length):

            @task(task_id=f"task_{i:02d}")
            def body():
                return sum(range(100))

            current = body()
            if previous is not None:
                previous >> current
            previous = current
    return dag


def empty_fan(name: str, width: int) -> DAG:
    with DAG(dag_id=name, max_active_tasks=width, **COMMON) as dag:
        first = EmptyOperator(task_id="first")
        first >> [EmptyOperator(task_id=f"task_{i:04d}") for i in range(width)]
    return dag


chain3 = chain("chain_3", 3)
chain40 = chain("chain_40", 40)
fan1000 = empty_fan("empty_1000", 1000)
