"""A timetable of listed moments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.timetables.base import Native, Timetable


class EventsTimetable(Native):
    """A run at each of ``event_dates``."""

    def __init__(
        self,
        event_dates: Iterable[Any],
        restrict_to_events: bool = False,
        presorted: bool = False,
        description: str | None = None,
    ) -> None:
        from airflow.sdk import timezone

        self.event_dates = [timezone.convert_to_utc(moment) for moment in event_dates]
        if not presorted:
            self.event_dates.sort()
        self.restrict_to_events = restrict_to_events
        count = len(self.event_dates)
        self.description = description or (
            f"{count} events between {self.event_dates[0].isoformat()} and {self.event_dates[-1].isoformat()}" if count else "No events"
        )
        self._summary = description or f"{count} events"

    @property
    def summary(self) -> str:
        """The number of events, or what was given as description."""
        return self._summary

    def serialize(self) -> dict[str, Any]:
        """The settings as JSON."""
        return {
            "event_dates": [moment.isoformat() for moment in self.event_dates],
            "restrict_to_events": self.restrict_to_events,
            "description": self.description,
            "_summary": self._summary,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """From the settings."""
        from airflow.sdk import timezone

        moments = [timezone.parse(text) for text in data["event_dates"]]
        made = cls(moments, restrict_to_events=data["restrict_to_events"], presorted=True, description=data["description"])
        made._summary = data.get("_summary", made._summary)
        return made
