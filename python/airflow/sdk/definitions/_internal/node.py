"""What tasks and task groups have in common: ids, edges and the shift operators."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.edges import EdgeModifier
    from airflow.sdk.definitions.taskgroup import TaskGroup

_KEY = re.compile(r"^[\w.-]+$")
_GROUP_KEY = re.compile(r"^[\w-]+$")


def validate_key(key: str, what: str = "key", max_length: int = 250) -> None:
    """Raise unless ``key`` may be a dag or task id."""
    if not isinstance(key, str):
        raise TypeError(f"The {what} has to be a string, not {type(key).__name__}: {key!r}")
    if len(key) > max_length:
        raise ValueError(f"The {what} has to be less than {max_length} characters, not {len(key)}")
    if not _KEY.match(key):
        raise ValueError(f"The {what} {key!r} has to be made of letters, digits, dashes, dots and underscores")


def validate_group_key(key: str, max_length: int = 200) -> None:
    """Raise unless ``key`` may be a group id."""
    if not isinstance(key, str):
        raise TypeError(f"The group_id has to be a string, not {type(key).__name__}: {key!r}")
    if len(key) > max_length:
        raise ValueError(f"The group_id has to be less than {max_length} characters, not {len(key)}")
    if not _GROUP_KEY.match(key):
        raise ValueError(f"The group_id {key!r} has to be made of letters, digits, dashes and underscores (no dots)")


class DependencyMixin:
    """The operators ``>>`` and ``<<`` over ``set_upstream`` and ``set_downstream``."""

    @property
    def roots(self) -> Iterable[DependencyMixin]:
        """What an edge into this thing leads to."""
        raise NotImplementedError

    @property
    def leaves(self) -> Iterable[DependencyMixin]:
        """What an edge out of this thing starts from."""
        raise NotImplementedError

    @abstractmethod
    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Make ``other`` (one or several) run before this."""

    @abstractmethod
    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Make ``other`` (one or several) run after this."""

    def as_setup(self) -> Any:
        """Mark this task as a setup."""
        raise NotImplementedError

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> Any:
        """Mark this task as a teardown, of ``setups`` when given."""
        raise NotImplementedError

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: EdgeModifier | None = None) -> None:
        """Be told of an edge that the other side has made."""

    def __lshift__(self, other: Any) -> Any:
        if not self._joins(other):
            self.set_upstream(other)
        return other

    def __rshift__(self, other: Any) -> Any:
        if not self._joins(other):
            self.set_downstream(other)
        return other

    def _joins(self, other: Any) -> bool:
        """``dag >> task`` of 1.10 puts the task into the DAG."""
        from airflow.sdk.definitions.dag import DAG

        if not isinstance(other, DAG):
            return False
        from airflow import _warnings

        _warnings.deprecated("dag >> task is now `with dag:`, or the argument dag of the task", refused=True)
        task: Any = self
        if not task.has_dag() or task.dag is not other:
            other.add_task(task)
        return True

    def __rrshift__(self, other: Any) -> Any:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Any) -> Any:
        self.__rshift__(other)
        return self


class DAGNode(DependencyMixin):
    """A task or a group in a DAG."""

    dag: DAG | None
    task_group: TaskGroup | None
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def node_id(self) -> str:
        """The id, unique among the tasks and groups of the DAG."""
        raise NotImplementedError

    @property
    def label(self) -> str | None:
        """The id without the prefix of the group it is in."""
        group = self.task_group
        if group and group.node_id and group.prefix_group_id and self.node_id.startswith(f"{group.node_id}."):
            return self.node_id[len(group.node_id) + 1 :]
        return self.node_id

    def has_dag(self) -> bool:
        """Whether the node belongs to a DAG yet."""
        return self.dag is not None

    def get_dag(self) -> Any:
        """The DAG, ``None`` when there is none yet."""
        return self.dag if self.has_dag() else None

    @property
    def dag_id(self) -> str:
        """The id of the DAG, or a marker when there is none yet."""
        return self.dag.dag_id if self.has_dag() and self.dag is not None else "_in_memory_dag_"

    @property
    def log(self) -> Any:
        """The logger of this class."""
        import logging

        return logging.getLogger(f"{type(self).__module__}.{type(self).__qualname__}")

    @property
    def upstream_list(self) -> Iterable[Any]:
        """The direct upstream tasks."""
        if not self.dag:
            raise RuntimeError(f"Operator {self} has not been assigned to a DAG yet")
        return [self.dag.get_task(task_id) for task_id in sorted(self.upstream_task_ids)]

    @property
    def downstream_list(self) -> Iterable[Any]:
        """The direct downstream tasks."""
        if not self.dag:
            raise RuntimeError(f"Operator {self} has not been assigned to a DAG yet")
        return [self.dag.get_task(task_id) for task_id in sorted(self.downstream_task_ids)]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """The ids of the direct neighbours on one side."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> Iterable[Any]:
        """The direct neighbours on one side."""
        return self.upstream_list if upstream else self.downstream_list

    def get_flat_relative_ids(self, *, upstream: bool = False) -> set[str]:
        """The ids of all tasks that can be reached on one side."""
        if not self.dag:
            return set()
        found: set[str] = set()
        todo = list(self.get_direct_relative_ids(upstream))
        while todo:
            task_id = todo.pop()
            if task_id not in found:
                found.add(task_id)
                todo.extend(self.dag.get_task(task_id).get_direct_relative_ids(upstream))
        return found

    def get_flat_relatives(self, upstream: bool = False) -> list[Any]:
        """All tasks that can be reached on one side."""
        assert self.dag is not None
        return [self.dag.get_task(task_id) for task_id in sorted(self.get_flat_relative_ids(upstream=upstream))]

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Make ``other`` (one or several) run before this."""
        self._set_relatives(other, upstream=True, edge_modifier=edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Make ``other`` (one or several) run after this."""
        self._set_relatives(other, upstream=False, edge_modifier=edge_modifier)

    def _set_relatives(self, other: Any, *, upstream: bool, edge_modifier: EdgeModifier | None = None) -> None:
        others = list(other) if isinstance(other, Sequence) and not isinstance(other, str) else [other]
        for item in others:
            if not isinstance(item, DependencyMixin):
                raise TypeError(f"Relationships can only be set between operators and groups; received {type(item).__name__}")
        for item in others:
            item.update_relative(self, not upstream, edge_modifier=edge_modifier)
        near = list(self.roots if upstream else self.leaves)
        far = [node for item in others for node in (item.leaves if upstream else item.roots)]
        connect(far if upstream else near, near if upstream else far, edge_modifier)


def connect(sources: Iterable[Any], targets: Iterable[Any], edge_modifier: EdgeModifier | None = None) -> None:
    """Draw an edge from every task of ``sources`` to every task of ``targets``; tasks without a DAG adopt the one found."""
    sources, targets = list(sources), list(targets)
    if not sources or not targets:
        return
    dags = {id(task.dag): task.dag for task in (*sources, *targets) if task.has_dag()}
    if len(dags) > 1:
        names = sorted(dag.dag_id for dag in dags.values())
        raise RuntimeError(f"Tried to set relationships between tasks in more than one DAG: {', '.join(names)}")
    if not dags:
        raise ValueError(
            "Tried to create relationships between tasks that don't have DAGs yet. "
            f"Set the DAG for at least one task and try again: {[*sources, *targets]}"
        )
    dag = next(iter(dags.values()))
    for task in (*sources, *targets):
        if not task.has_dag():
            task.dag = dag
    for source in sources:
        for target in targets:
            source.downstream_task_ids.add(target.node_id)
            target.upstream_task_ids.add(source.node_id)
            if edge_modifier is not None:
                edge_modifier.add_edge_info(dag, source.node_id, target.node_id)
