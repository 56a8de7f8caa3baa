"""Cron texts and deltas of timetables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk.exceptions import AirflowTimetableInvalid
from airflow.timetables._cron_syntax import CronError, check_cron

CRON_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
_PARSER_PRESETS = {"@midnight": "0 0 * * *", "@annually": "0 0 1 1 *"}


def expand_preset(text: str) -> str:
    """The cron text of a preset; other texts as they are."""
    return CRON_PRESETS.get(text, text)


def plain_cron(text: str) -> str:
    """``text`` as cron fields: blanks around it gone, and presets in any case replaced."""
    stripped = text.strip()
    return {**CRON_PRESETS, **_PARSER_PRESETS}.get(stripped.lower(), stripped)


def validate_cron(text: str) -> None:
    """Raise ``AirflowTimetableInvalid`` unless ``text`` can be followed."""
    try:
        check_cron(plain_cron(text).lower())
    except CronError as error:
        raise AirflowTimetableInvalid(f"[{text}] is not acceptable as a schedule: {error}") from None


def as_zone(value: Any) -> Any:
    """The time zone of a timetable."""
    if value is None or isinstance(value, str):
        from airflow.sdk import timezone

        return timezone.parse_timezone(value or "UTC")
    return value


def validate_delta(delta: Any) -> None:
    """Raise ``AirflowTimetableInvalid`` unless ``delta`` moves time forward."""
    now = dt.datetime(2024, 1, 1)
    if now + delta <= now:
        raise AirflowTimetableInvalid(f"schedule interval must be positive, not {delta!r}")


def zone_text(value: Any) -> str:
    """The name of a time zone, for a timetable's settings."""
    from airflow.sdk.definitions._internal.dates import zone_name

    return zone_name(value)


def delta_data(delta: Any) -> Any:
    """A delta in a timetable's settings: seconds, or the parts of a dateutil ``relativedelta``."""
    from tradewind._timetables import delta_form

    return delta.total_seconds() if isinstance(delta, dt.timedelta) else delta_form(delta)


def as_delta(data: Any) -> Any:
    """The delta of :func:`delta_data`."""
    if isinstance(data, (int, float)):
        return dt.timedelta(seconds=data)
    from dateutil import relativedelta

    parts = dict(data)
    if "weekday" in parts:
        day, number = parts["weekday"]
        parts["weekday"] = relativedelta.weekday(day, number)
    return relativedelta.relativedelta(**parts)


def as_immediately(data: Any) -> Any:
    """``run_immediately`` of a timetable's settings: a flag, or seconds."""
    return data if isinstance(data, bool) else dt.timedelta(seconds=data)


def immediately_data(value: Any) -> Any:
    """``run_immediately`` for a timetable's settings."""
    return value.total_seconds() if isinstance(value, dt.timedelta) else value
