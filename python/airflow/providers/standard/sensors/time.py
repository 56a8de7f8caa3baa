"""Waiting for a time of the day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk.bases.sensor import BaseSensorOperator, deferrable_or_default


class TimeSensor(BaseSensorOperator):
    """Waits until ``target_time`` of today, in the time zone of the DAG."""

    def __init__(
        self,
        *,
        target_time: dt.time,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time
        # Which day it is, is known when the task runs, not when the file is loaded: its attempt defers at once.
        self.deferrable = start_from_trigger or deferrable_or_default(deferrable)
        self.end_from_trigger = end_from_trigger

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

    def execute(self, context: Any) -> Any:
        """Poke, or wait in a trigger."""
        if not self.deferrable:
            return super().execute(context)
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        trigger = DateTimeTrigger(self.target_datetime, end_from_trigger=self.end_from_trigger)
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=self.trigger_timeout())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The time has come."""


class TimeSensorAsync(TimeSensor):
    """The same, always waiting in a trigger."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["deferrable"] = True
        super().__init__(**kwargs)
