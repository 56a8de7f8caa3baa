"""Tasks without a slot: they ask people, wait for a trigger, and lead to other DAGs."""
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models.param import Param
from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor

with DAG("asks_people", start_date=datetime(2024, 1, 1), schedule=None):
    ApprovalOperator(
        task_id="approve",
        subject="Send the invoices of May?",
        body="412 invoices, 1,204,310.50 in all.\nThe largest: 88,000.00 for customer 17.",
        response_timeout=timedelta(hours=6),
        defaults="Reject",
    )
    HITLOperator(
        task_id="choose",
        subject="Which regions are to be loaded?",
        options=["North", "South", "East", "West"],
        multiple=True,
        params={
            "limit": Param(100, type="integer", minimum=1, maximum=500, description="Rows of each region"),
            "reason": Param("", type="string", description="For the log"),
        },
    )
    ApprovalOperator(task_id="others", subject="Close the month?", assigned_users=[{"id": "bo", "name": "Bo"}], response_timeout=timedelta(hours=6))
    TimeDeltaSensor(task_id="later", delta=timedelta(days=1400), deferrable=True)
    TriggerDagRunOperator(task_id="hand_over", trigger_dag_id="leads_nowhere")

with DAG("leads_nowhere", start_date=datetime(2024, 1, 1), schedule=None):
    pass
