"""Choosing the arguments of a function from the context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from airflow.providers.standard.operators._callables import select_arguments


def determine_kwargs(func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``kwargs`` those that ``func`` takes after ``args``."""
    return select_arguments(func, args, kwargs)
