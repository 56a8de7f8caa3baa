"""Runs operators without a scheduler, for the tests of operators."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pendulum

from airflow.sdk import DAG

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)


class Instance:
    """A task instance that keeps what is pushed."""

    def __init__(self, operator: Any, map_index: int = -1) -> None:
        self.task = operator
        self.map_index = map_index
        self.start_date = START
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


def context_of(operator: Any, **extra: Any) -> dict[str, Any]:
    run = SimpleNamespace(
        run_type="scheduled", logical_date=pendulum.instance(START), run_after=pendulum.instance(START), conf={}
    )
    context = {"ti": Instance(operator), "dag": operator.dag, "task": operator, "dag_run": run, "ds": "2024-01-01", "params": {}}
    return {**context, "logical_date": run.logical_date, "run_id": "r", **extra}


def make(**kwargs: Any) -> DAG:
    return DAG("d", **{"schedule": None, "start_date": START, **kwargs})


def run(operator: Any, **extra: Any) -> Any:
    context = context_of(operator, **extra)
    operator.render_template_fields(context)
    return operator.execute(context)
