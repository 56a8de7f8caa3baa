"""``@setup`` and ``@teardown``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.sdk.bases.decorator import _TaskDecorator
from airflow.sdk.exceptions import AirflowException


def _as_task(function: Any, what: str) -> Any:
    from airflow.sdk.definitions.decorators.task_group import _TaskGroupFactory

    if isinstance(function, _TaskGroupFactory):
        raise AirflowException(f"Task groups cannot be marked as {what}.")
    if isinstance(function, _TaskDecorator):
        return function
    from airflow.providers.standard.decorators.python import python_task

    return python_task(function)


def setup_task(func: Callable[..., Any]) -> Any:
    """Make a function (or a ``@task``) a setup."""
    made = _as_task(func, "setup")
    made.is_setup = True
    return made


def teardown_task(_func: Callable[..., Any] | None = None, *, on_failure_fail_dagrun: bool | None = None) -> Any:
    """Make a function (or a ``@task``) a teardown."""

    def decorate(function: Any) -> Any:
        made = _as_task(function, "teardown")
        made.is_teardown = True
        made.on_failure_fail_dagrun = on_failure_fail_dagrun
        return made

    return decorate if _func is None else decorate(_func)
