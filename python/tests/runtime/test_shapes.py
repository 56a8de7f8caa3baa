"""Attempts of mapped and branching tasks with the control plane's answers, as the scheduler would send them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver, Peer

FILE = """
from datetime import datetime
from airflow.sdk import DAG, task
from airflow.operators.bash import BashOperator
from airflow.sensors.python import PythonSensor

with DAG("shapes", schedule=None, start_date=datetime(2024, 1, 1)):
    @task
    def parts():
        return [1, 2, 3]

    @task(map_index_template="part {{ task.op_kwargs['x'] }}")
    def square(x):
        return x * x

    @task
    def total(xs):
        print("sum", sum(xs))
        return sum(xs)

    @task.branch
    def choose(s):
        return "big" if s > 10 else "small"

    @task
    def big():
        pass

    @task
    def small():
        pass

    PythonSensor(task_id="waits", python_callable=lambda: False, mode="reschedule", poke_interval=300)
    PythonSensor(task_id="too_late", python_callable=lambda: False, mode="reschedule", poke_interval=300, timeout=60)

    s = total(square.expand(x=parts()))
    choose(s) >> [big(), small()]
    BashOperator(task_id="shell", bash_command="echo {{ ds }} $AIRFLOW_CTX_DAG_RUN_ID $EXTRA", env={"EXTRA": "{{ next_ds }}"}, append_env=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "shapes.py"
    file.write_text(FILE)
    return file


@pytest.fixture
def template(driver: Driver, path: Path) -> Peer:
    driver.requests.clear()
    driver.answer = lambda method, params: {"result": {"found": False, "values": []}}
    return driver.template(path)


def result_of(driver: Driver, template: Peer, path: Path, task_id: str, **extra: Any) -> dict[str, Any]:
    peer, _ = driver.run(template, path, "shapes", task_id, **extra)
    assert peer is not None
    assert peer.frames, peer.text
    assert peer.frames[0]["state"] == "success", peer.text
    return peer.frames[0]


def test_source_tells_its_length(driver: Driver, template: Peer, path: Path) -> None:
    result = result_of(driver, template, path, "parts")
    assert (result["map_length"], result["return_value"]) == (3, "[1, 2, 3]")


def test_prefetched_values_cost_no_call(driver: Driver, template: Peer, path: Path) -> None:
    result = result_of(driver, template, path, "square", map_index=2, xcom={"parts": {"values": [[-1, "[1, 2, 3]"]]}})
    assert (result["return_value"], result["map_length"]) == ("9", 1)
    assert ("map_label.set", {"label": "part 3"}) in driver.requests
    assert not [method for method, _ in driver.requests if method.startswith("xcom")]


def test_all_instances_are_listed_when_not_prefetched(driver: Driver, template: Peer, path: Path) -> None:
    driver.answer = lambda method, params: {"result": {"values": [[0, "1"], [1, "4"], [2, "9"]]}}
    assert result_of(driver, template, path, "total")["return_value"] == "14"
    assert [method for method, _ in driver.requests if method.startswith("xcom")] == ["xcom.list"]


def test_branch_names_what_is_skipped(driver: Driver, template: Peer, path: Path) -> None:
    result = result_of(driver, template, path, "choose", xcom={"total": {"values": [[-1, "14"]]}})
    assert result["skip"] == ["small"]


def test_bash_with_old_names(driver: Driver, template: Peer, path: Path) -> None:
    result = result_of(driver, template, path, "shell")
    assert json.loads(result["return_value"]) == "2024-03-10 scheduled__2024-03-10T00:00:00+00:00 2024-03-11"
    fields = next(params["fields"] for method, params in driver.requests if method == "rendered.set")
    assert fields["bash_command"] == "echo 2024-03-10 $AIRFLOW_CTX_DAG_RUN_ID $EXTRA"


def test_sensor_gives_its_slot_back(driver: Driver, template: Peer, path: Path) -> None:
    first_poke = datetime.now(timezone.utc).isoformat()
    peer, _ = driver.run(template, path, "shapes", "waits", ti={"first_poke_at": first_poke})
    result = peer.frames[0]
    assert result["state"] == "rescheduled", peer.text
    wait = datetime.fromisoformat(result["reschedule_at"].replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(seconds=240) < wait <= timedelta(seconds=300)


def test_sensor_counts_from_its_first_poke(driver: Driver, template: Peer, path: Path) -> None:
    first_poke = (datetime.now(timezone.utc) - timedelta(seconds=61)).isoformat()
    peer, _ = driver.run(template, path, "shapes", "too_late", ti={"first_poke_at": first_poke})
    assert (peer.frames[0]["state"], peer.frames[0]["retry"]) == ("failed", False)
    assert peer.frames[0]["error"]["class"].endswith("AirflowSensorTimeout")


def test_control_plane_errors_reach_the_task(driver: Driver, template: Peer, path: Path) -> None:
    driver.answer = lambda method, params: {"error": {"code": "unavailable", "message": "database is away"}}
    peer, _ = driver.run(template, path, "shapes", "total")
    assert peer is not None
    assert peer.frames[0]["state"] == "failed"
    assert "database is away" in peer.frames[0]["error"]["message"]
