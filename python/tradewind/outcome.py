"""What a task's end means: from a return value or an exception to the ``result`` frame."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    DownstreamTasksSkipped,
    UnmappableXComLengthPushed,
    UnmappableXComTypePushed,
    XComForMappingNotPushed,
)
from tradewind import times, xcombackend
from tradewind.logs import format_exception
from tradewind.taskinstance import RETURN_KEY, TaskInstance

log = logging.getLogger("airflow.task")


def base(state: str) -> dict[str, Any]:
    """A result frame that says only how it ended, and when."""
    return {"type": "result", "state": state, "end_date": times.to_wire(times.now())}


def success(ti: TaskInstance, value: Any, mapped_over: bool) -> dict[str, Any]:
    """The task returned ``value``: store it. Raises ``TypeError`` when it cannot be stored or mapped over."""
    task = ti.task
    result = base("success")
    pushed = value if getattr(task, "do_xcom_push", True) else None
    if ti.is_mapped:
        if pushed is not None:
            result["map_length"] = 1
    elif mapped_over:
        result["map_length"] = mapping_length(pushed)
    if pushed is None:
        return result
    if getattr(task, "multiple_outputs", False):
        result["xcoms"] = _outputs(pushed, ti)
    result[RETURN_KEY] = xcombackend.text(pushed, RETURN_KEY, ti)
    return result


def mapping_length(value: Any) -> int:
    """How many instances a task has that is expanded over ``value``."""
    from airflow.configuration import conf

    if value is None:
        raise XComForMappingNotPushed()
    if not isinstance(value, (Sequence, Mapping)) or isinstance(value, (str, bytes, bytearray)):
        raise UnmappableXComTypePushed(value)
    limit = conf.getint("core", "max_map_length", fallback=1024)
    if len(value) > limit:
        raise UnmappableXComLengthPushed(value, limit)
    return len(value)


def _outputs(value: Any, ti: TaskInstance) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a task with multiple_outputs has to return a dict, not {type(value).__name__}")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"the keys of a task with multiple_outputs have to be text, not {type(key).__name__}: {key!r}")
    return {key: xcombackend.text(item, key, ti) for key, item in value.items() if key != RETURN_KEY}


def downstream_skipped(ti: TaskInstance, signal: DownstreamTasksSkipped, mapped_over: bool) -> dict[str, Any]:
    """The task succeeded and named direct downstream tasks to skip."""
    result = success(ti, getattr(signal, "return_value", None), mapped_over and getattr(signal, "return_value", None) is not None)
    tasks = [signal.tasks] if isinstance(signal.tasks, str) else list(signal.tasks)
    result["skip"] = [list(task) if isinstance(task, tuple) else task for task in tasks]
    if tasks:
        log.info("Skipping downstream tasks: %s", ", ".join(str(task) for task in tasks))
    return result


def failure(error: BaseException) -> dict[str, Any]:
    """The task raised ``error``."""
    if isinstance(error, AirflowSkipException):
        log.info("Skipping task: %s", error) if str(error) else log.info("Skipping task")
        return base("skipped")
    if isinstance(error, AirflowRescheduleException):
        log.info("Rescheduling task, marking it as up_for_reschedule until %s", error.reschedule_date)
        return {**base("rescheduled"), "reschedule_at": times.to_wire(error.reschedule_date)}
    log.error("Task failed with exception: %s", _summary(error), exc_info=error)
    result = base("failed")
    result["retry"] = not isinstance(error, (AirflowFailException, AirflowSensorTimeout))
    result["error"] = {
        "class": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "message": str(error),
        "traceback": format_exception(error),
    }
    return result


def with_policy(result: dict[str, Any], error: BaseException, ti: TaskInstance, context: Any) -> dict[str, Any]:
    """The result after the task's ``retry_policy`` has had its say; it is not asked of what is no plain failure."""
    policy = getattr(ti.task, "retry_policy", None)
    if policy is None or result["state"] != "failed" or not result["retry"]:
        return result
    try:
        decision = policy.evaluate(error, ti.try_number, ti.max_tries, context)
    except Exception:
        log.exception("retry_policy of task %s failed; the task's own settings count", ti.task_id)
        return result
    if decision.action == RetryAction.FAIL:
        log.info("retry_policy: no further try%s", f" ({decision.reason})" if decision.reason else "")
        result["retry"] = False
    elif decision.retry_delay is not None:
        log.info(
            "retry_policy: the next try follows after %s%s",
            decision.retry_delay,
            f" ({decision.reason})" if decision.reason else "",
        )
        result["retry_delay"] = decision.retry_delay.total_seconds()
    return result


def _summary(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
