"""Links of operators: an attempt says where they lead when it ends, however it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from airflow.models.baseoperator import BaseOperator, BaseOperatorLink
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from memory import MemoryRuntime

from airflow._runtime import set_runtime
from airflow.sdk import DAG
from tradewind.execute import Execution

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Page(BaseOperatorLink):
    name = "Page"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return f"https://example.com/{operator.place}/{ti_key.run_id}"


class Old(BaseOperatorLink):
    name = "Old"

    def get_link(self, operator: Any, dttm: datetime) -> str:  # type: ignore[override]
        return f"https://example.com/{dttm:%Y%m%d}"


class Broken(BaseOperatorLink):
    name = "Broken"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        raise KeyError("nowhere")


class Leads(BaseOperator):
    template_fields = ("place",)
    operator_extra_links = (Broken(), Page(), Old())

    def __init__(self, place: str, fails: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.place, self.fails = place, fails

    def execute(self, context: Any) -> None:
        if self.fails:
            raise ValueError("no")


@pytest.fixture
def runtime() -> Iterator[MemoryRuntime]:
    made = MemoryRuntime()
    yield made
    set_runtime(None)


def run(runtime: MemoryRuntime, task: Any) -> dict[str, Any]:
    dag_run = {"run_type": "manual", "logical_date": "2024-03-10T00:00:00Z"}
    start = {
        "dag_id": "d",
        "run_id": "r",
        "task_id": task.task_id,
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "dag_run": dag_run,
    }
    return Execution(start, task.dag, runtime).run()


def kept(runtime: MemoryRuntime) -> dict[str, Any]:
    return {params["key"]: json.loads(params["value"]) for method, params in runtime.calls if method == "xcom.set"}


@pytest.mark.parametrize(("fails", "state"), [(False, "success"), (True, "failed")])
def test_where_links_lead(runtime: MemoryRuntime, fails: bool, state: str) -> None:
    with DAG("d", schedule=None, start_date=START):
        task = Leads(task_id="t", place="{{ ds }}", fails=fails)
    assert run(runtime, task)["state"] == state
    assert kept(runtime) == {"_link_Page": "https://example.com/2024-03-10/r", "_link_Old": "https://example.com/20240310"}


def test_a_triggered_run_is_led_to(runtime: MemoryRuntime) -> None:
    runtime.answers["dag_run.trigger"] = {"run_id": "from parent"}
    runtime.xcoms[("t", "trigger_run_id")] = {-1: json.dumps("from parent")}
    with DAG("d", schedule=None, start_date=START):
        task = TriggerDagRunOperator(task_id="t", trigger_dag_id="other")
    assert run(runtime, task)["state"] == "success"
    assert kept(runtime)["_link_Triggered DAG"] == "/dags/other/runs/from%20parent"


def test_a_task_without_links_asks_nothing(runtime: MemoryRuntime) -> None:
    class Plain(BaseOperator):
        def execute(self, context: Any) -> None:
            return None

    with DAG("d", schedule=None, start_date=START):
        task = Plain(task_id="t")
    assert run(runtime, task)["state"] == "success"
    assert kept(runtime) == {}
