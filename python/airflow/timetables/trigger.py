"""Timetables whose runs are moments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.timetables._cron import (
    as_delta,
    as_immediately,
    as_zone,
    delta_data,
    expand_preset,
    immediately_data,
    validate_cron,
    validate_delta,
    zone_text,
)
from airflow.timetables.base import DataInterval, Native, Timetable


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

    def serialize(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {"delta": delta_data(self._delta), "interval": delta_data(self._interval)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        return cls(as_delta(data["delta"]), interval=as_delta(data["interval"]))

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

    def serialize(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {"expression": self._expression, **_options_data(self)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        return cls(data["expression"], **_options(data))

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

    def serialize(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {"expressions": self._expressions, **_options_data(self)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        return cls(*data["expressions"], **_options(data))

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval before the moment."""
        return DataInterval(run_after - self._interval, run_after)


def _options_data(timetable: CronTriggerTimetable | MultipleCronTriggerTimetable) -> dict[str, Any]:
    return {
        "timezone": zone_text(timetable._timezone),
        "interval": delta_data(timetable._interval),
        "run_immediately": immediately_data(timetable.run_immediately),
    }


def _options(data: dict[str, Any]) -> dict[str, Any]:
    immediately = as_immediately(data.get("run_immediately", False))
    return {"timezone": data["timezone"], "interval": as_delta(data["interval"]), "run_immediately": immediately}


class CronPartitionTimetable(CronTriggerTimetable):
    """A run at each time that the cron text matches, named by a partition key; the key is not made here, which is a warning."""

    partitioned = True

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

    def serialize(self) -> dict[str, Any]:
        """The settings as JSON."""
        offset = self.run_offset if self.run_offset is None or isinstance(self.run_offset, int) else {"delta": delta_data(self.run_offset)}
        options = {name: value for name, value in _options_data(self).items() if name != "interval"}
        return {"expression": self._expression, **options, "run_offset": offset, "key_format": self.key_format}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        offset = data.get("run_offset")
        return cls(
            data["expression"],
            timezone=data["timezone"],
            run_offset=as_delta(offset["delta"]) if isinstance(offset, dict) else offset,
            run_immediately=as_immediately(data.get("run_immediately", False)),
            key_format=data["key_format"],
        )
