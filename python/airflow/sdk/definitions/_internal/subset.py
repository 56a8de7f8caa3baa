"""A part of a DAG."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.taskgroup import TaskGroup


def partial_subset(
    dag: DAG, task_ids: str | Iterable[str], include_downstream: bool, include_upstream: bool, include_direct_upstream: bool
) -> DAG:
    """A copy of ``dag`` with the tasks named (or matched) and the neighbours asked for; edges to others are dropped."""
    if isinstance(task_ids, (str, re.Pattern)):
        matched = {task_id for task_id in dag.task_ids if re.findall(task_ids, task_id)}
    else:
        matched = {task_id for task_id in task_ids if dag.has_task(task_id)}
    chosen = set(matched)
    for task_id in matched:
        task = dag.get_task(task_id)
        if include_downstream:
            chosen |= task.get_flat_relative_ids(upstream=False)
        if include_upstream:
            chosen |= task.get_flat_relative_ids(upstream=True)
        elif include_direct_upstream:
            chosen |= task.upstream_task_ids
    part = copy.copy(dag)
    part.task_dict = {}
    part.task_group = _copy_group(dag.task_group, None, part, chosen)
    part.edge_info = {
        up: kept
        for up, downs in dag.edge_info.items()
        if up in chosen and (kept := {d: v for d, v in downs.items() if d in chosen})
    }
    return part


def _copy_group(group: TaskGroup, parent: TaskGroup | None, part: DAG, chosen: set[str]) -> TaskGroup:
    from airflow.sdk.definitions.taskgroup import TaskGroup

    made = copy.copy(group)
    made.dag, made.task_group, made.children = part, parent, {}
    for key, child in group.children.items():
        if isinstance(child, TaskGroup):
            inner = _copy_group(child, made, part, chosen)
            if inner.children:
                made.children[key] = inner
        elif key in chosen:
            task = copy.copy(child)
            task._dag, task.task_group = part, made  # type: ignore[attr-defined]
            task.upstream_task_ids = child.upstream_task_ids & chosen
            task.downstream_task_ids = child.downstream_task_ids & chosen
            made.children[key] = task
            part.task_dict[key] = task
    return made
