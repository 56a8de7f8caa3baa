"""One tiny task run inside the host before anything is forked.

Whatever an attempt imports or computes on first use is then there already, and no child has to do it again. This finds such
things by itself; a list of modules would go stale.
"""

from __future__ import annotations

import contextlib
import logging
import os
from datetime import datetime, timezone
from typing import Any

from tradewind.execute import Execution
from tradewind.runtime import Runtime


class NoRuntime(Runtime):
    """Answers every call with nothing found."""

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
    """Run the tasks of a rehearsal DAG; gives the states they ended in. Leaves no trace but imports."""
    from airflow._runtime import set_runtime
    from airflow.sdk import DAG, task
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    with DAG("rehearsal", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)) as dag:
        task(task_id="numbers", on_success_callback=_nothing)(_numbers)("{{ ds }}")
        task(task_id="broken")(_broken)()
    environment = dict(os.environ)
    states = []
    with _silent():
        for task_id in ("numbers", "broken"):
            execution = Execution({**START, "task_id": task_id}, dag, NoRuntime())
            state = str(execution.run()["state"])
            execution.after(state)
            states.append(state)
    os.environ.clear()
    os.environ.update(environment)
    set_runtime(None)
    DagContext.clear()
    return states


def _nothing(context: Any) -> None:
    pass


@contextlib.contextmanager
def _silent() -> Any:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
