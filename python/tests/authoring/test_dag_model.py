"""Questions about DAGs that files of 2.x ask of ``DagModel``."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.models.dag import DagModel

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
