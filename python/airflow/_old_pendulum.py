"""Names and arguments of pendulum 1 and 2, which came with Airflow 1.10 and 2.x: DAG files written for those use them."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pendulum

from airflow import _warnings

_installed = False


def install() -> None:
    """Let this process know the old names; where pendulum has them itself, its own stay."""
    global _installed
    if _installed:
        return
    _installed = True
    own = pendulum.datetime

    def datetime(*args: Any, tzinfo: Any = None, **kwargs: Any) -> Any:
        if tzinfo is not None:
            _warnings.deprecated("pendulum.datetime(tzinfo=...) is now pendulum.datetime(tz=...)", refused=True)
            kwargs["tz"] = tzinfo
        return own(*args, **kwargs)

    datetime.__doc__ = own.__doc__
    pendulum.datetime = datetime
    for name, value in {
        "Pendulum": pendulum.DateTime,
        "Period": pendulum.Interval,
        "period": pendulum.interval,
        "create": _create,
        "utcnow": _utcnow,
    }.items():
        if not hasattr(pendulum, name):
            setattr(pendulum, name, value)
    zones = importlib.import_module("pendulum.tz").timezone
    if isinstance(zones, ModuleType):
        zones.__class__ = _Zones


class _Zones(ModuleType):
    """``pendulum.tz.timezone`` was a function before it was the module of this name."""

    def __call__(self, name: str) -> Any:
        _warnings.deprecated("pendulum.tz.timezone(...) is now pendulum.timezone(...)", refused=True)
        return pendulum.timezone(name)


def _create(
    year: int | None = None,
    month: int | None = None,
    day: int | None = None,
    hour: int | None = None,
    minute: int | None = None,
    second: int | None = None,
    microsecond: int = 0,
    tz: Any = "UTC",
) -> Any:
    """``pendulum.create`` of 1.x: a part of the date that is left out is today's; without an hour the time is now's."""
    _warnings.deprecated("pendulum.create(...) is now pendulum.datetime(...)", refused=True)
    now = pendulum.now(tz)
    if hour is None:
        hour = now.hour
        minute = now.minute if minute is None else minute
        second = now.second if second is None else second
    return pendulum.datetime(
        year or now.year, month or now.month, day or now.day, hour, minute or 0, second or 0, microsecond, tz=tz
    )


def _utcnow() -> Any:
    """``pendulum.utcnow`` of 1.x."""
    _warnings.deprecated("pendulum.utcnow() is now pendulum.now('UTC')", refused=True)
    return pendulum.now("UTC")
