"""Trigger rules for runs in one process, where a task is looked at only when everything before it has ended.

The scheduler decides earlier and in Rust; with all upstream tasks finished both come to the same decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

RUN = "run"
SKIPPED = "skipped"
UPSTREAM_FAILED = "upstream_failed"


def decide(rule: str, states: Iterable[str]) -> str:
    """``run``, or the state the task gets instead; ``states`` are those of the upstream task instances."""
    seen = list(states)
    if not seen or rule in ("always", "dummy", "all_done", "all_done_setup_success"):
        return RUN
    failed = any(state in ("failed", "upstream_failed") for state in seen)
    skipped = seen.count("skipped")
    success = seen.count("success")
    if rule == "all_success":
        return UPSTREAM_FAILED if failed else SKIPPED if skipped else RUN
    if rule == "all_failed":
        return SKIPPED if success or skipped else RUN
    if rule == "all_skipped":
        return RUN if skipped == len(seen) else SKIPPED
    if rule == "all_done_min_one_success":
        return SKIPPED if skipped else RUN if success else UPSTREAM_FAILED
    if rule == "one_success":
        return RUN if success else SKIPPED if skipped == len(seen) else UPSTREAM_FAILED
    if rule == "one_failed":
        return RUN if failed else SKIPPED
    if rule == "one_done":
        return RUN if success or "failed" in seen else SKIPPED
    if rule == "none_failed":
        return UPSTREAM_FAILED if failed else RUN
    if rule in ("none_failed_min_one_success", "none_failed_or_skipped"):
        return UPSTREAM_FAILED if failed else RUN if success else SKIPPED
    if rule == "none_skipped":
        return SKIPPED if skipped else RUN
    raise ValueError(f"unknown trigger rule {rule!r}")


def decide_scope(setups: Iterable[Iterable[str]], teardown: bool) -> str:
    """What the setups of a task's scope allow; a teardown needs one that succeeded, other tasks need all of them."""
    outcomes = [_setup_outcome(list(states)) for states in setups]
    if not outcomes:
        return RUN
    if teardown:
        if RUN in outcomes:
            return RUN
        return UPSTREAM_FAILED if UPSTREAM_FAILED in outcomes else SKIPPED
    return UPSTREAM_FAILED if UPSTREAM_FAILED in outcomes else SKIPPED if SKIPPED in outcomes else RUN


def _setup_outcome(states: list[str]) -> str:
    if any(state in ("failed", "upstream_failed") for state in states):
        return UPSTREAM_FAILED
    return SKIPPED if "skipped" in states else RUN


def setups_of(task: Any) -> list[Any]:
    """The setups whose scope a task is in: before it, with a teardown after it or with no teardown at all."""
    if task.is_teardown:
        return [node for node in task.upstream_list if node.is_setup]
    dag = task.dag
    teardowns = {node for node in _reach(task, "downstream_task_ids") if dag.get_task(node).is_teardown}
    found = []
    for name in sorted(_reach(task, "upstream_task_ids")):
        setup = dag.get_task(name)
        if not setup.is_setup:
            continue
        own = {node for node in setup.downstream_task_ids if dag.get_task(node).is_teardown}
        if not own or own & teardowns:
            found.append(setup)
    return found


def _reach(task: Any, direction: str) -> set[str]:
    """All task ids before or after a task."""
    found: set[str] = set()
    todo = list(getattr(task, direction))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += getattr(task.dag.get_task(name), direction)
    return found
