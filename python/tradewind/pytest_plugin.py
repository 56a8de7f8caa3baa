"""Fixtures for tests of DAG files: ``pytest -p tradewind.pytest_plugin`` (``tradewind python -m pytest ...`` finds it).

``dag_bag``: the DAGs of the folder; ``run_dag`` and ``run_task``: run one in this process; ``fake_variables``, ``fake_connections``:
what DAG files and tasks find under a name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from airflow._runtime import get_runtime, set_runtime
from airflow.configuration import conf
from airflow.sdk.definitions.connection import Connection
from tradewind import times, xcom
from tradewind.dagbag import DagBag
from tradewind.inprocess import dag_run_of
from tradewind.localrun import LocalRun, LocalRuntime


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--dags-folder``, and ``dags_folder`` in the configuration of pytest."""
    parser.addoption("--dags-folder", help="the folder of the DAG files (else dags_folder of pytest, else [core] dags_folder)")
    parser.addini("dags_folder", "the folder of the DAG files, relative to the root of the tests", default="")


class _Connections(MutableMapping[str, Any]):
    """Connections by id: put in a URI, JSON, a dict of fields, or a ``Connection``."""

    def __init__(self, stored: dict[str, dict[str, Any]]) -> None:
        self._stored = stored

    def __setitem__(self, conn_id: str, value: Any) -> None:
        if isinstance(value, str):
            text = value.strip()
            value = Connection.from_json(text, conn_id) if text.startswith("{") else Connection.from_uri(text, conn_id)
        if isinstance(value, Connection):
            value = value.to_dict()
        extra = value.get("extra")
        kept = extra if isinstance(extra, str) or extra is None else json.dumps(extra)
        self._stored[conn_id] = {**value, "conn_id": conn_id, "extra": kept}

    def __getitem__(self, conn_id: str) -> Any:
        return self._stored[conn_id]

    def __delitem__(self, conn_id: str) -> None:
        del self._stored[conn_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


@dataclass
class DagResult:
    """How a run ended."""

    run: LocalRun

    @property
    def state(self) -> str:
        """``success`` or ``failed``."""
        return self.run.state

    @property
    def states(self) -> dict[str, str | dict[int, str]]:
        """The state of each task; of a mapped one that of each instance by its map index."""
        return {task: states[-1] if set(states) == {-1} else states for task, states in self.run.states.items()}

    @property
    def errors(self) -> dict[str, str]:
        """What failed tasks said."""
        return {task if index < 0 else f"{task}[{index}]": text for (task, index), text in self.run.errors.items()}

    def xcom(self, task_id: str, key: str = "return_value", map_index: int | None = None) -> Any:
        """What a task left; of a mapped task without ``map_index`` the list of all instances. ``None`` when there is nothing."""
        values = self.run.runtime.xcoms.get((self.run.dag_run["run_id"], task_id, key), {})
        if map_index is None and any(index >= 0 for index in values):
            return [xcom.decode(values[index]) for index in sorted(values)]
        text = values.get(-1 if map_index is None else map_index)
        return None if text is None else xcom.decode(text)


@dataclass
class TaskResult:
    """How one attempt of one task ended."""

    #: ``success``, ``skipped``, ``failed``, ``up_for_retry`` or ``up_for_reschedule``.
    state: str
    #: What it returned.
    value: Any = None
    #: Everything it pushed, by key.
    xcoms: dict[str, Any] = field(default_factory=dict)
    #: The exception that ended it.
    error: BaseException | None = None
    #: Its template fields as they were rendered.
    rendered: dict[str, Any] = field(default_factory=dict)
    #: The tasks that it skips (branches and conditions).
    skips: list[str] = field(default_factory=list)


@pytest.fixture
def tradewind_runtime() -> Iterator[LocalRuntime]:
    """Where variables, connections and XComs of one test are kept."""
    before, runtime = get_runtime(), LocalRuntime()
    set_runtime(runtime)
    yield runtime
    set_runtime(before)


@pytest.fixture
def fake_variables(tradewind_runtime: LocalRuntime) -> dict[str, str]:
    """Variables by key; values are texts, as they are stored (JSON for ``deserialize_json``)."""
    return tradewind_runtime.variables


@pytest.fixture
def fake_connections(tradewind_runtime: LocalRuntime) -> _Connections:
    """Connections by id: ``fake_connections["db"] = "postgres://user:password@host/schema"``, or a dict of fields."""
    return _Connections(tradewind_runtime.connections)


@pytest.fixture(scope="session")
def dag_bag(pytestconfig: pytest.Config) -> DagBag:
    """All DAGs of the folder, loaded once: ``dag_bag.dags``, ``dag_bag.import_errors``, ``dag_bag.get_dag(id)``."""
    named = pytestconfig.getoption("--dags-folder") or pytestconfig.getini("dags_folder")
    folder = pytestconfig.rootpath / named if named else conf.get("core", "dags_folder")
    return DagBag(folder)


@pytest.fixture
def run_dag(tradewind_runtime: LocalRuntime) -> Callable[..., DagResult]:
    """``run_dag(dag, logical_date=None, conf=None)`` runs all tasks in this process. Retries and reschedules do not wait."""

    def run(dag: Any, logical_date: datetime | None = None, conf: dict[str, Any] | None = None) -> DagResult:
        started = LocalRun(dag, dag_run_of(dag, _aware(logical_date), conf or {}), tradewind_runtime, sleep=lambda seconds: None)
        started.run()
        return DagResult(started)

    return run


@pytest.fixture
def run_task(tradewind_runtime: LocalRuntime) -> Callable[..., TaskResult]:
    """``run_task(task, logical_date=None, conf=None, map_index=-1, try_number=1, xcoms=None)`` runs one attempt of one task.

    ``xcoms`` are the return values of other tasks by task id. A task without a DAG gets one of its own.
    """

    def run(
        task: Any,
        logical_date: datetime | None = None,
        conf: dict[str, Any] | None = None,
        map_index: int = -1,
        try_number: int = 1,
        xcoms: dict[str, Any] | None = None,
    ) -> TaskResult:
        task = getattr(task, "operator", task)
        dag = task.dag if task.has_dag() else _dag_of(task)
        frame = dag_run_of(dag, _aware(logical_date), conf or {})
        for task_id, value in (xcoms or {}).items():
            tradewind_runtime.store(task_id, frame["run_id"], "return_value", -1, xcom.encode(value))
        return _attempt(LocalRun(dag, frame, tradewind_runtime), task, map_index, try_number)

    return run


def _aware(moment: datetime | None) -> datetime:
    from airflow.sdk.timezone import coerce_datetime

    return times.now() if moment is None else coerce_datetime(moment).in_timezone("UTC")


def _dag_of(task: Any) -> Any:
    from airflow.sdk import DAG

    dag = DAG("test", schedule=None, start_date=datetime(2024, 1, 1))
    dag.add_task(task)
    return dag


def _attempt(run: LocalRun, task: Any, map_index: int, try_number: int) -> TaskResult:
    from tradewind.execute import Execution

    runtime = run.runtime
    execution = Execution(run.start(task, map_index, try_number), run.dag, runtime, test_mode=True, keep_task=True)
    runtime.current = execution.ti
    try:
        answer = execution.run()
    finally:
        set_runtime(runtime)
    state = {"rescheduled": "up_for_reschedule"}.get(str(answer["state"]), str(answer["state"]))
    if state == "failed" and answer.get("retry") and execution.ti.is_eligible_to_retry():
        state = "up_for_retry"
    execution.after(state)
    pushed = {
        key: values[map_index]
        for (_, owner, key), values in runtime.xcoms.items()
        if owner == task.task_id and map_index in values
    }
    pushed.update(answer.get("xcoms") or {})
    if "return_value" in answer:
        pushed["return_value"] = answer["return_value"]
    found = {key: xcom.decode(text) for key, text in pushed.items()}
    skips = [str(entry[0] if isinstance(entry, (list, tuple)) else entry) for entry in answer.get("skip") or []]
    return TaskResult(state, found.get("return_value"), found, execution.error, dict(runtime.rendered), skips)
