"""Timetables whose runs are moments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.timetables._cron import as_zone, expand_preset, validate_cron, validate_delta
from airflow.timetables.base import DataInterval, Native


class DeltaTriggerTimetable(Native):
    """A run each ``delta``."""

    def __init__(self, delta: Any, *, interval: Any = dt.timedelta()) -> None:
        self._delta = delta
        self._interval = interval
        self.description = str(delta)

    @property
    def summary(self) -> str:
        """The delta as text."""
        return str(self._delta)

    def validate(self) -> None:
        """The delta has to be positive."""
        validate_delta(self._delta)

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval before the moment."""
        return DataInterval(run_after - self._interval, run_after)


class CronTriggerTimetable(Native):
    """A run at each time that the cron text matches."""

    def __init__(
        self, cron: str, *, timezone: Any = None, interval: Any = dt.timedelta(), run_immediately: bool | dt.timedelta = False
    ) -> None:
        self._expression = expand_preset(cron)
        self._timezone = as_zone(timezone)
        self._interval = interval
        self.run_immediately = run_immediately
        self.description = self._expression

    @property
    def summary(self) -> str:
        """The cron text."""
        return self._expression

    def validate(self) -> None:
        """The cron text has to be acceptable."""
        validate_cron(self._expression)

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval before the moment."""
        return DataInterval(run_after - self._interval, run_after)


class MultipleCronTriggerTimetable(Native):
    """A run at each time that one of several cron texts matches."""

    def __init__(
        self, *crons: str, timezone: Any = None, interval: Any = dt.timedelta(), run_immediately: bool | dt.timedelta = False
    ) -> None:
        if not crons:
            raise ValueError("cron expression required")
        self._expressions = [expand_preset(cron) for cron in crons]
        self._timezone = as_zone(timezone)
        self._interval = interval
        self.run_immediately = run_immediately
        self.description = ", ".join(self._expressions)

    @property
    def summary(self) -> str:
        """The cron texts."""
        return ", ".join(self._expressions)

    def validate(self) -> None:
        """Each cron text has to be acceptable."""
        for cron in self._expressions:
            validate_cron(cron)

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval before the moment."""
        return DataInterval(run_after - self._interval, run_after)


class CronPartitionTimetable(CronTriggerTimetable):
    """A run at each time that the cron text matches, named by a partition key; the key is not made here, which is a warning."""

    def __init__(
        self,
        cron: str,
        *,
        timezone: Any = None,
        run_offset: Any = None,
        run_immediately: bool | dt.timedelta = False,
        key_format: str = "%Y-%m-%dT%H:%M:%S",
    ) -> None:
        super().__init__(cron, timezone=timezone, run_immediately=run_immediately)
        self.run_offset, self.key_format = run_offset, key_format
