"""What operators ask of the control plane, and what they do with its answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from operator_runs import START, context_of, make, run

from airflow import _runtime
from airflow._runtime import RuntimeCallError
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.trigger_dagrun import DagIsPaused, TriggerDagRunOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, DagRunAlreadyExists, DownstreamTasksSkipped


class Control:
    """Answers as told and keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.asked.append((name, {"args": args, **kwargs}))
            answer = self.answers[name]
            if isinstance(answer, list):
                answer = answer.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def with_control(control: Control) -> Control:
    _runtime.set_runtime(control)  # type: ignore[arg-type]
    return control


def trigger(**kwargs: Any) -> TriggerDagRunOperator:
    return TriggerDagRunOperator(**{"task_id": "t", "trigger_dag_id": "other", "dag": make(), **kwargs})


def test_trigger_starts_a_run() -> None:
    control = with_control(Control(dag_run_trigger="run 1"))
    operator = trigger(conf={"day": "{{ ds }}"}, trigger_run_id="mine-{{ ds }}", logical_date="{{ logical_date }}", note="n")
    context = context_of(operator)
    operator.render_template_fields(context)
    operator.execute(context)
    asked = control.asked[0][1]
    assert (asked["dag_id"], asked["run_id"], asked["conf"], asked["note"]) == (
        "other",
        "mine-2024-01-01",
        {"day": "2024-01-01"},
        "n",
    )
    assert asked["logical_date"] == START
    assert context["ti"].pushed == {"trigger_run_id": "run 1"}


def test_trigger_without_a_date_uses_now_and_with_none_has_none() -> None:
    control = with_control(Control(dag_run_trigger="run 1"))
    run(trigger())
    run(trigger(logical_date=None))
    assert control.asked[0][1]["logical_date"] > START
    assert control.asked[1][1]["logical_date"] is None


def test_trigger_of_a_run_that_exists() -> None:
    conflict = RuntimeCallError("conflict", "run exists")
    with_control(Control(dag_run_trigger=conflict))
    with pytest.raises(DagRunAlreadyExists):
        run(trigger())
    with pytest.raises(AirflowSkipException):
        run(trigger(skip_when_already_exists=True))
    with_control(Control(dag_run_trigger=RuntimeCallError("not_found", "no such dag")))
    with pytest.raises(AirflowException, match="no such dag"):
        run(trigger())


def test_trigger_of_1_10_asks_its_function() -> None:
    def decide(context: Any, order: Any) -> Any:
        order.payload = {"day": context["ds"]}
        return order

    control = with_control(Control(dag_run_trigger="run 1"))
    run(trigger(python_callable=decide))
    assert control.asked[0][1]["conf"] == {"day": "2024-01-01"}
    run(trigger(python_callable=lambda context, order: None))
    assert len(control.asked) == 1


def test_trigger_waits_for_the_end() -> None:
    control = with_control(
        Control(dag_run_trigger="r1", dag_run_get=[{"state": "queued"}, {"state": "running"}, {"state": "success"}])
    )
    run(trigger(wait_for_completion=True, poke_interval=0))
    assert [name for name, _ in control.asked] == ["dag_run_trigger", *["dag_run_get"] * 3]
    with_control(Control(dag_run_trigger="r1", dag_run_get={"state": "failed"}))
    with pytest.raises(AirflowException, match="other failed with failed states failed"):
        run(trigger(wait_for_completion=True))
    with_control(Control(dag_run_trigger="r1", dag_run_get={"state": "failed"}))
    run(trigger(wait_for_completion=True, allowed_states=["failed"], failed_states=[]))


def test_trigger_checks_its_input() -> None:
    with_control(Control(dag_run_trigger="r1", dag_schedule={"is_paused": True}))
    with pytest.raises(AirflowException, match="JSON Serializable"):
        run(trigger(conf={"x": object()}))
    with pytest.raises(DagIsPaused, match="other is paused"):
        run(trigger(fail_when_dag_is_paused=True))


@pytest.mark.parametrize(
    ("kind", "following", "passes"),
    [
        ("manual", {"run_after": START}, True),
        ("scheduled", None, True),
        ("scheduled", {"run_after": START}, False),
        ("scheduled", {"run_after": "2999-01-01T00:00:00Z"}, True),
    ],
)
def test_latest_only(kind: str, following: Any, passes: bool) -> None:
    with_control(Control(dag_schedule={"next": following}))
    with make():
        operator = LatestOnlyOperator(task_id="latest")
        operator >> EmptyOperator(task_id="a")
    moment = pendulum.instance(START)
    dag_run = SimpleNamespace(run_type=kind, logical_date=moment, run_after=moment)
    if passes:
        assert run(operator, dag_run=dag_run) == ["a"]
    else:
        with pytest.raises(DownstreamTasksSkipped):
            run(operator, dag_run=dag_run)
