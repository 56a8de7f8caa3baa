"""Deferrals: how a task gives its slot back while it waits, and how it goes on.

With a triggerer the attempt ends as ``deferred``, and another attempt goes on in the next method. A run in one process (``dags test``) has none: there the
trigger runs inside the task, with the same states, retries and order of calls.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowSkipException, TaskAwaitingInput, TaskDeferred
from airflow.utils.state import TaskInstanceState
from tradewind import triggerwire

log = logging.getLogger("airflow.task")


def execute(task: Any, context: Mapping[str, Any], resume: Mapping[str, Any] | None, in_place: bool) -> Any:
    """``task.execute``, or the method in which it goes on. ``in_place``: triggers run here."""
    try:
        return _step(task, context, resume)
    except TaskAwaitingInput as waits:
        if not in_place:
            raise
        return _by_default(task, context, waits)
    except TaskDeferred as deferred:
        if not in_place:
            raise
        wait: TaskDeferred | None = deferred
    while wait is not None:
        event = _wait_for(wait)
        state = getattr(event, "task_instance_state", None)
        if state is not None:
            return _ended(event, state, context)
        kwargs = dict(wait.kwargs or {})
        method = wait.method_name
        if isinstance(event, _Failed):
            method, kwargs = "__fail__", {"error": event.reason, "message": event.message}
        else:
            kwargs["event"] = getattr(event, "payload", event)
        try:
            return task.resume_execution(method, kwargs, context)
        except TaskDeferred as again:
            wait = again
    return None


def _step(task: Any, context: Mapping[str, Any], resume: Mapping[str, Any] | None) -> Any:
    if resume:
        method, kwargs = triggerwire.arguments(resume)
        return task.resume_execution(method, kwargs, context)
    return task.execute(context)


def _by_default(task: Any, context: Mapping[str, Any], waits: TaskAwaitingInput) -> Any:
    """Nobody can answer a run in one process: the defaults count at once."""
    defaults = getattr(task, "defaults", None)
    if not defaults:
        raise AirflowException(
            f"task {task.task_id!r} asks people, and has no defaults: only a run with a server can be answered"
        )
    log.info("Nobody is asked in a run in one process; the answer is %s", defaults)
    event: dict[str, Any] = {"chosen_options": list(defaults), "params_input": {}, "responded_by_user": None, "timedout": True}
    return task.resume_execution(waits.method_name, {**(waits.kwargs or {}), "event": event}, context)


class _Failed:
    """The trigger did not fire."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason, self.message = reason, message


def _wait_for(deferred: TaskDeferred) -> Any:
    # Not at the top: asyncio and what it loads would make every fork dearer, and few tasks wait in place.
    import asyncio

    timeout = deferred.timeout
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    name = type(deferred.trigger).__name__
    log.info("Waiting for trigger %s", name)
    try:
        event = asyncio.run(asyncio.wait_for(_first_event(deferred.trigger), seconds))
    except (TimeoutError, asyncio.TimeoutError):
        return _Failed("Trigger timeout", f"Trigger {name} sent nothing within {seconds} s")
    except Exception as error:
        log.error("Trigger %s failed: %s", name, error, exc_info=error)
        return _Failed("Trigger failure", f"Trigger {name} failed: {error}")
    return event


def _ended(event: Any, state: TaskInstanceState, context: Mapping[str, Any]) -> None:
    """The trigger says how the task has ended."""
    for key, value in event.xcoms.items():
        context["ti"].xcom_push(key, value)
    if state == TaskInstanceState.SKIPPED:
        raise AirflowSkipException("The trigger has skipped the task")
    if state == TaskInstanceState.FAILED:
        raise AirflowException("The trigger has failed the task")


async def _first_event(trigger: Any) -> Any:
    try:
        async for event in trigger.run():
            return event
        raise RuntimeError("the trigger ended without an event")
    finally:
        await trigger.cleanup()
