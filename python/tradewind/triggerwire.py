"""Triggers, deferrals and their events as they travel: values as in XComs, and ``Enum`` members as their values."""

from __future__ import annotations

import enum
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowException, TaskAwaitingInput, TaskDeferred
from tradewind import xcom
from tradewind.logs import format_exception

log = logging.getLogger("airflow.task")


def encode(value: Any, what: str) -> str:
    """The JSON text of ``value``; the ``TypeError`` names ``what`` it is."""
    try:
        return xcom.encode(_plain(value))
    except (TypeError, AttributeError, RecursionError) as error:
        raise TypeError(f"{what} cannot be stored: {error}") from None


def decode(text: str) -> Any:
    """The value of a text that :func:`encode` wrote."""
    return xcom.decode(text)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_plain(item) for item in value)
    return value


def deferral(deferred: TaskDeferred) -> dict[str, Any]:
    """The ``deferral`` of a result frame."""
    trigger = deferred.trigger
    try:
        classpath, kwargs = trigger.serialize()
    except AttributeError:
        raise TypeError(f"a task can only be deferred with a trigger, not with {type(trigger).__name__}") from None
    if not isinstance(classpath, str) or "." not in classpath or not isinstance(kwargs, Mapping):
        raise TypeError(
            f"{type(trigger).__name__}.serialize() has to return the dotted path of the class and a dict, not {(classpath, kwargs)!r}"
        )
    return {
        "classpath": classpath,
        "kwargs": encode(dict(kwargs), f"an argument of trigger {classpath}"),
        "method": deferred.method_name,
        "method_kwargs": encode(dict(deferred.kwargs or {}), "a keyword argument of the deferral"),
        "timeout": _seconds(deferred.timeout),
    }


def question(waits: TaskAwaitingInput) -> dict[str, Any]:
    """The ``deferral`` of a task that has asked people."""
    return {
        "method": waits.method_name,
        "method_kwargs": encode(dict(waits.kwargs or {}), "a keyword argument for after the answer"),
        "timeout": _seconds(waits.timeout),
    }


def _seconds(timeout: timedelta | float | None) -> float | None:
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout


def arguments(resume: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What :meth:`BaseOperator.resume_execution` is called with, given ``resume`` of START."""
    kwargs = dict(decode(resume.get("kwargs") or "{}"))
    failure = resume.get("failure")
    if failure is not None:
        reason = "Trigger timeout" if failure.get("reason") == "timeout" else "Trigger failure"
        return "__fail__", {"error": reason, "message": failure.get("message"), "traceback": failure.get("traceback")}
    kwargs["event"] = decode(resume.get("event") or "null")
    return str(resume["method"]), kwargs


def event_frame(event: Any) -> dict[str, Any]:
    """The frame that tells what a trigger yielded."""
    state = getattr(event, "task_instance_state", None)
    if state is not None:
        xcoms = {str(key): encode(value, f"XCom {key!r} of the trigger") for key, value in (event.xcoms or {}).items()}
        return {"type": "end", "state": str(getattr(state, "value", state)), "xcoms": xcoms}
    return {"type": "event", "payload": encode(getattr(event, "payload", event), "the payload of the trigger's event")}


def failure_frame(error: BaseException) -> dict[str, Any]:
    """The frame that tells that a trigger failed."""
    text = str(error)
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return {"type": "failed", "message": message, "traceback": format_exception(error)}


def start_trigger(task: Any, render: Any = None) -> TaskDeferred:
    """The deferral with which a task starts that is deferred from the beginning. ``render`` renders its templates."""
    from airflow.utils.module_loading import import_string

    args = task.start_trigger_args
    if args is None:
        raise AirflowException(f"task {task.task_id!r} has start_from_trigger and no start_trigger_args")
    kwargs = dict(args.trigger_kwargs or {})
    if render is not None:
        kwargs = render(kwargs)
    trigger = import_string(args.trigger_cls)(**kwargs)
    return TaskDeferred(trigger=trigger, method_name=args.next_method, kwargs=args.next_kwargs, timeout=args.timeout)
