"""What DAG files ask for while they are loaded: variables, connections, runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver

FILE = """
from datetime import datetime
from airflow import DAG
from airflow.decorators import task
from airflow.hooks.base import BaseHook
from airflow.models import DagRun, Variable
place = Variable.get("place", default_var="nowhere")
host = BaseHook.get_connection("db").host
runs = DagRun.find(dag_id="other", state="success")
with DAG("asks", schedule=None, start_date=datetime(2024, 1, 1), tags=[place, host, *(run.run_id for run in runs)]) as dag:
    @task
    def t():
        return place
    t()
"""


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "variable.get":
        return {"result": {"found": params["key"] == "place", "value": "Seoul"}}
    if method == "connection.get":
        return {"result": {"found": True, "connection": {"conn_id": "db", "conn_type": "postgres", "host": "db.example.com"}}}
    if method == "dag_run.list":
        assert params == {"dag_id": "other", "states": ["success"]}
        return {"result": {"dag_runs": [{"dag_id": "other", "run_id": "one", "state": "success", "run_type": "manual"}]}}
    return {"result": {"found": False, "values": []}}


@pytest.fixture
def path(driver: Driver, tmp_path: Path) -> Path:
    driver.answer = answer
    file = tmp_path / "asks.py"
    file.write_text(FILE)
    return file


def test_the_parser_asks(driver: Driver, path: Path) -> None:
    parsed = driver.parse(path)
    assert parsed["errors"] == []
    assert parsed["dags"][0]["tags"] == ["Seoul", "db.example.com", "one"]


def test_a_template_is_no_place_for_values_that_change(driver: Driver, path: Path) -> None:
    template = driver.template(path)
    assert template.frames[0]["type"] == "load_failed"
    assert template.frames[0]["stacktrace"] == "the file asks for variable.get place while it is loaded"


def test_the_attempt_loads_the_file_with_the_values_of_now(driver: Driver, path: Path) -> None:
    peer, _ = driver.run(driver.host, path, "asks", "t")
    assert peer.frames[-1]["return_value"] == '"Seoul"'
