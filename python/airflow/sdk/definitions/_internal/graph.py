"""Order and circles among the tasks of a DAG."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowDagCycleException

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.taskgroup import TaskGroup


def topological_order(dag: DAG) -> list[str]:
    """Task ids, each after its upstream tasks, otherwise in order of definition; a circle is an ``AirflowDagCycleException``."""
    waiting = {task_id: len(task.upstream_task_ids) for task_id, task in dag.task_dict.items()}
    ready = [task_id for task_id, count in waiting.items() if count == 0]
    order: list[str] = []
    position = 0
    while position < len(ready):
        task_id = ready[position]
        position += 1
        order.append(task_id)
        for after in sorted(dag.task_dict[task_id].downstream_task_ids):
            waiting[after] -= 1
            if waiting[after] == 0:
                ready.append(after)
    if len(order) < len(waiting):
        circle = ", ".join(sorted(task_id for task_id, count in waiting.items() if count > 0))
        raise AirflowDagCycleException(f"Cycle detected in DAG: {dag.dag_id}. Faulty tasks: {circle}")
    return order


def sort_children(group: TaskGroup) -> list[Any]:
    """The direct children of ``group``, each after those it depends on."""
    owner: dict[str, str] = {}
    for key, child in group.children.items():
        tasks: Iterable[Any] = child if isinstance(child, Iterable) else [child]
        for task in tasks:
            owner[task.task_id] = key
    before: dict[str, set[str]] = {key: set() for key in group.children}
    for task_id, key in owner.items():
        assert group.dag is not None
        for upstream in group.dag.task_dict[task_id].upstream_task_ids:
            if upstream in owner and owner[upstream] != key:
                before[key].add(owner[upstream])
    done: list[str] = []
    while len(done) < len(before):
        step = [key for key in before if key not in done and before[key] <= set(done)]
        if not step:
            raise AirflowDagCycleException(f"A cyclic dependency occurred in task group {group.group_id!r}")
        done.extend(step)
    return [group.children[key] for key in done]
