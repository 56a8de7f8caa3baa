"""Values of the JSON form: times, durations, params, templates and lengths."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput, ExpandInput, MappedArgument
from airflow.sdk.definitions.xcom_arg import ConcatXComArg, MapXComArg, PlainXComArg, XComArg, ZipXComArg
from airflow.sdk.types import is_arg_set

TEMPLATE_LIMIT = 4096


def as_time(value: dt.datetime | None) -> str | None:
    """RFC 3339 in UTC with ``Z``."""
    if value is None:
        return None
    moment = value.astimezone(dt.timezone.utc)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z" if moment.year >= 1000 else f"{moment.isoformat()[:-6]}Z"


def as_seconds(value: dt.timedelta | float | None) -> float | int | None:
    """A duration in seconds, whole when it is."""
    if value is None:
        return None
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else value
    return int(seconds) if float(seconds).is_integer() else seconds


def as_json(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON; what JSON cannot say becomes text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and value not in (float("inf"), float("-inf")) else str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return as_seconds(value)
    if depth < 20 and isinstance(value, Mapping):
        return {str(key): as_json(item, depth + 1) for key, item in value.items()}
    if depth < 20 and isinstance(value, (list, tuple)):
        return [as_json(item, depth + 1) for item in value]
    if depth < 20 and isinstance(value, (set, frozenset)):
        return sorted((as_json(item, depth + 1) for item in value), key=str)
    if isinstance(value, XComArg):
        return str(value) if isinstance(value, PlainXComArg) else repr(value)
    if callable(value):
        # The address in a function's repr would make a new version of the DAG at each parse.
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    text = str(value)
    return f"<{type(value).__module__}.{type(value).__qualname__}>" if " at 0x" in text else text


def as_text(value: Any) -> Any:
    """A template field's value as JSON, or as cut text when it is long."""
    plain = as_json(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return plain if len(text) <= TEMPLATE_LIMIT else text[:TEMPLATE_LIMIT]


def params_form(params: Any) -> dict[str, Any]:
    """Params by name, each with its place in the order of definition: maps of JSON lose it."""
    found: dict[str, Any] = {}
    for position, (name, param) in enumerate(params.raw().items()):
        has_value = is_arg_set(param.value)
        entry: dict[str, Any] = {
            "value": as_json(param.value) if has_value else None,
            "has_value": has_value,
            "position": position,
            "schema": as_json(param.schema),
        }
        if param.description is not None:
            entry["description"] = param.description
        found[name] = entry
    return found


def length_of(expand_input: ExpandInput) -> dict[str, Any]:
    """How many instances an expansion has, as a LENGTH expression."""
    if isinstance(expand_input, DictOfListsExpandInput):
        lengths = [_length(value) for value in expand_input.value.values()]
        return lengths[0] if len(lengths) == 1 else {"product": lengths}
    return _length(expand_input.value)


def _length(value: Any) -> dict[str, Any]:
    if isinstance(value, PlainXComArg):
        return {"task": value.operator.task_id}
    if isinstance(value, MapXComArg):
        return _length(value.arg)
    if isinstance(value, ZipXComArg):
        return {"zip": [_length(arg) for arg in value.args], "longest": is_arg_set(value.fillvalue)}
    if isinstance(value, ConcatXComArg):
        return {"concat": [_length(arg) for arg in value.args]}
    if isinstance(value, MappedArgument):
        raise NotImplementedError("an argument of a mapped task group cannot be expanded again")
    return {"literal": len(value)}
