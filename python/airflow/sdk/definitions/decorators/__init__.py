"""``@task`` and its variants."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from typing import Any, overload

from airflow.sdk.bases.decorator import FParams, FReturn, _TaskDecorator
from airflow.sdk.definitions.dag import dag
from airflow.sdk.definitions.decorators.setup_teardown import setup_task as setup
from airflow.sdk.definitions.decorators.setup_teardown import teardown_task as teardown
from airflow.sdk.definitions.decorators.task_group import task_group

__all__ = ["TaskDecoratorCollection", "dag", "setup", "task", "task_group", "teardown"]

_PYTHON = "airflow.providers.standard.decorators.python"
_OTHER_PYTHON = "airflow.providers.standard.decorators.other_python"
_OWN = {
    "python": (_PYTHON, "python_task"),
    "branch": (_PYTHON, "branch_task"),
    "short_circuit": (_PYTHON, "short_circuit_task"),
    "sensor": ("airflow.providers.standard.decorators.sensor", "sensor_task"),
    "bash": ("airflow.providers.standard.decorators.bash", "bash_task"),
    "virtualenv": (_OTHER_PYTHON, "virtualenv_task"),
    "external_python": (_OTHER_PYTHON, "external_python_task"),
    "branch_virtualenv": (_OTHER_PYTHON, "branch_virtualenv_task"),
    "branch_external_python": (_OTHER_PYTHON, "branch_external_python_task"),
    "run_if": ("airflow.sdk.definitions.decorators.condition", "run_if"),
    "skip_if": ("airflow.sdk.definitions.decorators.condition", "skip_if"),
}


class TaskDecoratorCollection:
    """``@task``; its attributes are the other decorators, those of installed provider packages included."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    @overload
    def __call__(self, python_callable: Callable[FParams, FReturn], /) -> _TaskDecorator[FParams, FReturn]: ...
    @overload
    def __call__(self, **kwargs: Any) -> Callable[[Callable[FParams, FReturn]], _TaskDecorator[FParams, FReturn]]: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.python(*args, **kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._found:
            if name in _OWN:
                module, attribute = _OWN[name]
                self._found[name] = getattr(import_module(module), attribute)
            else:
                self._found[name] = _from_providers(name)
        return self._found[name]  # type: ignore[no-any-return]


def _from_providers(name: str) -> Any:
    from airflow import _providers
    from airflow.utils.module_loading import import_string

    for _, item in _providers.entries("task-decorators"):
        if item.get("name") == name:
            return import_string(item["class-name"])
    raise AttributeError(f"task decorator {name!r} not found; no installed provider package has it")


def result(function: Any) -> Any:
    """Mark a task whose return value is the result of the run."""

    def call(*args: Any, **kwargs: Any) -> Any:
        made = decorated(*args, **kwargs)
        made.operator.dag.add_result(made)
        return made

    decorated = function if hasattr(function, "override") else task(function)
    update_wrapper(call, getattr(decorated, "function", function))
    return call


task = TaskDecoratorCollection()
