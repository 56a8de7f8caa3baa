"""Sub-DAGs of 1.10 and 2.x: the tasks of the inner DAG become a task group of the outer one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions._internal.contextmanager import DagContext
from airflow.sdk.definitions.taskgroup import TaskGroup
from airflow.sdk.exceptions import AirflowException
from airflow.task.trigger_rule import TriggerRule, parse_trigger_rule

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG

__all__ = ["SubDagOperator", "translate"]


class SubDagOperator(TaskGroup):
    """The tasks of ``subdag`` as a group called ``task_id``. They are part of the outer DAG's runs, under its limits.

    A trigger rule counts for the first tasks of the group. What else an operator takes (executor, pool, retries) has no
    meaning for a group: the tasks inside have their own.
    """

    def __init__(
        self, *, task_id: str, subdag: DAG, dag: DAG | None = None, trigger_rule: Any = TriggerRule.ALL_SUCCESS, **_: Any
    ) -> None:
        outer = dag or DagContext.get_current()
        if outer is None:
            raise AirflowException(f"SubDagOperator {task_id!r} needs a DAG: give it dag= or use it in a with block")
        if subdag is outer or subdag.is_subdag:
            raise AirflowException(f"DAG {subdag.dag_id!r} cannot be the sub-DAG of {task_id!r}: it is in use already")
        super().__init__(group_id=task_id, dag=outer, parent_group=None if DagContext.get_current() else outer.task_group)
        self.task_id = self.node_id
        self.subdag = subdag
        self.old_id = f"{outer.dag_id}.{task_id}"
        first = [task for task in subdag.tasks if not task.upstream_task_ids]
        self._move_in()
        rule = parse_trigger_rule(trigger_rule, f"task {task_id!r}")
        for task in first:
            if task.trigger_rule == TriggerRule.ALL_SUCCESS:
                task.trigger_rule = rule
        subdag.is_subdag, subdag.parent_dag = True, outer
        outer.subdags = (*outer.subdags, subdag, *subdag.subdags)

    def _move_in(self) -> None:
        inner, outer = self.subdag, self.dag
        assert outer is not None
        new_ids = {task_id: self.child_id(task_id) for task_id in inner.task_dict}
        children = list(inner.task_group.children.values())
        for group_id in inner.task_group.used_group_ids:
            self.used_group_ids.add(self.child_id(group_id))
        for task in inner.tasks:
            task.task_id = new_ids[task.task_id]
            task.upstream_task_ids = {new_ids.get(task_id, task_id) for task_id in task.upstream_task_ids}
            task.downstream_task_ids = {new_ids.get(task_id, task_id) for task_id in task.downstream_task_ids}
            task._dag = None
        for child in children:
            child.task_group = self
            self.children[child.node_id] = child
        for group in [child for child in children if isinstance(child, TaskGroup)]:
            _rename(group, outer, self.used_group_ids)
        for task in inner.tasks:
            task.dag = outer
        for up, downs in inner.edge_info.items():
            for down, info in downs.items():
                outer.set_edge_info(new_ids.get(up, up), new_ids.get(down, down), info)


def _rename(group: TaskGroup, dag: DAG, used: set[str]) -> None:
    group.dag, group.used_group_ids = dag, used
    group.children = {child.node_id: child for child in group.children.values()}
    for child in group.children.values():
        if isinstance(child, TaskGroup):
            _rename(child, dag, used)


def translate(task: Any, dag_id: str | None, task_ids: list[str]) -> tuple[str | None, list[str]]:
    """Ids as tasks of sub-DAGs know each other (bare, or with the sub-DAG's id) as they are in the outer DAG."""
    groups = {group.old_id: group for group in task.dag.task_group_dict.values() if isinstance(group, SubDagOperator)}
    if dag_id in groups:
        return None, [groups[dag_id].child_id(task_id) for task_id in task_ids]
    if dag_id not in (None, task.dag.dag_id):
        return dag_id, task_ids
    group = task.task_group
    while group is not None and not isinstance(group, SubDagOperator):
        group = group.task_group
    if group is None or dag_id is not None:
        return dag_id, task_ids
    return None, [group.child_id(task_id) if task.dag.has_task(group.child_id(task_id)) else task_id for task_id in task_ids]
