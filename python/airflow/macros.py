"""Functions and modules for templates: ``{{ macros.ds_add(ds, 5) }}``."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta
from random import random
from typing import Any

__all__ = [
    "datetime",
    "datetime_diff_for_humans",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
]


def ds_add(ds: str, days: int) -> str:
    """The date ``days`` after ``ds``; both are written ``YYYY-MM-DD``."""
    if not days:
        return str(ds)
    return (datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """``ds`` read by one format and written in another."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """As :func:`ds_format`, with the output format and locale of Babel."""
    try:
        from babel.dates import LC_TIME, format_datetime
    except ImportError:
        raise ImportError("macros.ds_format_locale needs the package 'babel'") from None
    moment = datetime.strptime(str(ds), input_format)
    return str(format_datetime(moment, format=output_format, locale=locale or LC_TIME))


def datetime_diff_for_humans(dt: Any, since: Any = None) -> str:
    """The distance between two moments in words; without ``since`` between the moment and now."""
    import pendulum

    return str(pendulum.instance(dt).diff_for_humans(pendulum.instance(since) if since is not None else None))


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "dateutil":
        import_module("dateutil.parser")
        import_module("dateutil.relativedelta")
        import_module("dateutil.tz")
        return import_module("dateutil")
    if name == "yaml":
        return import_module("yaml")
    raise AttributeError(f"macros has no {name!r}")
