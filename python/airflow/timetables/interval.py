"""Timetables whose runs are about an interval and come when it has ended."""

from __future__ import annotations

from typing import Any

from airflow.timetables._cron import as_delta, as_zone, delta_data, expand_preset, validate_cron, validate_delta, zone_text
from airflow.timetables.base import Native, Timetable


class CronDataIntervalTimetable(Native):
    """Intervals between the times that the cron text matches."""

    def __init__(self, cron: str, timezone: Any = None) -> None:
        self._expression = expand_preset(cron)
        self._timezone = as_zone(timezone)
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
        return {"expression": self._expression, "timezone": zone_text(self._timezone)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        return cls(data["expression"], data["timezone"])


class DeltaDataIntervalTimetable(Native):
    """Intervals of length ``delta``."""

    def __init__(self, delta: Any) -> None:
        self._delta = delta
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
        return {"delta": delta_data(self._delta)}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        return cls(as_delta(data["delta"]))
