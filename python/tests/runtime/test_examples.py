"""The examples that a newcomer runs first: read without a warning, and run to success."""

from __future__ import annotations

import importlib.util
import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from airflow.sdk import DAG
from airflow.sdk.definitions._internal.contextmanager import DagContext
from tradewind.form import dag_form
from tradewind.inprocess import dag_test

EXAMPLES = Path(__file__).parents[3] / "examples"


def load(name: str) -> DAG:
    path = EXAMPLES / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"example_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    dag = next(dag for dag in DagContext.autoregistered_dags if dag.dag_id == f"example_{name}")
    assert isinstance(dag, DAG)
    return dag


@pytest.mark.parametrize("name", [path.stem for path in sorted(EXAMPLES.glob("*.py"))])
def test_an_example_is_read_without_a_warning_and_runs(name: str) -> None:
    dag = load(name)
    form = json.loads(json.dumps(dag_form(dag, str(EXAMPLES))))
    assert form.get("warnings", []) == []
    assert form["tags"] == ["example"]
    result = dag_test(dag, logical_date=datetime(2024, 3, 4, tzinfo=timezone.utc))
    assert result.state == "success"


def test_the_mapped_example_adds_up() -> None:
    result = dag_test(load("taskflow"), logical_date=datetime(2024, 3, 4, tzinfo=timezone.utc), run_conf={"orders": [5, 7]})
    assert result.runtime.xcoms[result.dag_run["run_id"], "total", "return_value"] == {-1: "13.2"}


@pytest.mark.parametrize(("day", "way"), [(4, "full.load"), (11, "shortcut")])
def test_the_branching_example_takes_either_way(day: int, way: str) -> None:
    result = dag_test(load("branching"), logical_date=datetime(2024, 3, day, tzinfo=timezone.utc))
    assert result.states[way] == {-1: "success"}
    assert sorted(task for task, states in result.states.items() if states == {-1: "skipped"}) == (
        ["shortcut"] if way == "full.load" else ["full.clean", "full.load"]
    )
