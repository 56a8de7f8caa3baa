"""Tasks that ask people."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLBranchOperator, HITLEntryOperator
from airflow.sdk import DAG, Param

with DAG("asking", start_date=datetime(2024, 1, 1), schedule=None, params={"of_dag": 1}):
    ApprovalOperator(task_id="approve", subject="Ship {{ ds }}?", response_timeout=timedelta(hours=1)) >> EmptyOperator(
        task_id="after"
    )
    ApprovalOperator(task_id="strict", subject="Ship?", fail_on_reject=True)
    choose = HITLBranchOperator(
        task_id="choose",
        subject="Where?",
        options=["left", "right"],
        options_mapping={"left": "left_task", "right": "right_task"},
    )
    choose >> [EmptyOperator(task_id="left_task"), EmptyOperator(task_id="right_task")]
    HITLEntryOperator(task_id="enter", subject="How many?", params={"n": Param(1, type="integer")})
