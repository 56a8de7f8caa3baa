"""What is called when a deadline of a run is missed (``DeadlineAlert``), or the ``sla`` of a task (``sla_miss_callback``)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from airflow.sdk.definitions.context import set_current_context
from airflow.sdk.definitions.deadline import deadlines_of
from tradewind.callbacks import as_list
from tradewind.times import from_wire, now

log = logging.getLogger("airflow.task")


def run(request: dict[str, Any], dag: Any, context: Any, runtime: Any) -> int:
    """Call what ``request`` asks for; gives the number of callbacks. An error in one is logged."""
    with set_current_context(context):
        return _deadline(request, dag, context) if request["kind"] == "deadline" else _sla(request, dag, context, runtime)


def _deadline(request: dict[str, Any], dag: Any, context: Any) -> int:
    told, alerts = request["deadline"], deadlines_of(dag)
    if told["place"] >= len(alerts):
        log.warning("DAG %r has no deadline number %s any more", dag.dag_id, told["place"])
        return 0
    alert = alerts[told["place"]]
    context["deadline"] = {"deadline_time": from_wire(told["due_at"]), "alert_name": alert.name, "id": None}
    log.info("Running the callback of a missed deadline: %s", alert.callback.path)
    try:
        call(alert.callback.resolve(), alert.callback.kwargs, context)
    except Exception:
        log.exception("The callback of a missed deadline (%s) failed", alert.callback.path)
    return 1


def call(target: Any, kwargs: Mapping[str, Any], context: Any) -> None:
    """Call a function, a coroutine function, or a notifier (an object or its class)."""
    if isinstance(target, type):
        target = target(**kwargs)
        _wait(_notify(target, context))
        return
    parameters = inspect.signature(target).parameters.values()
    takes_context = any(p.name == "context" or p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    _wait(target(**kwargs, **({"context": context} if takes_context else {})))


def _notify(notifier: Any, context: Any) -> Any:
    """A notifier that has only the asynchronous half is asked for that one."""
    from airflow.sdk.bases.notifier import BaseNotifier

    if isinstance(notifier, BaseNotifier) and type(notifier).notify is BaseNotifier.notify:
        return notifier.async_notify(notifier._begin(context))
    return notifier(context)


def _wait(result: Any) -> None:
    if inspect.isawaitable(result):

        async def finish() -> None:
            await result

        asyncio.run(finish())


def _sla(request: dict[str, Any], dag: Any, context: Any, runtime: Any) -> int:
    """As Airflow 2 calls it: with texts that name the late tasks and those that are not done, and the same as objects."""
    run_id, date = context["run_id"], context["dag_run"].logical_date
    misses = [
        SimpleNamespace(
            dag_id=dag.dag_id,
            task_id=task_id,
            execution_date=date,
            logical_date=date,
            timestamp=now(),
            email_sent=False,
            notification_sent=False,
            description=None,
        )
        for task_id in request["tasks"]
    ]
    states = runtime.ti_states(dag.dag_id, run_ids=[run_id]).get(run_id, {})
    blocking = [
        SimpleNamespace(dag_id=dag.dag_id, task_id=task_id, run_id=run_id, execution_date=date, logical_date=date, state=state)
        for task_id, state in sorted(states.items())
        if state not in ("success", "skipped")
    ]
    late = "\n".join(f"{miss.task_id} on {date and date.isoformat()}" for miss in misses)
    open_ones = "\n".join(f"{ti.task_id} on {date and date.isoformat()}" for ti in blocking)
    callbacks = as_list(dag.sla_miss_callback)
    for callback in callbacks:
        log.info("Running sla_miss_callback of DAG %r", dag.dag_id)
        try:
            callback(dag, late, open_ones, misses, blocking)  # type: ignore[call-arg]
        except Exception:
            log.exception("sla_miss_callback of DAG %r failed", dag.dag_id)
    return len(callbacks)
