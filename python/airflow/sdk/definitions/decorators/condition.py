"""``@task.run_if`` and ``@task.skip_if``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.sdk.bases.decorator import _TaskDecorator
from airflow.sdk.exceptions import AirflowSkipException

Condition = Callable[[Any], Any]


def _decide(condition: Condition, skip_when: bool, default_message: str, skip_message: str | None, before: Any) -> Any:
    def check(context: Any) -> None:
        found = condition(context)
        decision, message = found if isinstance(found, tuple) else (found, None)
        if bool(decision) is skip_when:
            raise AirflowSkipException(skip_message or message or default_message)
        if before is not None:
            before(context)

    return check


def _wrap(condition: Condition, skip_when: bool, default_message: str, skip_message: str | None) -> Any:
    def decorate(task: Any) -> Any:
        if not isinstance(task, _TaskDecorator):
            raise TypeError(f"run_if and skip_if can only be used with a task; put them above @task, not over {task!r}")
        before = task.kwargs.get("pre_execute")
        task.kwargs["pre_execute"] = _decide(condition, skip_when, default_message, skip_message, before)
        return task

    return decorate


def run_if(condition: Condition, skip_message: str | None = None) -> Any:
    """Skip the task unless ``condition(context)`` is true; it may return ``(decision, message)``."""
    return _wrap(condition, False, "Run condition is not met", skip_message)


def skip_if(condition: Condition, skip_message: str | None = None) -> Any:
    """Skip the task when ``condition(context)`` is true; it may return ``(decision, message)``."""
    return _wrap(condition, True, "Skip condition is met", skip_message)
