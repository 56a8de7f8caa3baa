"""Waiting for some time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any, NoReturn

from airflow.sdk.bases.sensor import BaseSensorOperator


def _as_delta(value: Any) -> Any:
    """A delta; a number means minutes."""
    return dt.timedelta(minutes=value) if isinstance(value, (int, float)) else value


class TimeDeltaSensor(BaseSensorOperator):
    """Waits until ``delta`` after the end of the run's interval."""

    template_fields: Sequence[str] = ("delta",)

    def __init__(self, *, delta: dt.timedelta | int, deferrable: bool = False, **kwargs: Any) -> None:
        kwargs.pop("end_from_trigger", None)
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = deferrable

    def _moment(self, context: Any) -> dt.datetime:
        base = context.get("data_interval_end") or context["dag_run"].run_after
        self.log.info("Checking if the delta has elapsed base_time=%s, delta=%s", base, self.delta)
        moment: dt.datetime = base + _as_delta(self.delta)
        return moment

    def poke(self, context: Any) -> bool:
        """Whether the moment has passed."""
        from airflow.sdk import timezone

        return timezone.utcnow() > self._moment(context)


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """The same, waiting in a trigger."""

    def execute(self, context: Any) -> NoReturn:
        """Wait for the trigger."""
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        self.defer(trigger=DateTimeTrigger(self._moment(context)), method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The moment has come."""


class WaitSensor(BaseSensorOperator):
    """Waits once for ``time_to_wait``."""

    template_fields: Sequence[str] = ("time_to_wait",)

    def __init__(self, *, time_to_wait: dt.timedelta | int, deferrable: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.time_to_wait = _as_delta(time_to_wait)
        self.deferrable = deferrable

    def execute(self, context: Any) -> None:
        """Wait."""
        time.sleep(self.time_to_wait.total_seconds())
