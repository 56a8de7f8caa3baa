"""``@task``, ``@task.branch`` and ``@task.short_circuit``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory


class _PythonDecoratedOperator(DecoratedOperator, PythonOperator):
    """The operator behind ``@task``."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: Mapping[str, str] = {"templates_dict": "json", "op_args": "py", "op_kwargs": "py"}
    custom_operator_name: str = "@task"

    def __init__(self, *, python_callable: Callable[..., Any], op_args: Any = None, op_kwargs: Any = None, **kwargs: Any) -> None:
        passed = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=passed, **passed, **kwargs)

    def execute(self, context: Any) -> Any:
        """Call the function."""
        return PythonOperator.execute(self, context)


class _BranchPythonDecoratedOperator(_PythonDecoratedOperator, BranchPythonOperator):
    """The operator behind ``@task.branch``."""

    custom_operator_name: str = "@task.branch"

    def execute(self, context: Any) -> Any:
        """Call the function and branch."""
        return self.do_branch(context, PythonOperator.execute(self, context))


class _ShortCircuitDecoratedOperator(_PythonDecoratedOperator, ShortCircuitOperator):
    """The operator behind ``@task.short_circuit``."""

    custom_operator_name: str = "@task.short_circuit"

    def execute(self, context: Any) -> Any:
        """Call the function and decide."""
        return self.short_circuit(context, PythonOperator.execute(self, context))


def python_task(python_callable: Callable[..., Any] | None = None, multiple_outputs: bool | None = None, **kwargs: Any) -> Any:
    """Make a function a task."""
    return task_decorator_factory(
        python_callable, multiple_outputs=multiple_outputs, decorated_operator_class=_PythonDecoratedOperator, **kwargs
    )


def branch_task(python_callable: Callable[..., Any] | None = None, multiple_outputs: bool | None = None, **kwargs: Any) -> Any:
    """Make a function a task that returns the ids of the tasks to follow."""
    return task_decorator_factory(
        python_callable, multiple_outputs=multiple_outputs, decorated_operator_class=_BranchPythonDecoratedOperator, **kwargs
    )


def short_circuit_task(
    python_callable: Callable[..., Any] | None = None, multiple_outputs: bool | None = None, **kwargs: Any
) -> Any:
    """Make a function a task whose result says whether to go on."""
    return task_decorator_factory(
        python_callable, multiple_outputs=multiple_outputs, decorated_operator_class=_ShortCircuitDecoratedOperator, **kwargs
    )
