"""Waiting for some time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any

from airflow.sdk.bases.sensor import BaseSensorOperator, deferrable_or_default


def _as_delta(value: Any, name: str, task_id: str) -> Any:
    """A delta; a number, also as the text that a template gives, means minutes."""
    if isinstance(value, dt.timedelta) or hasattr(value, "normalized"):
        # A relativedelta has its own way of being added to a date.
        return value
    try:
        return dt.timedelta(minutes=float(value))
    except (TypeError, ValueError):
        raise ValueError(f"{name} of task {task_id!r} has to be a timedelta or a number of minutes, not {value!r}") from None


class TimeDeltaSensor(BaseSensorOperator):
    """Waits until ``delta`` after the end of the run's interval."""

    template_fields: Sequence[str] = ("delta",)

    def __init__(
        self, *, delta: dt.timedelta | int, deferrable: bool | None = None, end_from_trigger: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = deferrable_or_default(deferrable)
        self.end_from_trigger = end_from_trigger

    def _moment(self, context: Any) -> dt.datetime:
        base = context.get("data_interval_end") or context["dag_run"].run_after
        self.log.info("Checking if the delta has elapsed base_time=%s, delta=%s", base, self.delta)
        moment: dt.datetime = base + _as_delta(self.delta, "delta", self.task_id)
        return moment

    def poke(self, context: Any) -> bool:
        """Whether the moment has passed."""
        from airflow.sdk import timezone

        return timezone.utcnow() > self._moment(context)

    def execute(self, context: Any) -> Any:
        """Poke, or wait in a trigger unless the moment has passed."""
        if not self.deferrable:
            return super().execute(context)
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        if self.poke(context):
            return True
        trigger = DateTimeTrigger(self._moment(context), end_from_trigger=self.end_from_trigger)
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=self.trigger_timeout())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The moment has come."""


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """The same, always waiting in a trigger."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["deferrable"] = True
        super().__init__(**kwargs)


class WaitSensor(BaseSensorOperator):
    """Waits once for ``time_to_wait``."""

    template_fields: Sequence[str] = ("time_to_wait",)

    def __init__(self, *, time_to_wait: dt.timedelta | int, deferrable: bool | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = time_to_wait
        self.deferrable = deferrable_or_default(deferrable)

    def execute(self, context: Any) -> None:
        """Wait."""
        wait = _as_delta(self.time_to_wait, "time_to_wait", self.task_id)
        if self.deferrable:
            from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

            self.defer(trigger=TimeDeltaTrigger(wait, end_from_trigger=True), method_name="execute_complete")
        time.sleep(wait.total_seconds())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The time has passed."""
