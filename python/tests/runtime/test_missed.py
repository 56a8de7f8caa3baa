"""What is called when a deadline or an ``sla`` is missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pendulum
import pytest
from airflow.operators.empty import EmptyOperator

from airflow.sdk import (
    DAG,
    AsyncCallback,
    BaseNotifier,
    DeadlineAlert,
    DeadlineReference,
    SyncCallback,
    VariableInterval,
)
from airflow.sdk.definitions.deadline import BaseDeadlineReference
from tradewind import missed
from tradewind._deadlines import deadlines_form
from tradewind.dagrun import DagRun
from tradewind.form import dag_form

CALLED: list[tuple[str, Any]] = []


@pytest.fixture(autouse=True)
def nothing_called() -> None:
    CALLED.clear()


def plain(text: str, context: Any) -> None:
    CALLED.append((text, context["deadline"]["alert_name"]))


async def later(text: str) -> None:
    CALLED.append((text, None))


class Bell(BaseNotifier):
    template_fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def notify(self, context: Any) -> None:
        CALLED.append((self.text, context["deadline"]["alert_name"]))


def broken() -> None:
    raise RuntimeError("no bell")


def alert(callback: Any, **more: Any) -> DeadlineAlert:
    given: dict[str, Any] = {"reference": DeadlineReference.DAGRUN_QUEUED_AT, "interval": timedelta(minutes=5), **more}
    return DeadlineAlert(callback=callback, **given)


def make(**arguments: Any) -> DAG:
    with DAG("d", start_date=datetime(2024, 1, 1), schedule="@daily", **arguments) as dag:
        EmptyOperator(task_id="a", sla=timedelta(hours=1))
        EmptyOperator(task_id="b")
    return dag


def test_deadlines_are_told_in_the_form() -> None:
    class Own(BaseDeadlineReference):
        pass

    at = pendulum.datetime(2024, 5, 1, tz="Asia/Seoul")
    deadlines = [
        alert(SyncCallback(plain), name="soon"),
        alert(SyncCallback(plain), reference=Own()),
        alert(SyncCallback(plain), reference=DeadlineReference.FIXED_DATETIME(at), interval=VariableInterval("patience")),
        alert(SyncCallback(plain), reference=DeadlineReference.AVERAGE_RUNTIME(5, 2)),
        alert(SyncCallback(plain), reference=DeadlineReference.DAGRUN_LOGICAL_DATE),
    ]
    assert deadlines_form(make(deadline=deadlines)) == [
        {"place": 0, "name": "soon", "reference": {"type": "queued_at"}, "interval": 300},
        {
            "place": 2,
            "name": None,
            "reference": {"type": "fixed", "at": "2024-04-30T15:00:00Z"},
            "interval": {"variable": "patience"},
        },
        {"place": 3, "name": None, "reference": {"type": "average_runtime", "max_runs": 5, "min_runs": 2}, "interval": 300},
        {"place": 4, "name": None, "reference": {"type": "logical_date"}, "interval": 300},
    ]
    form = dag_form(make(deadline=alert(SyncCallback(plain)), sla_miss_callback=print))
    assert form["has_sla_miss_callback"] is True
    assert form["tasks"][0]["sla"] == 3600
    assert "sla" not in form["tasks"][1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"deadline": 5}, "has to be a DeadlineAlert or a list of them, not 5"),
    ],
)
def test_what_is_no_deadline_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        make(**arguments)
    for more in ({"reference": "queued"}, {"interval": 5}):
        with pytest.raises(TypeError, match="of a DeadlineAlert has to be"):
            alert(SyncCallback(plain), **more)
    with pytest.raises(TypeError, match="AsyncCallback or a SyncCallback"):
        alert(plain)


def run(dag: DAG, place: int) -> int:
    due = {"place": place, "name": None, "due_at": "2024-01-02T00:05:00Z"}
    return missed.run({"kind": "deadline", "deadline": due}, dag, {"dag": dag, "run_id": "r"}, None)


def test_functions_coroutines_and_notifiers_are_called() -> None:
    callbacks = [
        SyncCallback(plain, {"text": "plain"}),
        AsyncCallback(later, {"text": "later"}),
        SyncCallback(Bell, {"text": "{{ run_id }} rings"}),
        SyncCallback(broken),
    ]
    dag = make(deadline=[alert(callback, name=f"n{place}") for place, callback in enumerate(callbacks)])
    assert [run(dag, place) for place in range(4)] == [1, 1, 1, 1]
    assert CALLED == [("plain", "n0"), ("later", None), ("r rings", "n2")]
    assert run(dag, 7) == 0


class Runtime:
    def ti_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str | None]]:
        return {run_ids[0]: {"a": "running", "b": None, "c": "success"}}


def test_sla_miss_callback_is_called_as_in_airflow_2() -> None:
    def miss(dag: Any, task_list: str, blocking_task_list: str, slas: list[Any], blocking_tis: list[Any]) -> None:
        CALLED.append((task_list, blocking_task_list))
        CALLED.append((slas[0].task_id, [ti.task_id for ti in blocking_tis]))

    dag = make(sla_miss_callback=[broken, miss])
    dag_run = DagRun.from_frame({"dag_id": "d", "run_id": "r", "logical_date": "2024-01-01T00:00:00Z"})
    request = {"kind": "sla", "tasks": ["a"], "deadline": {"due_at": "2024-01-02T01:00:00Z"}}
    assert missed.run(request, dag, {"dag": dag, "run_id": "r", "dag_run": dag_run}, Runtime()) == 2
    late = "a on 2024-01-01T00:00:00+00:00"
    assert [(late, f"{late}\nb on 2024-01-01T00:00:00+00:00"), ("a", ["a", "b"])] == CALLED
