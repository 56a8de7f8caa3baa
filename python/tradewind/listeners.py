"""Tells the listeners of plugins what happens to the task of this process."""

from __future__ import annotations

import logging
from typing import Any

from airflow import _hooks, plugins_manager

log = logging.getLogger("airflow.task")

#: What is told of runs, assets and import errors is known to the scheduler, which runs no Python.
NOT_TOLD = (
    "on_starting",
    "before_stopping",
    "on_dag_run_running",
    "on_dag_run_success",
    "on_dag_run_failed",
    "on_asset_created",
    "on_asset_alias_created",
    "on_asset_changed",
    "on_asset_event_emitted",
    "on_dataset_created",
    "on_dataset_alias_created",
    "on_dataset_changed",
    "on_new_dag_import_error",
    "on_existing_dag_import_error",
)

#: What provider packages add by themselves.
added: list[Any] = []


def all_listeners() -> list[Any]:
    """The listeners of all plugins, and those that were added in this process."""
    return [listener for plugin in plugins_manager.plugins or () for listener in plugin.listeners] + added


def tell(name: str, **arguments: Any) -> None:
    """Call ``name`` of every listener that has it; an error in one is logged."""
    for listener in all_listeners():
        function = _hooks.implementation(listener, name)
        if function is None:
            continue
        try:
            _hooks.call(function, session=None, **arguments)
        except Exception:
            log.exception("Listener %s.%s failed", getattr(listener, "__name__", type(listener).__name__), name)


def complaints() -> list[str]:
    """Hooks of listeners that nobody calls."""
    found = []
    for listener in all_listeners():
        unused = [name for name in NOT_TOLD if _hooks.implementation(listener, name)]
        if unused:
            name = getattr(listener, "__name__", type(listener).__qualname__)
            found.append(f"listener {name} has {', '.join(unused)}, which is not called: only hooks of task instances are")
    return found
