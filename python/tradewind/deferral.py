"""Deferred tasks without a triggerer: the trigger runs inside the attempt, then the task goes on in its next method.

The task keeps its slot while it waits. States, retries and the order of calls are the same as with a triggerer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import (
    AirflowException,
    AirflowSkipException,
    TaskDeferralError,
    TaskDeferralTimeout,
    TaskDeferred,
)
from airflow.utils.state import TaskInstanceState

log = logging.getLogger("airflow.task")


def execute(task: Any, context: Mapping[str, Any]) -> Any:
    """``task.execute``, and for every deferral its trigger and next method."""
    try:
        return task.execute(context)
    except TaskDeferred as deferred:
        wait: TaskDeferred | None = deferred
    while wait is not None:
        event = _wait_for(wait)
        state = getattr(event, "task_instance_state", None)
        if state is not None:
            return _ended(event, state, context)
        payload = getattr(event, "payload", event)
        try:
            method = getattr(task, wait.method_name)
            return method(context, event=payload, **(wait.kwargs or {}))
        except TaskDeferred as again:
            wait = again
    return None


def _wait_for(deferred: TaskDeferred) -> Any:
    # Not at the top: asyncio and what it loads would make every fork dearer, and few tasks are deferred.
    import asyncio

    timeout = deferred.timeout
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    log.info("Waiting for trigger %s", type(deferred.trigger).__name__)
    try:
        event = asyncio.run(asyncio.wait_for(_first_event(deferred.trigger), seconds))
    except (TimeoutError, asyncio.TimeoutError):
        raise TaskDeferralTimeout(f"Trigger {type(deferred.trigger).__name__} sent nothing within {seconds} s") from None
    except Exception as error:
        raise TaskDeferralError(f"Trigger {type(deferred.trigger).__name__} failed: {error}") from error
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
