"""What subclasses of the Python and bash operators may override and call, as in Airflow 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from operator_runs import context_of, make, run

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import (
    BranchPythonOperator,
    ExternalPythonOperator,
    PythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
)
from airflow.sdk import BaseBranchOperator, BaseSensorOperator


def test_the_call_of_the_function_can_be_replaced() -> None:
    class Twice(PythonOperator):
        def execute_callable(self) -> Any:
            return [super().execute_callable(), self.python_callable(*self.op_args, **self.op_kwargs)]

    made = Twice(task_id="t", python_callable=lambda a, ds, b=0: [a, ds, b], op_args=[1], op_kwargs={"b": "{{ 2 }}"}, dag=make())
    assert run(made) == [[1, "2024-01-01", "2"]] * 2
    assert made.op_kwargs == {"b": "2"}, "what the context gives is not kept"


def test_the_arguments_can_be_replaced() -> None:
    class Given(PythonOperator):
        def determine_kwargs(self, context: Any) -> Mapping[str, Any]:
            return {**super().determine_kwargs(context), "more": context["ds"]}

    made = Given(task_id="t", python_callable=lambda **kwargs: [kwargs["more"], kwargs["own"], "ti" in kwargs], dag=make())
    made.op_kwargs = {"own": 1}
    assert run(made) == ["2024-01-01", 1, True]


def test_a_failure_leaves_the_arguments_as_they_were() -> None:
    made = PythonOperator(task_id="t", python_callable=lambda ds: 1 / 0, op_kwargs={"x": 1}, dag=make())
    with pytest.raises(ZeroDivisionError):
        run(made)
    assert made.op_kwargs == {"x": 1}


def test_a_branch_by_another_choice() -> None:
    class Own(BranchPythonOperator):
        def choose_branch(self, context: Any) -> Any:
            return f"to_{super().choose_branch(context)}"

    with make():
        made = Own(task_id="t", python_callable=lambda: "left")
        made >> EmptyOperator(task_id="to_left")
    assert run(made) == "to_left"
    assert isinstance(made, BaseBranchOperator)


def test_who_may_skip_others() -> None:
    dag = make()
    assert ShortCircuitOperator(task_id="a", python_callable=bool, dag=dag).inherits_from_skipmixin
    assert BranchPythonOperator(task_id="b", python_callable=bool, dag=dag).inherits_from_skipmixin
    assert BaseSensorOperator(task_id="c", dag=dag).inherits_from_skipmixin
    assert not EmptyOperator(task_id="d", dag=dag).inherits_from_skipmixin
    assert not PythonVirtualenvOperator(task_id="e", python_callable=test_who_may_skip_others, dag=dag).inherits_from_skipmixin


def test_the_hook_of_bash_in_a_subclass() -> None:
    class Own(BashOperator):
        def execute(self, context: Any) -> Any:
            found = self.subprocess_hook.run_command(["bash", "-c", self.bash_command], self.get_env(context))
            return [found.exit_code, found.output]

    made = Own(task_id="t", bash_command="echo {{ ds }}; exit 3", dag=make())
    assert run(made) == [3, "2024-01-01"]
    made.on_kill()


def test_another_interpreter_in_a_subclass() -> None:
    import sys

    class Own(ExternalPythonOperator):
        def execute_callable(self) -> Any:
            return {"given": sorted(self.op_kwargs), "value": super().execute_callable()}

    def adds(a, b=1, run_id=None):  # type: ignore[no-untyped-def]
        return [a + b, run_id]

    made = Own(task_id="t", python=sys.executable, python_callable=adds, op_args=[1], op_kwargs={"b": 4}, expect_airflow=False, dag=make())
    assert made.execute(context_of(made)) == {"given": ["b", "run_id"], "value": [5, "r"]}
