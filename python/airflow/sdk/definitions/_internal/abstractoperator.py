"""What ordinary and mapped operators have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.definitions._internal.node import DAGNode
from airflow.sdk.definitions._internal.templater import Templater
from airflow.sdk.exceptions import AirflowException
from airflow.task.trigger_rule import TriggerRule

if TYPE_CHECKING:
    from airflow.sdk.definitions._internal.expandinput import ExpandInput
    from airflow.sdk.definitions.taskgroup import MappedTaskGroup
    from airflow.sdk.definitions.xcom_arg import XComArg

DEFAULT_POOL_NAME = "default_pool"
DEFAULT_POOL_SLOTS = 1
DEFAULT_PRIORITY_WEIGHT = 1
DEFAULT_TRIGGER_RULE = TriggerRule.ALL_SUCCESS
DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST = False
DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING = False


class AbstractOperator(Templater, DAGNode):
    """A task in a DAG: an operator, or an operator that is expanded."""

    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    operator_extra_links: Sequence[Any] = ()
    inherits_from_empty_operator: ClassVar[bool] = False
    task_id: str
    trigger_rule: TriggerRule
    _is_setup: bool = False
    _is_teardown: bool = False
    _on_failure_fail_dagrun: bool = False

    @property
    def is_mapped(self) -> bool:
        """Whether the task is expanded."""
        return False

    @property
    def task_type(self) -> str:
        """The name of the operator class."""
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        """The name shown for the operator."""
        return getattr(self, "custom_operator_name", None) or self.task_type

    @property
    def node_id(self) -> str:
        """The task id."""
        return self.task_id

    @property
    def roots(self) -> Iterable[DAGNode]:
        """The task itself."""
        return [self]

    @property
    def leaves(self) -> Iterable[DAGNode]:
        """The task itself."""
        return [self]

    @property
    def output(self) -> XComArg:
        """The return value, for use as an argument of other tasks."""
        from airflow.sdk.definitions.xcom_arg import PlainXComArg

        return PlainXComArg(self)

    @property
    def is_setup(self) -> bool:
        """Whether this is a setup."""
        return self._is_setup

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        if value and self.is_teardown:
            raise ValueError(f"Cannot mark task '{self.task_id}' as setup; task is already a teardown.")
        self._is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Whether this is a teardown."""
        return self._is_teardown

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        if value and self.is_setup:
            raise ValueError(f"Cannot mark task '{self.task_id}' as teardown; task is already a setup.")
        self._is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether a failure of this teardown fails the run."""
        return self._on_failure_fail_dagrun

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        if value is True and self.is_teardown is not True:
            raise ValueError(f"Cannot set task on_failure_fail_dagrun for '{self.task_id}' because it is not a teardown task.")
        self._on_failure_fail_dagrun = value

    def as_setup(self) -> Any:
        """Mark this task as a setup; returns it."""
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> Any:
        """Mark this task as a teardown, of ``setups`` when given; returns it."""
        if self.trigger_rule not in (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE_SETUP_SUCCESS):
            raise ValueError("Trigger rule not configurable for teardown tasks.")
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if on_failure_fail_dagrun is not None:
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        if setups is not None:
            for setup in setups if isinstance(setups, (list, tuple, set)) else [setups]:
                setup.is_setup = True
                setup >> self
        return self

    def __enter__(self) -> Any:
        if not (self.is_setup or self.is_teardown):
            raise RuntimeError("Only setup/teardown tasks can be used as context managers.")
        from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext

        return SetupTeardownContext.enter([self])

    def __exit__(self, _type: Any, _value: Any, _tb: Any) -> None:
        from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext

        SetupTeardownContext.leave()

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """The mapped groups this task is in, innermost first."""
        return self.task_group.iter_mapped_task_groups() if self.task_group else iter(())

    def get_closest_mapped_task_group(self) -> MappedTaskGroup | None:
        """The innermost mapped group this task is in."""
        return next(self.iter_mapped_task_groups(), None)

    def iter_mapped_dependants(self) -> Iterator[Any]:
        """The tasks and groups that are expanded over this task's return value."""
        for _, node, source in _iter_expansions(self.dag):
            if any(operator is self for operator, _ in source.iter_references()):
                yield node

    def expand_start_from_trigger(self, *, context: Any) -> bool:
        """Whether the task starts in a trigger."""
        return bool(getattr(self, "start_from_trigger", False))

    @property
    def operator_extra_link_dict(self) -> dict[str, Any]:
        """The operator's links by their names."""
        return {link.name: link for link in self.operator_extra_links if hasattr(link, "name")}

    @property
    def extra_links(self) -> list[str]:
        """The names of the operator's links, in order."""
        return sorted(self.operator_extra_link_dict)

    def get_extra_links(self, ti: Any, link_name: str) -> str | None:
        """Where a link leads for a task instance; ``None`` when there is no such link."""
        link = self.operator_extra_link_dict.get(link_name)
        return None if link is None else link.get_link(self, ti_key=ti.key)

    def get_extra_links_names(self) -> list[str]:
        """The names of the operator's links."""
        return [link.name for link in self.operator_extra_links if hasattr(link, "name")]

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {getattr(self, 'task_id', '?')}>"


def _iter_expansions(dag: Any) -> Iterator[tuple[str, Any, ExpandInput]]:
    from airflow.sdk.definitions.mappedoperator import MappedOperator
    from airflow.sdk.definitions.taskgroup import MappedTaskGroup

    if dag is None:
        return
    for task in dag.tasks:
        if isinstance(task, MappedOperator):
            yield task.task_id, task, task.expand_input
    for group_id, group in dag.task_group_dict.items():
        if isinstance(group, MappedTaskGroup):
            yield group_id, group, group.expand_input


def collect_callbacks(value: Any, name: str, owner: str) -> list[Any]:
    """A callback argument as a list of callables."""
    if value is None:
        return []
    if callable(value):
        return [value]
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise AirflowException(f"{name} of {owner} has to be a callable or a list of them, not {value!r}")
    items = list(value)
    for item in items:
        if not callable(item):
            raise AirflowException(f"{name} of {owner} has to be a callable or a list of them, not {item!r} in the list")
    return items


class NotMapped(Exception):
    """A task is not mapped."""


def __getattr__(name: str) -> Any:
    """Defaults that the configuration says, under the names that 2.x has."""
    from airflow.configuration import conf

    if name == "DEFAULT_OWNER":
        return conf.get("operators", "default_owner")
    if name == "DEFAULT_QUEUE":
        return conf.get("operators", "default_queue")
    if name == "DEFAULT_RETRIES":
        return conf.getint("core", "default_task_retries", fallback=0)
    if name == "DEFAULT_TASK_EXECUTION_TIMEOUT":
        return conf.gettimedelta("core", "default_task_execution_timeout")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


#: For annotations, under the names that 2.x has.
TaskStateChangeCallback = Callable[[Any], None]
DagStateChangeCallback = Callable[[Any], None]
TaskPreExecuteHook = Callable[[Any], None]
TaskPostExecuteHook = Callable[[Any, Any], None]
SLAMissCallback = Callable[[Any, str, str, Any, Any], None]
