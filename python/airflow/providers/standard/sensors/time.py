"""Waiting for a time of the day."""

from __future__ import annotations

import datetime as dt
from typing import Any, NoReturn

from airflow.sdk.bases.sensor import BaseSensorOperator


class TimeSensor(BaseSensorOperator):
    """Waits until ``target_time`` of today, in the time zone of the DAG."""

    def __init__(self, *, target_time: dt.time, deferrable: bool = False, **kwargs: Any) -> None:
        for name in ("start_from_trigger", "end_from_trigger", "trigger_kwargs"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        self.target_time = target_time
        self.deferrable = deferrable

    @property
    def target_datetime(self) -> dt.datetime:
        """The moment of today."""
        from airflow.sdk import timezone

        zone = self.dag.timezone
        today = timezone.coerce_datetime(timezone.utcnow(), zone).date()
        return dt.datetime.combine(today, self.target_time, tzinfo=self.target_time.tzinfo or zone)

    def poke(self, context: Any) -> bool:
        """Whether the time has come."""
        from airflow.sdk import timezone

        self.log.info("Checking if the time (%s) has come", self.target_datetime)
        return timezone.utcnow() > self.target_datetime


class TimeSensorAsync(TimeSensor):
    """The same, waiting in a trigger."""

    def execute(self, context: Any) -> NoReturn:
        """Wait for the trigger."""
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        self.defer(trigger=DateTimeTrigger(self.target_datetime), method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The time has come."""
