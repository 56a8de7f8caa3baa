"""Tasks that wait in triggers, and the triggers."""

import asyncio
import time
from datetime import datetime, timedelta

from airflow.models import BaseOperator
from airflow.sdk import DAG
from airflow.sdk.bases.sensor import BaseSensorOperator
from airflow.triggers.base import BaseTrigger, StartTriggerArgs, TaskSkippedEvent, TriggerEvent


class Echo(BaseTrigger):
    """Fires with what it was given."""

    def __init__(self, value, pause=0.0, how="event"):
        super().__init__()
        self.value, self.pause, self.how = value, pause, how

    def serialize(self):
        return f"{__name__}.Echo", {"value": self.value, "pause": self.pause, "how": self.how}

    async def run(self):
        self.log.info("waiting %s", self.pause)
        print("a printed line of", self.task_instance.task_id if self.task_instance else None)
        if self.how == "block":
            time.sleep(self.pause)
        else:
            await asyncio.sleep(self.pause)
        if self.how == "fail":
            raise LookupError("nothing there")
        if self.how == "skip":
            yield TaskSkippedEvent(xcoms={"why": "because"})
        if self.how == "exit":
            import os

            os._exit(3)
        yield TriggerEvent({"value": self.value})

    async def cleanup(self):
        self.log.info("cleaned up")

    async def on_kill(self):
        self.log.info("told to stop")


class Waits(BaseOperator):
    def __init__(self, *, how="event", timeout=None, **kwargs):
        super().__init__(**kwargs)
        self.how, self.timeout = how, timeout

    def execute(self, context):
        context["ti"].xcom_push("before", 1)
        moment = datetime(2024, 1, 1)
        self.defer(trigger=Echo(moment, how=self.how), method_name="done", kwargs={"more": (1, 2)}, timeout=self.timeout)

    def done(self, context, event, more):
        return [str(event["value"]), list(more)]


class WaitsTwice(Waits):
    def done(self, context, event, more):
        self.defer(trigger=Echo("second"), method_name="done_again")

    def done_again(self, context, event):
        return event["value"]


class BeginsWaiting(BaseOperator):
    start_trigger_args = StartTriggerArgs(
        trigger_cls=f"{__name__}.Echo",
        trigger_kwargs={"value": "from the start"},
        next_method="done",
        timeout=timedelta(minutes=2),
    )
    start_from_trigger = True

    def execute(self, context):
        raise RuntimeError("never called")

    def done(self, context, event):
        return event["value"]


class RendersFirst(BeginsWaiting):
    start_trigger_args = StartTriggerArgs(
        trigger_cls=f"{__name__}.Echo", trigger_kwargs={"value": "{{ ds }}"}, next_method="done", timeout=None
    )


class Watches(BaseSensorOperator):
    def execute(self, context):
        self.defer(trigger=Echo(1), method_name="done", timeout=self.trigger_timeout())

    def done(self, context, event):
        raise ValueError("bad event")


with DAG("waiting", start_date=datetime(2024, 1, 1), schedule=None):
    Waits(task_id="waits")
    Waits(task_id="limited", timeout=timedelta(seconds=90))
    WaitsTwice(task_id="twice")
    BeginsWaiting(task_id="begins")
    RendersFirst(task_id="renders")
    Watches(task_id="watches", timeout=30)
    Watches(task_id="watches_softly", timeout=30, soft_fail=True)
    Watches(task_id="never_fails", never_fail=True)
