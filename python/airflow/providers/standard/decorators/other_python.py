"""``@task.virtualenv``, ``@task.external_python`` and their branching forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.providers.standard.operators._other_python import (
    BranchExternalPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory


class _OtherPython(DecoratedOperator):
    """The arguments of the function are those of the call."""

    def __init__(self, *, python_callable: Callable[..., Any], op_args: Any, op_kwargs: Any, **kwargs: Any) -> None:
        passed = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": op_kwargs}
        super().__init__(kwargs_to_upstream=passed, **passed, **kwargs)


class _PythonVirtualenvDecoratedOperator(_OtherPython, PythonVirtualenvOperator):
    """The operator behind ``@task.virtualenv``."""

    template_fields: Sequence[str] = PythonVirtualenvOperator.template_fields
    custom_operator_name: str = "@task.virtualenv"
    execute = PythonVirtualenvOperator.execute


class _PythonExternalDecoratedOperator(_OtherPython, ExternalPythonOperator):
    """The operator behind ``@task.external_python``."""

    template_fields: Sequence[str] = ExternalPythonOperator.template_fields
    custom_operator_name: str = "@task.external_python"
    execute = ExternalPythonOperator.execute


class _BranchPythonVirtualenvDecoratedOperator(_OtherPython, BranchPythonVirtualenvOperator):
    """The operator behind ``@task.branch_virtualenv``."""

    template_fields: Sequence[str] = BranchPythonVirtualenvOperator.template_fields
    custom_operator_name: str = "@task.branch_virtualenv"

    def execute(self, context: Any) -> Any:
        """Run the function and branch."""
        return self.do_branch(context, PythonVirtualenvOperator.execute(self, context))


class _BranchExternalPythonDecoratedOperator(_OtherPython, BranchExternalPythonOperator):
    """The operator behind ``@task.branch_external_python``."""

    template_fields: Sequence[str] = BranchExternalPythonOperator.template_fields
    custom_operator_name: str = "@task.branch_external_python"

    def execute(self, context: Any) -> Any:
        """Run the function and branch."""
        return self.do_branch(context, ExternalPythonOperator.execute(self, context))


def virtualenv_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a task that runs in a virtual environment of its own."""
    return task_decorator_factory(python_callable, decorated_operator_class=_PythonVirtualenvDecoratedOperator, **kwargs)


def external_python_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a task that runs with another interpreter."""
    return task_decorator_factory(python_callable, decorated_operator_class=_PythonExternalDecoratedOperator, **kwargs)


def branch_virtualenv_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a branching task that runs in a virtual environment of its own."""
    return task_decorator_factory(python_callable, decorated_operator_class=_BranchPythonVirtualenvDecoratedOperator, **kwargs)


def branch_external_python_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a branching task that runs with another interpreter."""
    return task_decorator_factory(python_callable, decorated_operator_class=_BranchExternalPythonDecoratedOperator, **kwargs)
