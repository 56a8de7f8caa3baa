"""Time zones and aware datetimes."""

from __future__ import annotations

import datetime as dt
from typing import Any, overload

import pendulum
from pendulum import DateTime

from airflow.configuration import conf

utc = pendulum.UTC


def default_timezone() -> Any:
    """The zone of naive dates: ``[core] default_timezone``, UTC unless set."""
    name = conf.get("core", "default_timezone", fallback="utc")
    if name == "system":
        return pendulum.now("local").timezone
    return parse_timezone(name)


def parse_timezone(name: str | int) -> Any:
    """The pendulum time zone called ``name`` (an IANA name, or an offset in seconds)."""
    if isinstance(name, str) and name.lower() == "utc":
        return utc
    return pendulum.timezone(name)


def utcnow() -> DateTime:
    """The current time in UTC."""
    return pendulum.now(utc)


def is_localized(value: dt.datetime) -> bool:
    """Whether ``value`` knows its offset."""
    return value.utcoffset() is not None


def is_naive(value: dt.datetime) -> bool:
    """Whether ``value`` does not know its offset."""
    return value.utcoffset() is None


def make_aware(value: dt.datetime | None, timezone: Any = None) -> dt.datetime | None:
    """``value`` read as wall time of ``timezone`` (the default zone when not given)."""
    if value is None:
        return None
    if is_localized(value):
        raise ValueError(f"make_aware expects a naive datetime, got {value}")
    return pendulum.instance(value, tz=timezone or default_timezone())


def make_naive(value: dt.datetime, timezone: Any = None) -> dt.datetime:
    """The wall time of ``value`` in ``timezone``, without an offset."""
    if is_naive(value):
        raise ValueError("make_naive() cannot be applied to a naive datetime")
    local = value.astimezone(timezone or default_timezone())
    return dt.datetime(*local.timetuple()[:6], microsecond=local.microsecond, fold=local.fold)


@overload
def convert_to_utc(value: None) -> None: ...
@overload
def convert_to_utc(value: dt.datetime) -> DateTime: ...
def convert_to_utc(value: dt.datetime | None) -> DateTime | None:
    """``value`` in UTC; a naive one is read in the default zone."""
    if value is None:
        return None
    if is_naive(value):
        value = pendulum.instance(value, tz=default_timezone())
    return pendulum.instance(value.astimezone(utc))


@overload
def coerce_datetime(v: None, tz: Any = None) -> None: ...
@overload
def coerce_datetime(v: dt.datetime, tz: Any = None) -> DateTime: ...
def coerce_datetime(v: dt.datetime | None, tz: Any = None) -> DateTime | None:
    """``v`` as an aware pendulum DateTime, in ``tz`` when given."""
    if v is None:
        return None
    if is_naive(v):
        v = pendulum.instance(v, tz=tz or default_timezone())
    aware = v if isinstance(v, DateTime) else pendulum.instance(v)
    return aware if tz is None else aware.in_timezone(tz)


def datetime(*args: Any, **kwargs: Any) -> dt.datetime:
    """``datetime.datetime``, in the default zone unless ``tzinfo`` says otherwise."""
    kwargs.setdefault("tzinfo", default_timezone())
    return dt.datetime(*args, **kwargs)


def parse(string: str, timezone: Any = None, *, strict: bool = False) -> DateTime:
    """The moment that an ISO text means; without an offset it is read in ``timezone``."""
    parsed = pendulum.parse(string, tz=timezone or default_timezone(), strict=strict)
    if not isinstance(parsed, DateTime):
        raise ValueError(f"{string!r} is not a date and time")
    return parsed


def from_timestamp(timestamp: float, tz: Any = utc) -> DateTime:
    """The moment ``timestamp`` seconds after the epoch."""
    result = pendulum.from_timestamp(timestamp, tz=utc)
    return result if tz is utc else result.in_timezone(default_timezone() if tz == "local" else tz)


def td_format(td_object: dt.timedelta | float | int | None) -> str | None:
    """A duration in words such as ``1h:2M:3s``."""
    if not td_object:
        return None
    seconds = int(td_object.total_seconds() if isinstance(td_object, dt.timedelta) else td_object)
    parts = []
    for letter, size in (("y", 31536000), ("m", 2592000), ("d", 86400), ("h", 3600), ("M", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{letter}")
    return ":".join(parts) or "<1s"
