"""Source texts."""

from __future__ import annotations

import functools
import inspect
from typing import Any


def get_python_source(x: Any) -> str | None:
    """The source of a function, a class or a callable object; its name where there is no source."""
    if x is None or isinstance(x, str):
        return x
    while isinstance(x, functools.partial):
        x = x.func
    for target in (x, type(x), getattr(x, "__call__", None)):  # noqa: B004
        try:
            return inspect.getsource(target)  # type: ignore[arg-type]
        except (TypeError, OSError):
            continue
    return f"No source code available for {type(x)}"


def prepare_code_snippet(file_path: str, line_no: int, context_lines_count: int = 5) -> str:
    """Some lines of a file around one, with their numbers."""
    first = max(1, line_no - context_lines_count)
    with open(file_path, encoding="utf-8") as file:
        lines = file.read().splitlines()[first - 1 : line_no + context_lines_count]
    return "\n".join(f"{'*' if number == line_no else ' '}{number:5} {line}" for number, line in enumerate(lines, first))
