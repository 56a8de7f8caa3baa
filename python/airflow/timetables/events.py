"""A timetable of listed moments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.timetables.base import Native


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
            f"{count} events between {self.event_dates[0]} and {self.event_dates[-1]}" if count else "No events"
        )
        self._summary = f"{count} events"

    @property
    def summary(self) -> str:
        """The number of events."""
        return self._summary
