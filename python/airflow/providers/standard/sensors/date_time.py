"""Waiting for a moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NoReturn

from airflow.sdk.bases.sensor import BaseSensorOperator
from airflow.triggers.base import StartTriggerArgs


class DateTimeSensor(BaseSensorOperator):
    """Waits until ``target_time``, a datetime or a (templated) ISO text."""

    template_fields: Sequence[str] = ("target_time",)

    def __init__(self, *, target_time: str | dt.datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(target_time, dt.datetime):
            self.target_time = target_time.isoformat()
        elif isinstance(target_time, str):
            self.target_time = target_time
        else:
            raise TypeError(
                f"Expected str or datetime.datetime type for target_time of task {self.task_id!r}. Got {type(target_time)}"
            )

    @property
    def _moment(self) -> dt.datetime:
        from airflow.sdk import timezone

        # A native template gives the moment itself.
        target: Any = self.target_time
        return timezone.coerce_datetime(target) if isinstance(target, dt.datetime) else timezone.parse(target)

    def poke(self, context: Any) -> bool:
        """Whether the moment has passed."""
        from airflow.sdk import timezone

        self.log.info("Checking if the time (%s) has come", self.target_time)
        return timezone.utcnow() > self._moment


class DateTimeSensorAsync(DateTimeSensor):
    """The same, waiting in a trigger."""

    def __init__(
        self,
        *,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.end_from_trigger = end_from_trigger
        self.start_from_trigger = start_from_trigger
        if start_from_trigger:
            # A text that has to be rendered is rendered by the task itself, in its attempt.
            moment = {"target_time": self.target_time, "end_from_trigger": end_from_trigger}
            self.start_trigger_args = StartTriggerArgs(
                trigger_cls="airflow.providers.standard.triggers.temporal.DateTimeTrigger",
                trigger_kwargs={**moment, **(trigger_kwargs or {})},
                next_method="execute_complete",
                timeout=self.trigger_timeout(),
            )

    def execute(self, context: Any) -> NoReturn:
        """Wait for the trigger."""
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        trigger = DateTimeTrigger(self._moment, end_from_trigger=self.end_from_trigger)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=self.trigger_timeout())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The moment has come."""
