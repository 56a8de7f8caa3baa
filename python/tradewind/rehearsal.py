"""Tiny tasks run inside the host before anything is forked.

Whatever an attempt imports or computes on first use is then there already, and no child has to do it again: modules, caches of
types, and the byte code that the interpreter adapts to what it sees. This finds such things by itself; a list would go stale.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from tradewind.execute import Execution
from tradewind.frames import Connection
from tradewind.logs import JsonLines
from tradewind.runtime import SocketRuntime

#: CPython adapts the code of a function after its eighth call; a child that did it would copy the page of each function.
ROUNDS = 10


class StageRuntime(SocketRuntime):
    """Speaks over a real socket to nobody, and answers every question with nothing found."""

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": False, "values": [], "states": {}, "count": 0, "keys": [], "next": None}


START = {
    "attempt_id": "rehearsal",
    "dag_id": "rehearsal",
    "run_id": "rehearsal",
    "map_index": -1,
    "try_number": 1,
    "execution_timeout": 60,
    "dag_run": {"run_type": "scheduled", "logical_date": "2024-01-01T00:00:00Z", "data_interval_start": "2024-01-01T00:00:00Z"},
}


def _numbers(day: str, ds: Any = None, **context: Any) -> Any:
    return {"ds": ds, "same": day == ds}


def _broken() -> None:
    raise ValueError("rehearsal")


def rehearse() -> list[str]:
    """Run the tasks of a rehearsal DAG; gives the states they ended in. Leaves no trace but what is warm."""
    from airflow._runtime import set_runtime
    from airflow.sdk import DAG, task
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    with DAG("rehearsal", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)) as dag:
        task(task_id="numbers", on_success_callback=_nothing)(_numbers)("{{ ds }}")
        task(task_id="broken")(_broken)()
    environment = dict(os.environ)
    states = []
    with _logging_to_nobody():
        for _ in range(ROUNDS):
            states = [_perform(dag, task_id) for task_id in ("numbers", "broken")]
    os.environ.clear()
    os.environ.update(environment)
    set_runtime(None)
    DagContext.clear()
    return states


def _perform(dag: Any, task_id: str) -> str:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        runtime = StageRuntime(Connection(ours))
        runtime.prefetch("rehearsal", "rehearsal", {"before": {"values": [[-1, "1"]]}})
        execution = Execution({**START, "task_id": task_id}, dag, runtime)
        result = execution.run()
        Connection(theirs).send({"type": "ack", "accepted": True, "state": result["state"]})
        ack = runtime.finish(result) or {}
        execution.after(str(ack.get("state")))
        return str(ack.get("state"))


def _nothing(context: Any) -> None:
    pass


@contextlib.contextmanager
def _logging_to_nobody() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    null = os.open(os.devnull, os.O_WRONLY)
    root.handlers[:] = [JsonLines(null)]
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        os.close(null)
