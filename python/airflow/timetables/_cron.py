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
