"""Runs callbacks: all of a list in order, an error in one is logged and never changes a state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

log = logging.getLogger("airflow.task")

#: Which callbacks of a task follow from its final state.
OF_STATE = {
    "success": "on_success_callback",
    "failed": "on_failure_callback",
    "up_for_retry": "on_retry_callback",
    "skipped": "on_skipped_callback",
}


def as_list(value: Any) -> list[Callable[[Any], Any]]:
    """A callback argument (nothing, one callable or several) as a list."""
    if value is None:
        return []
    if callable(value) or not isinstance(value, Iterable):
        return [value]
    return list(value)


def run(owner: Any, name: str, context: Mapping[str, Any]) -> int:
    """Run the callbacks called ``name`` of a task or DAG; gives how many there were."""
    callbacks = as_list(getattr(owner, name, None))
    for callback in callbacks:
        label = getattr(callback, "__qualname__", None) or type(callback).__qualname__
        log.info("Running callback %s: %s", name, label)
        try:
            callback(context)
        except Exception:
            log.exception("Callback %s (%s) failed; the state of the task does not change", name, label)
    return len(callbacks)
