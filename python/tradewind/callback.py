"""The callback process: loads a DAG file and runs callbacks of a DAG, or of a task that died without running its own."""

from __future__ import annotations

import logging
import os
from typing import Any

from airflow._runtime import set_runtime
from airflow.configuration import conf
from airflow.sdk.definitions.context import set_current_context
from airflow.sdk.exceptions import AirflowException
from tradewind import callbacks, loader, logs, missed, process
from tradewind.context import build
from tradewind.dagrun import DagRun
from tradewind.frames import Frame
from tradewind.runtime import SocketRuntime
from tradewind.taskinstance import TaskInstance
from tradewind.template import apply_environment

log = logging.getLogger("airflow.task")


def run(frame: Frame) -> None:
    """Body of a freshly forked callback process; its end (code 0 or not) is the answer."""
    request = frame["request"]
    os.setsid()
    connection = process.connect("attempt", frame["id"])
    process.detach_input()
    apply_environment(request)
    logs.install(conf.get("logging", "logging_level", fallback="INFO").upper())
    runtime = SocketRuntime(connection)
    set_runtime(runtime)
    loaded = loader.load(request["path"], request["dags_folder"])
    for error in loaded.errors:
        raise AirflowException(f"DAG file {error.filename} cannot be loaded:\n{error.stacktrace}")
    dag = loaded.dags.get(request["context"]["dag_id"])
    if dag is None:
        raise AirflowException(f"DAG {request['context']['dag_id']!r} is not in {request['path']}")
    run_request(request, dag, runtime)


def run_request(request: dict[str, Any], dag: Any, runtime: Any) -> int:
    """Run what ``request`` asks for; gives the number of callbacks."""
    start = request["context"]
    if request["kind"] in ("deadline", "sla"):
        return missed.run(request, dag, _dag_context(start, dag), runtime)
    if request["kind"] == "dag":
        owner, context = dag, _dag_context(start, dag)
    else:
        owner = dag.get_task(start["task_id"])
        ti = TaskInstance(start, owner, runtime)
        ti.state = request.get("state") or "failed"
        context = ti._context = build(ti)
        if ti.state in ("failed", "up_for_retry"):
            context["exception"] = AirflowException(request.get("reason") or "The task process died without a result")
        context["try_number"] = ti.try_number
    context["reason"] = request.get("reason")
    with set_current_context(context):
        return sum(callbacks.run(owner, name, context) for name in request["names"])


def _dag_context(start: dict[str, Any], dag: Any) -> Any:
    """A DAG callback sees the run, and for ``ti`` the instance the request names (the last one that ended) if any."""
    runtime_of = start if start.get("task_id") else None
    if runtime_of is None and dag.tasks:
        runtime_of = {**start, "task_id": dag.tasks[0].task_id}
    if runtime_of is None:
        run = DagRun.from_frame({"dag_id": start["dag_id"], "run_id": start["run_id"], **(start.get("dag_run") or {})})
        return {"dag": dag, "dag_run": run, "run_id": run.run_id}
    from airflow._runtime import require_runtime

    ti = TaskInstance(runtime_of, dag.get_task(runtime_of["task_id"]), require_runtime("a callback"))  # type: ignore[arg-type]
    context = build(ti)
    ti._context = context
    return context
