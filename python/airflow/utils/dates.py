"""Dates as 1.10 and 2.x code makes them."""

from __future__ import annotations

import datetime as dt
from datetime import datetime, timedelta
from typing import Any

from airflow.timetables._cron import CRON_PRESETS

__all__ = [
    "cron_presets",
    "date_range",
    "datetime",
    "days_ago",
    "parse_execution_date",
    "round_time",
    "timedelta",
]

cron_presets = dict(CRON_PRESETS)


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> Any:
    """The given time (midnight) of the day ``n`` days before today, in UTC."""
    from airflow.sdk import timezone

    today = timezone.utcnow().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - dt.timedelta(days=n)


def round_time(moment: dt.datetime, delta: dt.timedelta, start_date: dt.datetime | None = None) -> dt.datetime:
    """``moment`` rounded to the nearest ``start_date + n * delta``."""
    start = start_date or dt.datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    steps, rest = divmod(moment - start, delta)
    return start + delta * (steps + (1 if rest * 2 >= delta else 0))


def date_range(
    start_date: dt.datetime, end_date: dt.datetime | None = None, num: int | None = None, delta: Any = None
) -> list[dt.datetime]:
    """The moments from ``start_date`` on, ``delta`` apart, up to ``end_date`` or ``num`` of them."""
    if delta is None:
        return []
    if end_date is not None and num is not None:
        raise ValueError("Wait. Either specify end_date OR num")
    if not isinstance(delta, (dt.timedelta, int, float)):
        raise ValueError(f"date_range takes a timedelta or seconds as delta, not {delta!r}")
    step = delta if isinstance(delta, dt.timedelta) else dt.timedelta(seconds=delta)
    if step == dt.timedelta():
        raise ValueError("the delta of date_range cannot be 0")
    found = []
    if num is not None:
        moment = start_date
        for _ in range(abs(num)):
            found.append(moment)
            moment = moment + step if num > 0 else moment - step
        return sorted(found)
    last = end_date or dt.datetime.now(tz=start_date.tzinfo)
    moment = start_date
    while moment <= last:
        found.append(moment)
        moment += step
    return found


def parse_execution_date(execution_date_str: str) -> Any:
    """The moment that a text means."""
    from airflow.sdk import timezone

    return timezone.parse(execution_date_str)
