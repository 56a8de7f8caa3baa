"""Rendering against values taken from a running Airflow 3.3.2; names that only 2.x has give the 2.11 value."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryRuntime

from airflow._runtime import set_runtime
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from airflow.sdk.definitions.context import set_current_context
from tradewind import context
from tradewind.taskinstance import TaskInstance

VECTORS = json.loads((Path(__file__).parent / "vectors" / "templates.json").read_text())
PARAMS = VECTORS["context"]["params"]
CONF = VECTORS["context"]["dag_run.conf"]

#: Names of 2.x that 3.x dropped: ours keeps them, with the value of 2.11 that the vector gives.
OLD_NAMES = (
    "prev_ds", "next_ds", "yesterday_ds", "tomorrow_ds", "yesterday_ds_nodash", "execution_date", "next_execution_date",
    "prev_execution_date", "test_mode", "expanded_ti_count", "ti.operator",
)  # fmt: skip


def instance(logical_date: str | None, end: str | None, **dag_options: Any) -> TaskInstance:
    dag = DAG("d1", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), params=PARAMS, **dag_options)
    task = BashOperator(task_id="t1", bash_command="x", owner="me", retries=2, dag=dag)
    run_id = f"manual__{logical_date or '2024-01-01T00:00:00+00:00'}"
    run = {
        "run_type": "manual",
        "logical_date": logical_date,
        "data_interval_start": logical_date,
        "data_interval_end": end,
        "conf": CONF,
    }
    start = {"dag_id": "d1", "run_id": run_id, "task_id": "t1", "try_number": 1, "max_tries": 2, "map_index": -1, "dag_run": run}
    return TaskInstance(start, task, MemoryRuntime())


def render(template: str, ti: TaskInstance) -> Any:
    set_runtime(ti.runtime)
    made = context.build(ti)
    with set_current_context(made):
        return ti.task.render_template(template, made, ti.task.get_template_env())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["id"])
def test_vector(case: dict[str, Any]) -> None:
    ti = instance(case["logical_date"], case.get("data_interval_end"))
    old = "v2" in case and any(name in case["template"] for name in OLD_NAMES)
    expected = case["v2"] if old else case
    if "error" in expected:
        with pytest.raises(Exception) as raised:
            render(case["template"], ti)
        assert raised.type.__name__ == expected["error"]
    else:
        assert str(render(case["template"], ti)) == expected["rendered"]


def test_every_vector_that_differs_is_an_old_name() -> None:
    differing = [case["template"] for case in VECTORS["cases"] if "v2" in case and case.get("error")]
    assert all(any(name in template for name in OLD_NAMES) for template in differing)
