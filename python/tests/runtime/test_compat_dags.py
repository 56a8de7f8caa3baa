"""The DAG files of ``tests/compat`` end as under Airflow 3.3.2; what it said stands in the vector. Time passes only when something waits."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import pytest

from airflow.sdk.bases import sensor
from tradewind import loader, localrun, times
from tradewind.inprocess import dag_run_of
from tradewind.localrun import LocalRun, LocalRuntime

FOLDER = Path(__file__).parents[3] / "tests" / "compat" / "dags"
VECTOR = json.loads((Path(__file__).parent / "vectors" / "compat_dags.json").read_text())["dags"]


class Clock:
    """The time of sensors and of a run in one process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.passed, self.began = 0.0, dt.datetime.now(dt.timezone.utc)

    def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def now(self, zone: Any = None) -> dt.datetime:
        return self.began + dt.timedelta(seconds=self.passed)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sensor, "time", made)
    monkeypatch.setattr(sensor, "datetime", made)
    monkeypatch.setattr(times, "now", made.now)
    assert localrun.time is time, "not the time of everybody"
    return made


def ends(dag: Any, clock: Clock) -> tuple[dict[str, str], dict[str, Any]]:
    """The states and the values of all tasks."""
    # Triggers wait by the time of everybody.
    clock.reset()
    run = LocalRun(dag, dag_run_of(dag, clock.now(), None), LocalRuntime(), sleep=clock.sleep)
    run.run()
    states = {label(task, index): state for task, by_index in run.states.items() for index, state in by_index.items()}
    stored = [(task, by_index) for (_, task, key), by_index in run.runtime.xcoms.items() if key == "return_value"]
    values = {label(task, index): json.loads(text) for task, by_index in stored for index, text in by_index.items()}
    return {"run": run.state, **states}, values


def label(task: str, index: int) -> str:
    return task if index < 0 else f"{task}[{index}]"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_each_task_ends_and_gives_as_there(path: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW_CONN_FS_DEFAULT", '{"conn_type": "fs", "extra": {"path": "/"}}')
    loaded = loader.load(str(path), str(FOLDER))
    assert not loaded.errors, loaded.errors[0].stacktrace
    assert loaded.dags
    for dag_id, dag in loaded.dags.items():
        there = VECTOR[dag_id]
        states, values = ends(dag, clock)
        assert states == {"run": there["run"], **there["tasks"]}, dag_id
        # A branch of Airflow 3.3.2 gives nothing when it skips something: what it gave has to be given here.
        assert {task: values.get(task) for task in there["values"]} == there["values"], dag_id
