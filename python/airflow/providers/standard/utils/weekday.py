"""Days of the week."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any


class WeekDay(IntEnum):
    """A day of the week; Monday is 1."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """The day with this English name."""
        try:
            return cls[week_day_str.upper()]
        except KeyError:
            allowed = ", ".join(day.name.capitalize() for day in cls)
            raise AttributeError(f'Invalid Week Day passed: "{week_day_str}"; it has to be one of {allowed}') from None

    @classmethod
    def convert(cls, day: str | WeekDay) -> int:
        """The number of a day given by name or value."""
        return int(cls.get_weekday_number(day)) if isinstance(day, str) else int(cls(day))

    @classmethod
    def validate_week_day(cls, week_day: str | WeekDay | Iterable[str] | Iterable[WeekDay]) -> set[int]:
        """The numbers of one or several days."""
        if isinstance(week_day, (str, WeekDay)):
            return {cls.convert(week_day)}
        if isinstance(week_day, Iterable):
            return {cls.convert(day) for day in week_day}
        raise TypeError(f"week_day has to be a day or several, not {type(week_day).__name__}: {week_day!r}")


def today_or_logical(context: Any, use_logical: bool) -> Any:
    """The moment whose day counts, in the time zone of the DAG."""
    from airflow.sdk import timezone

    zone = context["dag"].timezone
    logical = context.get("logical_date") if use_logical else None
    if logical is None:
        run = context.get("dag_run")
        logical = getattr(run, "run_after", None) if use_logical else None
    return timezone.coerce_datetime(logical or timezone.utcnow(), zone)
