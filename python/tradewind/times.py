"""Times and durations as they travel in frames."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import overload

import pendulum
from pendulum import DateTime


@overload
def from_wire(text: None) -> None: ...
@overload
def from_wire(text: str) -> DateTime: ...
def from_wire(text: str | None) -> DateTime | None:
    """The moment an RFC 3339 text names, as a pendulum DateTime in UTC."""
    if text is None:
        return None
    moment = datetime.fromisoformat(_normal(text)).astimezone(timezone.utc)
    return DateTime(
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond, tzinfo=pendulum.UTC
    )


def _normal(text: str) -> str:
    """``text`` as Python 3.10 reads it: an offset instead of ``Z``, and six digits of a second's fraction or none."""
    if text.endswith(("Z", "z")):
        text = text[:-1] + "+00:00"
    head, point, rest = text.partition(".")
    if not point:
        return text
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{head}.{digits[:6]:0<6}{rest[len(digits) :]}"


@overload
def to_wire(moment: None) -> None: ...
@overload
def to_wire(moment: datetime | str) -> str: ...
def to_wire(moment: datetime | str | None) -> str | None:
    """RFC 3339 in UTC with ``Z``; texts pass unchanged, naive datetimes are read in the default zone."""
    if moment is None or isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        from airflow.sdk.timezone import convert_to_utc

        moment = convert_to_utc(moment)
    utc = moment.astimezone(timezone.utc)
    pattern = "%Y-%m-%dT%H:%M:%S.%fZ" if utc.microsecond else "%Y-%m-%dT%H:%M:%SZ"
    return utc.strftime(pattern)


def now() -> DateTime:
    """The current time in UTC."""
    return pendulum.now(pendulum.UTC)
