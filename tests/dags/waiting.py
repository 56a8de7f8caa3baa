"""Tasks that wait without a slot: in triggers of this file, in native ones, between pokes, for people."""
from __future__ import annotations

import asyncio
import os
import time
from datetime import datetime, timedelta

from airflow.models import BaseOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLBranchOperator, HITLEntryOperator, HITLOperator
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import DAG, Param, RetryDecision, RetryPolicy, task
from airflow.sdk.bases.sensor import BaseSensorOperator
from airflow.triggers.base import BaseTrigger, StartTriggerArgs, TaskSuccessEvent, TriggerEvent

FOLDER = os.environ.get("WAITING_FOLDER", "/nowhere")


class FileIsThere(BaseTrigger):
    def __init__(self, path, pause=0.05, ends=False):
        super().__init__()
        self.path, self.pause, self.ends = path, pause, ends

    def serialize(self):
        return f"{__name__}.FileIsThere", {"path": self.path, "pause": self.pause, "ends": self.ends}

    async def run(self):
        self.log.info("looking for %s", self.path)
        while not os.path.exists(self.path):
            await asyncio.sleep(self.pause)
        yield TaskSuccessEvent(xcoms={"return_value": "ended"}) if self.ends else TriggerEvent(self.path)


class Stubborn(BaseTrigger):
    """Blocks the loop it shares with others."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def serialize(self):
        return f"{__name__}.Stubborn", {"seconds": self.seconds}

    async def run(self):
        await asyncio.sleep(1)
        time.sleep(self.seconds)
        yield TriggerEvent(self.seconds)


class Wait(BaseOperator):
    def __init__(self, *, trigger, limit=None, **kwargs):
        super().__init__(**kwargs)
        self.trigger, self.limit = trigger, limit

    def execute(self, context):
        context["ti"].xcom_push("before", "kept")
        self.defer(trigger=self.trigger, method_name="done", kwargs={"began": datetime(2024, 1, 1)}, timeout=self.limit)

    def done(self, context, event, began):
        return [event, began.year, context["ti"].xcom_pull(context["ti"].task_id, key="before", map_indexes=context["ti"].map_index)]


class WaitFromTheStart(BaseOperator):
    start_trigger_args = StartTriggerArgs(
        trigger_cls=f"{__name__}.FileIsThere", trigger_kwargs={"path": f"{FOLDER}/now"}, next_method="done", timeout=timedelta(minutes=5)
    )
    start_from_trigger = True

    def execute(self, context):
        raise RuntimeError("never called")

    def done(self, context, event):
        return event


class Pokes(BaseSensorOperator):
    def poke(self, context):
        return os.path.exists(f"{FOLDER}/poke")


class SoonAgain(RetryPolicy):
    def evaluate(self, exception, try_number, max_tries, context=None):
        return RetryDecision.retry(delay=timedelta(seconds=0.2), reason="it was only a moment")


with DAG("waiting", start_date=datetime(2024, 1, 1), schedule=None):
    for number in range(8):
        Wait(task_id=f"python_{number}", trigger=FileIsThere(f"{FOLDER}/now"))
    WaitFromTheStart(task_id="from_the_start")
    Wait(task_id="ended_by_trigger", trigger=FileIsThere(f"{FOLDER}/now", ends=True))
    FileSensor(task_id="native_file", filepath=f"{FOLDER}/now", poke_interval=0.2, deferrable=True)
    TimeDeltaSensor(task_id="native_time", delta=timedelta(seconds=1), deferrable=True)

with DAG("limited", start_date=datetime(2024, 1, 1), schedule=None):
    Wait(task_id="too_late", trigger=FileIsThere(f"{FOLDER}/never"), limit=timedelta(seconds=1))
    FileSensor(task_id="soft", filepath=f"{FOLDER}/never", timeout=1, soft_fail=True, deferrable=True, poke_interval=0.2)
    ExternalTaskSensor(
        task_id="no_such_run", external_dag_id="waiting", timeout=1, deferrable=True, poke_interval=0.2, execution_delta=timedelta(days=9)
    )

with DAG("blocking", start_date=datetime(2024, 1, 1), schedule=None):
    Wait(task_id="blocks", trigger=Stubborn(20))
    Wait(task_id="quiet", trigger=FileIsThere(f"{FOLDER}/quiet"))

with DAG("poking", start_date=datetime(2024, 1, 1), schedule=None):
    Pokes(task_id="pokes", mode="reschedule", poke_interval=0.5, timeout=120)

with DAG("again", start_date=datetime(2024, 1, 1), schedule=None):

    @task(retries=1, retry_delay=timedelta(hours=1), retry_policy=SoonAgain())
    def fails_once(ti=None):
        if ti.try_number == 1:
            raise KeyError("x")

    fails_once()

with DAG("asking", start_date=datetime(2024, 1, 1), schedule=None):
    approve = ApprovalOperator(task_id="approve", subject="Publish?")
    choose = HITLBranchOperator(task_id="choose", subject="Where to?", options=["left", "right"])
    HITLOperator(
        task_id="nobody_answers",
        subject="Quick!",
        options=["yes", "no"],
        defaults=["no"],
        response_timeout=timedelta(seconds=1),
    )
    HITLEntryOperator(task_id="enter", subject="How many?", params={"rows": Param(1, type="integer")})
    choose >> [EmptyOperator(task_id="left"), EmptyOperator(task_id="right")]
    approve >> EmptyOperator(task_id="published")
