"""Questions about DAGs that files of 2.x ask of ``DagModel``."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.models.dag import DAG, DagModel

from airflow import _runtime
from airflow.sdk.exceptions import AirflowException


class Known:
    """What the control plane knows: one DAG."""

    def __init__(self) -> None:
        self.paused = True

    def dag_get(self, dag_id: str) -> dict[str, Any] | None:
        if dag_id != "sales":
            return None
        return {
            "dag_id": "sales",
            "is_paused": self.paused,
            "is_stale": False,
            "fileloc": "/dags/sales.py",
            "tags": ["a"],
            "next_dagrun": "2024-03-01T00:00:00Z",
            "next_dagrun_create_after": None,
        }

    def dag_pause(self, dag_id: str, is_paused: bool) -> bool:
        changed = self.paused != is_paused
        self.paused = is_paused
        return changed


def test_a_dag_is_found_and_paused() -> None:
    known: Any = Known()
    _runtime.set_runtime(known)
    found = DagModel.get_dagmodel("sales")
    assert (found.dag_id, found.is_paused, found.is_active, found.fileloc) == ("sales", True, True, "/dags/sales.py")
    assert found.next_dagrun.isoformat() == "2024-03-01T00:00:00+00:00"
    assert found.next_dagrun_create_after is None
    assert [tag.name for tag in found.tags] == ["a"]
    assert DagModel.get_paused_dag_ids(["sales", "other"]) == {"sales"}
    found.set_is_paused(is_paused=False)
    assert not known.paused
    assert not DagModel.get_current("sales").is_paused
    assert DagModel.get_dagmodel("other") is None


def test_a_file_run_by_hand_knows_no_dags() -> None:
    assert DagModel.get_dagmodel("sales") is None


def test_columns_and_rows_need_a_session() -> None:
    with pytest.raises(AirflowException, match="session of the metadata database"):
        DagModel.query.filter(DagModel.is_active)
    with pytest.raises(AirflowException, match="session of the metadata database"):
        DagModel(dag_id="x")


def test_columns_may_be_named_while_a_file_is_loaded() -> None:
    """As the files that clean up Airflow's database do."""
    from airflow.jobs.base_job import BaseJob

    from airflow.models import DagRun, Log, SlaMiss, TaskInstance, XCom

    named = [DagRun.execution_date, DagRun.dag_id, TaskInstance.execution_date, XCom.timestamp, Log.dttm, SlaMiss.execution_date]
    named += [BaseJob.latest_heartbeat, DagModel.last_parsed_time, DagRun.external_trigger.is_(False), DagRun.run_id == "x"]
    named += [(Log.dttm < 5) & ~Log.dag_id.in_(["a"]), Log.dttm.desc()]
    assert all("column" in repr(column) for column in named)
    with pytest.raises(AttributeError):
        DagRun.no_such_column
    for use in (lambda: Log.query.all(), lambda: bool(Log.dttm == 5)):
        with pytest.raises(AirflowException, match="session of the metadata database"):
            use()


class Runs(Known):
    """Two runs of the schedule and one that somebody asked for."""

    def dag_run_list(self, dag_id: str, dates: Any = None, run_ids: Any = None, states: Any = None) -> list[dict[str, Any]]:
        rows = [
            ("scheduled__1", "scheduled", "2024-03-01T00:00:00Z", "success"),
            ("scheduled__2", "scheduled", "2024-03-02T00:00:00Z", "running"),
            ("manual__1", "manual", "2024-03-03T12:00:00Z", "queued"),
            ("manual__2", "manual", None, "running"),
        ]
        return [
            {"dag_id": dag_id, "run_id": run_id, "run_type": kind, "logical_date": date, "state": state}
            for run_id, kind, date, state in rows
            if (run_ids is None or run_id in run_ids) and (states is None or state in states)
        ]


def test_a_dag_is_asked_about_its_runs() -> None:
    known: Any = Runs()
    _runtime.set_runtime(known)
    sales: Any = DAG("sales", schedule=None)
    assert sales.get_last_dagrun().run_id == "scheduled__2"
    assert sales.get_last_dagrun(include_externally_triggered=True).run_id == "manual__1"
    assert sales.latest_execution_date.isoformat() == "2024-03-03T12:00:00+00:00"
    assert sales.get_dagrun(run_id="scheduled__1").state == "success"
    assert sales.get_dagrun(run_id="nothing") is None
    assert [None if date is None else date.day for date in sales.get_active_runs()] == [2, None]
    assert (sales.get_num_active_runs(), sales.get_num_active_runs(only_running=False)) == (2, 3)
    assert sales.get_num_active_runs(external_trigger=False) == 1
    assert sales.get_is_paused()
    with pytest.raises(TypeError, match="needs a run_id or an execution_date"):
        sales.get_dagrun()


def test_a_dag_of_a_file_run_by_hand_has_no_runs() -> None:
    sales: Any = DAG("sales", schedule=None)
    assert sales.get_last_dagrun() is None
    assert sales.latest_execution_date is None
    assert sales.get_num_active_runs() == 0
    assert not sales.get_is_paused()
