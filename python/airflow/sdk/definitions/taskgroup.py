"""Task groups: a prefix for ids, shared default arguments, and one node for edges."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.node import DAGNode, validate_group_key
from airflow.sdk.exceptions import AirflowException, DuplicateTaskIdFound, TaskAlreadyInTaskGroup

if TYPE_CHECKING:
    from airflow.sdk.definitions._internal.expandinput import ExpandInput
    from airflow.sdk.definitions.dag import DAG


def read_doc_md(doc_md: str | None, folder: str | None) -> str | None:
    """The text of ``doc_md``, read from the file it names when it ends in ``.md`` and the file is there."""
    if doc_md is None or not doc_md.endswith(".md") or "\n" in doc_md:
        return doc_md
    path = doc_md if os.path.isabs(doc_md) or folder is None else os.path.join(folder, doc_md)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return doc_md


class TaskGroup(DAGNode):
    """A set of tasks of a DAG; used in a ``with`` block."""

    def __init__(
        self,
        group_id: str | None,
        group_display_name: str = "",
        prefix_group_id: bool = True,
        parent_group: TaskGroup | None = None,
        dag: DAG | None = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        doc_md: str | None = None,
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
    ) -> None:
        self.prefix_group_id = prefix_group_id
        self.children: dict[str, DAGNode] = {}
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._before_empty: list[Any] = []
        self._after_empty: list[Any] = []
        self.tooltip, self.ui_color, self.ui_fgcolor = tooltip, ui_color, ui_fgcolor
        self.group_display_name = group_display_name
        self.doc_md = read_doc_md(doc_md, None)
        self.default_args = dict(default_args or {})
        self.dag = dag if dag is not None else (parent_group.dag if parent_group else DagContext.get_current())
        self.task_group: TaskGroup | None = None
        self._group_id = group_id
        if group_id is None:
            if parent_group:
                raise RuntimeError("Root TaskGroup cannot have a parent")
            self.used_group_ids: set[str] = set()
            return
        self._join_parent(group_id, parent_group, add_suffix_on_collision)

    def _join_parent(self, group_id: str, parent_group: TaskGroup | None, add_suffix: bool) -> None:
        validate_group_key(group_id)
        if parent_group is None and self.dag is None:
            raise RuntimeError(f"TaskGroup {group_id!r} can only be used inside a dag")
        parent = parent_group or TaskGroupContext.get_current(self.dag)
        assert parent is not None
        self.default_args = {**parent.default_args, **self.default_args}
        self.task_group = parent
        self.used_group_ids = parent.used_group_ids
        if self.group_id in self.used_group_ids or (self.dag and self.group_id in self.dag.task_dict):
            if not add_suffix:
                raise DuplicateTaskIdFound(f"group_id {self.group_id!r} has already been added to the DAG")
            self._group_id = self._free_id(group_id)
        self.used_group_ids.add(self.node_id)
        parent.children[self.node_id] = self

    def _free_id(self, base: str) -> str:
        base = re.split(r"__\d+$", base)[0]
        taken = re.compile(rf"^{re.escape(self.task_group.child_id(base) if self.task_group else base)}__(\d+)$")
        numbers = [int(match.group(1)) for name in self.used_group_ids if (match := taken.match(name))]
        return f"{base}__{max(numbers, default=0) + 1}"

    @classmethod
    def create_root(cls, dag: DAG) -> TaskGroup:
        """The group without an id that holds everything of ``dag``."""
        return cls(group_id=None, dag=dag)

    @property
    def is_root(self) -> bool:
        """Whether this is the DAG's own group."""
        return not self.group_id

    @property
    def parent_group(self) -> TaskGroup | None:
        """The group around this one."""
        return self.task_group

    @property
    def group_id(self) -> str | None:
        """The id with the prefix of the groups around."""
        if self._group_id is not None and self.task_group:
            return self.task_group.child_id(self._group_id)
        return self._group_id

    @property
    def node_id(self) -> str:
        """The id as a node; empty for the root."""
        return self.group_id or ""

    @property
    def label(self) -> str | None:
        """The id without prefix."""
        return self.group_display_name or self._group_id

    def child_id(self, label: str) -> str:
        """The id that a task or group called ``label`` gets in this group."""
        return f"{self.group_id}.{label}" if self.prefix_group_id and self.group_id else label

    @property
    def upstream_join_id(self) -> str:
        """The id of the node that graphs draw before the group."""
        return f"{self.group_id}.upstream_join_id"

    @property
    def downstream_join_id(self) -> str:
        """The id of the node that graphs draw after the group."""
        return f"{self.group_id}.downstream_join_id"

    def __iter__(self) -> Iterator[Any]:
        """All tasks below, in order of definition."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child
            else:
                yield child

    def iter_tasks(self) -> Iterator[Any]:
        """All tasks below, in order of definition."""
        return iter(self)

    def add(self, task: DAGNode) -> DAGNode:
        """Put ``task`` into this group."""
        from airflow.sdk.definitions._internal.abstractoperator import AbstractOperator

        known = task.task_group
        if isinstance(task, AbstractOperator) and known is not None and known is not self:
            raise TaskAlreadyInTaskGroup(task.node_id, known.node_id or None, self.node_id)
        key = task.node_id
        if key in self.children:
            kind = "Task" if isinstance(task, AbstractOperator) else "Task group"
            raise DuplicateTaskIdFound(f"{kind} id {key!r} has already been added to the DAG")
        if isinstance(task, TaskGroup):
            if self.dag is not None and task.dag is not None and task.dag is not self.dag:
                raise RuntimeError(f"Cannot mix TaskGroups from different DAGs: {self.dag.dag_id} and {task.dag.dag_id}")
            if task.children and any(True for _ in task):
                raise AirflowException("Cannot add a non-empty TaskGroup")
        task.task_group = self
        self.children[key] = task
        return task

    def get_child_by_label(self, label: str) -> DAGNode:
        """The task or group called ``label`` here."""
        return self.children[self.child_id(label)]

    def has_task(self, task: DAGNode) -> bool:
        """Whether ``task`` is somewhere below."""
        return any(known is task for known in self)

    def get_task_group_dict(self) -> dict[str | None, TaskGroup]:
        """This group and all below by id."""
        found: dict[str | None, TaskGroup] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                found.update(child.get_task_group_dict())
        return found

    def get_roots(self) -> list[Any]:
        """Tasks without an upstream task in this group."""
        inside = {task.task_id for task in self}
        return [task for task in self if inside.isdisjoint(task.upstream_task_ids)]

    def get_leaves(self) -> list[Any]:
        """Tasks without a downstream task in this group; a teardown is stood in for by the work before it."""
        tasks = {task.task_id: task for task in self}
        found: dict[str, Any] = {}

        def before(teardown: Any) -> Iterator[Any]:
            for task_id in sorted(teardown.upstream_task_ids & tasks.keys()):
                task = tasks[task_id]
                if task.is_teardown:
                    yield from before(task)
                elif not task.is_setup:
                    yield task

        for task in tasks.values():
            if tasks.keys().isdisjoint(task.downstream_task_ids):
                for leaf in before(task) if task.is_teardown else [task]:
                    found[leaf.task_id] = leaf
        return list(found.values())

    @property
    def roots(self) -> list[Any]:
        """What an edge into the group leads to; through an empty group, what comes after it."""
        return self.get_roots() if any(True for _ in self) else list(self._after_empty)

    @property
    def leaves(self) -> list[Any]:
        """What an edge out of the group starts from; through an empty group, what comes before it."""
        return self.get_leaves() if any(True for _ in self) else list(self._before_empty)

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: Any = None) -> None:
        """Remember the neighbours of a group that is still empty."""
        if not any(True for _ in self):
            if upstream:
                self._before_empty.extend(other.leaves)
            else:
                self._after_empty.extend(other.roots)

    def _set_relatives(self, other: Any, *, upstream: bool, edge_modifier: Any = None) -> None:
        if not any(True for _ in self):
            for item in other if isinstance(other, (list, tuple)) else [other]:
                if hasattr(item, "leaves"):
                    self.update_relative(item, upstream=upstream)
        super()._set_relatives(other, upstream=upstream, edge_modifier=edge_modifier)

    def as_setup(self) -> Any:
        """Refused: only tasks are setups."""
        raise AirflowException("A task group cannot be a setup; mark the tasks in it")

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> Any:
        """Refused: only tasks are teardowns."""
        raise AirflowException("A task group cannot be a teardown; mark the tasks in it")

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """The mapped groups around and including this one, innermost first."""
        group: TaskGroup | None = self
        while group is not None:
            if isinstance(group, MappedTaskGroup):
                yield group
            group = group.task_group

    def topological_sort(self) -> list[DAGNode]:
        """The direct children, each after those it depends on."""
        from airflow.sdk.definitions._internal.graph import sort_children

        return sort_children(self)

    def __enter__(self) -> TaskGroup:
        TaskGroupContext.push(self)
        return self

    def __exit__(self, _type: Any, _value: Any, _tb: Any) -> None:
        TaskGroupContext.pop()

    def __repr__(self) -> str:
        return f"<TaskGroup: {self.group_id}>"


class MappedTaskGroup(TaskGroup):
    """A task group that is run once for each item of its expanded arguments."""

    def __init__(self, *, expand_input: ExpandInput, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._expand_input = expand_input
        self._length_from = [operator for operator, _ in expand_input.iter_references()]

    @property
    def expand_input(self) -> ExpandInput:
        """The arguments that the group is expanded over."""
        return self._expand_input

    def __exit__(self, _type: Any, _value: Any, _tb: Any) -> None:
        for operator in self._length_from:
            self.set_upstream(operator)
        super().__exit__(_type, _value, _tb)
