"""Checks of operator arguments; each error names the task, the argument and what would be right."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.configuration import conf
from airflow.task.weight_rule import db_safe_priority


def as_flag(value: Any, name: str, where: str) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise TypeError(f"{name!r} of {where} has to be True or False, not {value!r}")
    return value


def as_number(value: Any, name: str, where: str) -> Any:
    """A number or a boolean, kept as it is."""
    if not isinstance(value, (bool, int, float)) or value < 0:
        raise TypeError(f"{name!r} of {where} has to be a number of 0 or more, not {value!r}")
    return value


def as_retries(value: Any, where: str) -> int:
    """A number of retries; ``None`` is 0, and texts of digits are converted."""
    if value is None:
        return conf.getint("core", "default_task_retries", fallback=0)
    if isinstance(value, int):
        return value
    try:
        return int(value)
    except (TypeError, ValueError):
        raise TypeError(f"'retries' of {where} has to be a whole number, not {value!r}") from None


def as_seconds(value: Any, name: str, where: str) -> timedelta:
    """A timedelta; a number means seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    raise TypeError(f"{name!r} of {where} has to be a timedelta or a number of seconds, not {value!r}")


def as_timedelta(value: Any, name: str, where: str) -> timedelta | None:
    """A timedelta or nothing."""
    if value is not None and not isinstance(value, timedelta):
        raise ValueError(f"{name!r} of {where} has to be a timedelta, not {value!r}")
    return value


def as_weight(value: Any, where: str) -> int:
    """A whole number held within 32 bits."""
    if not isinstance(value, int):
        raise TypeError(f"'priority_weight' of {where} has to be a whole number, not {value!r}")
    return db_safe_priority(value)


def as_pool_slots(value: Any, where: str) -> int:
    """A whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"'pool_slots' of {where} has to be a whole number, not {value!r}")
    if value < 1:
        raise ValueError(f"'pool_slots' of {where} has to be 1 or more, not {value}")
    return value


def as_limit(value: Any, name: str, where: str) -> int | None:
    """A whole number, texts of digits converted, or nothing."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError(f"{name!r} of {where} has to be a whole number, not {value!r}")
    return value


def as_text(value: Any, name: str, where: str) -> str | None:
    """A text or nothing."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name!r} of {where} has to be a text, not {value!r}")
    return value


def as_resources(value: Any, where: str) -> dict[str, Any] | None:
    """Amounts of the known kinds of resources."""
    if value is None:
        return None
    known = ("cpus", "ram", "disk", "gpus")
    unknown = sorted(set(value) - set(known)) if isinstance(value, dict) else [repr(value)]
    if unknown:
        raise TypeError(
            f"'resources' of {where} has to be a dict with some of {', '.join(known)}; got {', '.join(map(str, unknown))}"
        )
    return dict(value)


def doc_fields(doc_md: str | None) -> str | None:
    """The text of ``doc_md``, or of the file it names."""
    if isinstance(doc_md, str) and doc_md.endswith(".md") and os.path.isfile(doc_md):
        with open(doc_md, encoding="utf-8") as file:
            return file.read()
    return doc_md
