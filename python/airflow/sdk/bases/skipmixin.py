"""Skipping downstream tasks: what branches and short circuits do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.sdk.definitions._internal.node import DAGNode
from airflow.sdk.exceptions import AirflowException, DownstreamTasksSkipped

XCOM_SKIPMIXIN_KEY = "skipmixin_key"
XCOM_SKIPMIXIN_SKIPPED = "skipped"
XCOM_SKIPMIXIN_FOLLOWED = "followed"


def _direct(task: Any) -> dict[str, Any]:
    return {node.task_id: node for node in task.downstream_list}


class SkipMixin:
    """For operators that skip downstream tasks."""

    def skip(self, ti: Any, tasks: Iterable[DAGNode]) -> None:
        """End this task with success and skip ``tasks``."""
        skipped = [task.node_id for task in tasks]
        if skipped:
            raise DownstreamTasksSkipped(tasks=skipped)

    def skip_all_except(self, ti: Any, branch_task_ids: str | Iterable[str] | None) -> None:
        """End this task with success; of its direct downstream only ``branch_task_ids`` (and what they lead to) go on."""
        log = getattr(self, "log", None)
        chosen = _as_ids(branch_task_ids)
        task = ti.task
        dag = task.dag
        chosen = _expand_groups(dag, chosen)
        unknown = sorted(name for name in chosen if name not in dag.task_dict)
        if unknown:
            raise AirflowException(
                f"'branch_task_ids' must contain only valid task_ids. Invalid tasks found: {set(unknown)}. "
                f"The direct downstream tasks of {task.task_id!r} are {sorted(task.downstream_task_ids)}"
            )
        followed = set(chosen)
        for name in chosen:
            followed |= dag.get_task(name).get_flat_relative_ids(upstream=False)
        skipped = sorted(name for name in task.downstream_task_ids if name not in followed)
        if log is not None:
            log.info("Following branch %s", sorted(chosen))
            log.info("Skipping tasks %s", skipped)
        if skipped:
            raise DownstreamTasksSkipped(tasks=skipped)


def _as_ids(branch_task_ids: str | Iterable[str] | None) -> set[str]:
    if branch_task_ids is None:
        return set()
    if isinstance(branch_task_ids, str):
        return {branch_task_ids}
    if not isinstance(branch_task_ids, Iterable):
        raise AirflowException(
            f"'branch_task_ids' must be either None, a task ID, or an Iterable of IDs, but got {type(branch_task_ids).__name__!r}."
        )
    ids = list(branch_task_ids)
    wrong = [item for item in ids if not isinstance(item, str)]
    if wrong:
        raise AirflowException(
            f"'branch_task_ids' expected all task IDs are strings. Invalid tasks found: {[(w, type(w).__name__) for w in wrong]}."
        )
    return set(ids)


def _expand_groups(dag: Any, ids: set[str]) -> set[str]:
    groups = dag.task_group_dict
    found: set[str] = set()
    for name in ids:
        if name in groups and name not in dag.task_dict:
            found.update(task.task_id for task in groups[name].roots)
        else:
            found.add(name)
    return found
