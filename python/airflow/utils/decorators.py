"""Decorators of 1.10 and 2.x operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., object])


def remove_task_decorator(python_source: str, task_decorator_name: str) -> str:
    """``python_source`` without the lines of a decorator."""
    from airflow.providers.standard.utils.python_virtualenv import remove_task_decorator as remove

    return remove(python_source, task_decorator_name)


def fixup_decorator_warning_stack(func: Any) -> Any:
    """Nothing is left to do: warnings name the line of the DAG file."""
    return func


def apply_defaults(func: Function) -> Function:
    """Nothing: default arguments are applied to every operator."""
    return func
