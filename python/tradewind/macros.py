"""``macros`` of the template context."""

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
    """The date ``days`` after ``ds`` (before it when negative)."""
    return (datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)).strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """``ds`` in another format."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """``ds`` in another format, an LDML pattern, with names in the language of ``locale`` (needs the package Babel)."""
    try:
        from babel.dates import LC_TIME, format_datetime
    except ImportError:
        raise ImportError("macros.ds_format_locale needs the package Babel: pip install babel") from None
    return str(format_datetime(datetime.strptime(str(ds), input_format), format=output_format, locale=locale or LC_TIME))


def datetime_diff_for_humans(dt: Any, since: Any = None) -> str:
    """The distance of ``dt`` from ``since`` (now when not given) in words, such as ``2 days ago``."""
    import pendulum

    moment = pendulum.instance(dt)
    return str(moment.diff_for_humans(None if since is None else pendulum.instance(since)))


def __getattr__(name: str) -> Any:
    """Optional parts, imported when a template uses them."""
    if name in ("dateutil", "yaml"):
        import importlib

        try:
            module = importlib.import_module(name)
            if name == "dateutil":
                for part in ("parser", "relativedelta", "rrule", "tz"):
                    importlib.import_module(f"dateutil.{part}")
            return module
        except ImportError:
            package = {"dateutil": "python-dateutil", "yaml": "pyyaml"}[name]
            raise AttributeError(f"macros.{name} needs the package {package}: pip install {package}") from None
    if not name.startswith("_"):
        from airflow import plugins_manager

        if plugins_manager.old_module("macros", name):
            return plugins_manager.macros(name)
    raise AttributeError(f"macros has no {name!r}")
