"""The installation's own rules: ``airflow_local_settings.py`` and entry points ``airflow.policy``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from airflow import _entry_points, _hooks

_MODULE = "airflow_local_settings"
#: What a mutation hook may change of a task that has not run yet, and the same in the form.
_MUTABLE = ("queue", "pool", "pool_slots", "priority_weight", "executor", "run_as_user")

_from_packages: list[Any] | None = None


def load() -> str | None:
    """Import the settings when there are any; what is wrong with them, or ``None``."""
    try:
        importlib.import_module(_MODULE)
    except ModuleNotFoundError as error:
        return None if error.name == _MODULE else f"{_MODULE} cannot be imported: {error}"
    except Exception as error:
        return f"{_MODULE} cannot be imported: {type(error).__name__}: {error}"
    return None


def _packages() -> list[Any]:
    global _from_packages
    if _from_packages is None:
        _from_packages = [_entry_points.load(value) for _, value in _entry_points.entry_points("airflow.policy")]
    return _from_packages


def functions(*names: str) -> Iterator[Callable[..., Any]]:
    """All functions of these names: of packages first, the installation's own last."""
    for owner in _packages():
        for name in names:
            found = _hooks.implementation(owner, name)
            if found is not None:
                yield found
    settings = sys.modules.get(_MODULE)
    for name in names:
        found = getattr(settings, name, None)
        if callable(found):
            yield found


def apply(dag: Any) -> None:
    """Let the policies look at ``dag`` and its tasks; they may change them, or raise."""
    for policy in functions("dag_policy"):
        policy(dag)
    for policy in functions("task_policy", "policy"):
        for task in dag.tasks:
            policy(task)


def mutate(form: dict[str, Any], task: Any, dag: Any) -> None:
    """Let ``task_instance_mutation_hook`` change what the form says of a task.

    The scheduler, which makes task instances, runs no Python: the hook is asked once for each task when the file is parsed,
    with an instance that has no run yet.
    """
    hooks = list(functions("task_instance_mutation_hook"))
    if not hooks:
        return
    instance = SimpleNamespace(
        task=task, task_id=task.task_id, dag_id=dag.dag_id, run_id=None, map_index=-1, state=None, dag_run=None,
        try_number=0, max_tries=task.retries, executor_config=task.executor_config, operator=task.task_type,
        **{name: getattr(task, name, None) for name in _MUTABLE},
    )  # fmt: skip
    for hook in hooks:
        hook(instance)
    for name in _MUTABLE:
        value = getattr(instance, name)
        if value != getattr(task, name, None) and value is not None:
            form[name] = value
    if isinstance(instance.max_tries, int) and instance.max_tries != task.retries:
        form["retries"] = instance.max_tries
