"""Marks for functions that the program calls by their name: listeners and policies. Calls pass only the arguments that a function takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_MARK = "_airflow_hook"


def hookimpl(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Mark a function; with or without options in parentheses."""

    def mark(marked: Callable[..., Any]) -> Callable[..., Any]:
        marked.__dict__[_MARK] = options
        return marked

    return mark if function is None else mark(function)


def implementation(owner: Any, name: str) -> Callable[..., Any] | None:
    """The function ``name`` of a module, class or object, when it is marked (by us or by pluggy)."""
    found = getattr(owner, name, None)
    if found is None or not callable(found):
        return None
    inner = getattr(found, "__func__", found)
    return found if hasattr(inner, _MARK) or hasattr(inner, "airflow_impl") or hasattr(inner, "airflow.policy_impl") else None


def call(function: Callable[..., Any], **arguments: Any) -> Any:
    """Call ``function`` with those of ``arguments`` that it takes."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return function(**arguments)
    taken = {parameter.name for parameter in parameters}
    return function(**{name: value for name, value in arguments.items() if name in taken})
