"""Running a function in another Python interpreter: what goes in, what comes out, and the script between."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

SERIALIZERS = ("pickle", "cloudpickle", "dill")

#: Names of the context whose values are plain enough for any interpreter.
PLAIN_KEYS = frozenset(
    [
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "execution_date",
        "expanded_ti_count",
        "logical_date",
        "map_index_template",
        "next_ds",
        "next_ds_nodash",
        "params",
        "prev_ds",
        "prev_ds_nodash",
        "run_id",
        "task_instance_key_str",
        "templates_dict",
        "test_mode",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "yesterday_ds",
        "yesterday_ds_nodash",
    ]
)

_SCRIPT = """
import {serializer}, sys

with open(sys.argv[1], "rb") as file:
    arg_dict = {serializer}.load(file)
with open(sys.argv[3], encoding="utf-8") as file:
    virtualenv_string_args = file.read().splitlines()

{source}

try:
    result = {name}(*arg_dict["args"], **arg_dict["kwargs"])
except Exception as error:
    with open(sys.argv[4], "w", encoding="utf-8") as file:
        file.write(f"{{type(error).__name__}}: {{error}}")
    raise
if result is not None:
    with open(sys.argv[2], "wb") as file:
        {serializer}.dump(result, file)
"""


def function_source(function: Callable[..., Any]) -> str:
    """The source of ``function`` without indentation and decorators."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if re.match(r"(async\s+)?def\s", line)), 0)
    return "".join(lines[start:])


def script(function: Callable[..., Any], serializer: str) -> str:
    """The script that calls ``function``; its arguments are the paths of input, output, texts and error."""
    return _SCRIPT.format(serializer=serializer, source=function_source(function), name=function.__name__)


def plain_context(context: Any, *, with_pendulum: bool) -> dict[str, Any]:
    """Those values of the context that another interpreter can read; dates are pendulum's where it has pendulum."""
    found: dict[str, Any] = {}
    for key in PLAIN_KEYS:
        if key not in context:
            continue
        value = context[key]
        found[key] = value if with_pendulum else _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        zone = dt.timezone(value.utcoffset() or dt.timedelta()) if value.tzinfo is not None else None
        return dt.datetime(*value.timetuple()[:6], value.microsecond, tzinfo=zone)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def check_function(function: Any, where: str) -> None:
    """Raise unless ``function`` can be taken to another interpreter by its source."""
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        raise ValueError(f"the function of {where} has to be defined with def (no lambda, method or callable object)")
    if inspect.isgeneratorfunction(function):
        raise ValueError(f"the function of {where} must not be a generator")
