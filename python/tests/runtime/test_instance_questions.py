"""What a task instance is asked in tasks of 3.3: about other DAGs, and by coroutines."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowNotFoundException
from tradewind.inprocess import dag_test
from tradewind.localrun import LocalRuntime

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def test_coroutines_push_and_pull() -> None:
    seen: list[Any] = []
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        async def pushes(ti: Any = None) -> int:
            await ti.axcom_push("k", {"a": [1]})
            return 5

        @task
        async def pulls(ti: Any = None) -> None:
            seen.append(await ti.axcom_pull(task_ids="pushes", key="k"))
            seen.append(await ti.axcom_pull("pushes"))

        pushes() >> pulls()
    assert dag_test(dag, logical_date=START).state == "success"
    assert seen == [{"a": [1]}, 5]


def test_other_dags_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"other": {"dag_id": "other", "is_paused": True, "tags": ["a"]}}
    monkeypatch.setattr(LocalRuntime, "dag_get", lambda self, dag_id: known.get(dag_id))
    seen: list[Any] = []
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        def asks(ti: Any = None) -> None:
            found = ti.get_dag("other")
            seen.append((found.dag_id, found.is_paused, found.tags))
            with pytest.raises(AirflowNotFoundException, match="'nobody' was not found"):
                ti.get_dag("nobody")

        asks()
    assert dag_test(dag, logical_date=START).state == "success"
    assert seen == [("other", True, ["a"])]


def test_a_task_knows_its_dag() -> None:
    with DAG("d", schedule=None) as dag:
        inside = EmptyOperator(task_id="t")
    assert inside.get_dag() is dag
    assert EmptyOperator(task_id="alone").get_dag() is None
