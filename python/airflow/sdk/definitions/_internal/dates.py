"""Start and end dates of DAGs and tasks."""

from __future__ import annotations

import datetime as dt
from typing import Any


def as_utc(value: Any, name: str, owner: str) -> Any:
    """A date of a DAG or task in UTC; texts are parsed, naive ones are read in the default time zone."""
    if value is None:
        return None
    from airflow.sdk import timezone

    if isinstance(value, str):
        try:
            value = timezone.parse(value)
        except ValueError as error:
            raise ValueError(f"{name} of {owner!r} is not a date: {value!r} ({error})") from None
    if not isinstance(value, dt.datetime):
        raise TypeError(f"{name} of {owner!r} has to be a datetime, not {type(value).__name__}: {value!r}")
    return timezone.convert_to_utc(value)


def zone_of(value: Any) -> Any:
    """The pendulum time zone of a start date, or ``None`` when it has none."""
    import pendulum

    from airflow.sdk import timezone

    if isinstance(value, str):
        value = timezone.parse(value)
    zone = getattr(value, "tzinfo", None)
    if zone is None:
        return None
    if zone is dt.timezone.utc:
        return timezone.utc
    return pendulum.instance(value).timezone


def zone_name(zone: Any) -> str:
    """The IANA name of ``zone``, or its offset such as ``+09:00``."""
    name = getattr(zone, "key", None) or getattr(zone, "name", None) or getattr(zone, "zone", None)
    if isinstance(name, str) and name and not name.startswith(("+", "-")):
        return name
    offset = zone.utcoffset(dt.datetime(2000, 1, 1, tzinfo=None))
    minutes = int((offset or dt.timedelta()).total_seconds()) // 60
    if minutes == 0:
        return "UTC"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
