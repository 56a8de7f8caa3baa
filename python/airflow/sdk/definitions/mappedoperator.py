"""Operators that are expanded: one task, a number of instances known at run time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.bases._construction import accepted_names, merged_default_args, unregistered
from airflow.sdk.definitions._internal.abstractoperator import AbstractOperator
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    ensure_list_of_dicts,
    ensure_mappable,
)
from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext
from airflow.sdk.exceptions import AirflowException, FailFastDagInvalidTriggerRule
from airflow.task.trigger_rule import TriggerRule

if TYPE_CHECKING:
    from airflow.sdk.bases.operator import BaseOperator


def base_names() -> frozenset[str]:
    """The argument names of ``BaseOperator``."""
    from airflow.sdk.bases.operator import BaseOperator

    return accepted_names(BaseOperator)


def check_names(operator_class: type, caller: str, names: Any) -> None:
    """Raise unless ``operator_class`` takes all of ``names``."""
    unknown = sorted(set(names) - accepted_names(operator_class))
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        listed = ", ".join(map(repr, unknown))
        raise TypeError(f"{operator_class.__name__}.{caller}() got unexpected keyword argument{plural} {listed}")


class OperatorPartial:
    """The constant arguments of an operator, waiting for ``expand`` or ``expand_kwargs``."""

    def __init__(self, operator_class: type[BaseOperator], kwargs: dict[str, Any], defaults: dict[str, Any]) -> None:
        self.operator_class = operator_class
        self.kwargs = kwargs
        self._defaults = defaults

    @classmethod
    def create(
        cls, operator_class: type[BaseOperator], *, task_id: str, dag: Any, task_group: Any, kwargs: dict[str, Any]
    ) -> OperatorPartial:
        """Check the arguments and fill in default arguments."""
        check_names(operator_class, "partial", kwargs)
        dag = dag or DagContext.get_current()
        group = task_group or TaskGroupContext.get_current(dag)
        default_args = merged_default_args(dag, group, kwargs.get("default_args"))
        default_params = default_args.pop("params", None)
        names = accepted_names(operator_class)
        defaults = {name: value for name, value in default_args.items() if name in names and name not in kwargs}
        if default_params:
            kwargs["params"] = {**default_params, **(kwargs.get("params") or {})}
        given = {**kwargs, "task_id": task_id, "dag": dag, "task_group": group}
        return cls(operator_class, given, defaults)

    def expand(self, **mapped_kwargs: Any) -> MappedOperator:
        """One instance for each combination of the given lists."""
        if not mapped_kwargs:
            raise TypeError("no arguments to expand against")
        check_names(self.operator_class, "expand", mapped_kwargs)
        base = sorted(set(mapped_kwargs) & base_names())
        if base:
            raise TypeError(f"{self.operator_class.__name__}.expand() cannot map over base parameters: {', '.join(base)}")
        repeated = sorted(set(mapped_kwargs) & set(self.kwargs))
        if repeated:
            listed = ", ".join(map(repr, repeated))
            raise TypeError(f"{self.operator_class.__name__}.expand() got arguments that partial() has as well: {listed}")
        ensure_mappable("expand()", mapped_kwargs)
        return self._expand(DictOfListsExpandInput(mapped_kwargs), strict=False, mapped=mapped_kwargs)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """One instance for each dict in ``kwargs``."""
        ensure_list_of_dicts("expand_kwargs()", kwargs)
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict, mapped={})

    def _expand(self, expand_input: ExpandInput, *, strict: bool, mapped: Mapping[str, Any]) -> MappedOperator:
        defaults = {name: value for name, value in self._defaults.items() if name not in mapped}
        return MappedOperator(
            operator_class=self.operator_class,
            partial_kwargs={**defaults, **self.kwargs},
            expand_input=expand_input,
            disallow_kwargs_override=strict,
        )


class MappedOperator(AbstractOperator):
    """A task made by ``partial(...).expand(...)``. Plain settings such as ``retries`` are those of every instance."""

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        partial_kwargs: dict[str, Any],
        expand_input: ExpandInput,
        disallow_kwargs_override: bool = False,
    ) -> None:
        from airflow.sdk.bases.operator import BaseOperator

        kwargs = dict(partial_kwargs)
        self._dag = kwargs.pop("dag", None)
        self.task_group = group = kwargs.pop("task_group", None)
        self._label = kwargs["task_id"]
        self.operator_class = operator_class
        self.expand_input = expand_input
        self.partial_kwargs = kwargs
        self.disallow_kwargs_override = disallow_kwargs_override
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        settings = {name: value for name, value in kwargs.items() if name in base_names()}
        settings["task_id"] = group.child_id(self._label) if group else self._label
        with unregistered():
            self._settings = BaseOperator(**{**settings, "dag": self._dag})
        self.trigger_rule = self._settings.trigger_rule
        self._check()
        self.task_group = None
        if group is not None:
            group.add(self)
        if self._dag is not None:
            FailFastDagInvalidTriggerRule.check(fail_fast=self._dag.fail_fast, trigger_rule=self.trigger_rule)
            self._dag.add_task(self)
        SetupTeardownContext.note(self)
        self._link()

    def _check(self) -> None:
        group = self.task_group
        if group is not None and next(group.iter_mapped_task_groups(), None) is not None:
            raise NotImplementedError("operator expansion in an expanded task group is not yet supported")
        mapped_over_tasks = next(iter(self.expand_input.iter_references()), None) is not None
        if self.trigger_rule == TriggerRule.ALWAYS and mapped_over_tasks:
            raise ValueError("Task-generated mapping within a task using 'expand' is not allowed with trigger rule 'always'.")

    def _link(self) -> None:
        from airflow.sdk.definitions.xcom_arg import XComArg

        XComArg.apply_upstream_relationship(self, self.partial_kwargs)
        for operator, _ in self.expand_input.iter_references():
            self.set_upstream(operator)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_settings" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if name in self.partial_kwargs and name not in base_names():
            return self.partial_kwargs[name]
        try:
            return getattr(self._settings, name)
        except AttributeError:
            return getattr(self.operator_class, name)

    @property
    def task_id(self) -> str:  # type: ignore[override]
        """The id with the prefix of the group."""
        return self._settings.task_id

    @property
    def dag(self) -> Any:  # type: ignore[override]
        """The DAG of the task; a ``RuntimeError`` when there is none yet."""
        if self._dag is None:
            raise RuntimeError(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: Any) -> None:
        if self._dag is not None and self._dag is not dag:
            raise AirflowException(f"The DAG assigned to {self} can not be changed.")
        self._dag = dag
        dag.add_task(self)

    def has_dag(self) -> bool:
        """Whether the task belongs to a DAG yet."""
        return self._dag is not None

    @property
    def is_mapped(self) -> bool:
        """Always true."""
        return True

    @property
    def task_type(self) -> str:
        """The name of the operator class."""
        return self.operator_class.__name__

    @property
    def operator_name(self) -> str:
        """The name shown for the operator."""
        return getattr(self.operator_class, "custom_operator_name", None) or self.task_type

    @property
    def template_fields(self) -> Any:  # type: ignore[override]
        """Those of the operator class."""
        return self.operator_class.template_fields

    @property
    def template_ext(self) -> Any:  # type: ignore[override]
        """Those of the operator class."""
        return self.operator_class.template_ext

    @property
    def template_fields_renderers(self) -> Any:  # type: ignore[override]
        """Those of the operator class."""
        return self.operator_class.template_fields_renderers

    @property
    def ui_color(self) -> str:  # type: ignore[override]
        """That of the operator class."""
        return self.operator_class.ui_color

    @property
    def ui_fgcolor(self) -> str:  # type: ignore[override]
        """That of the operator class."""
        return self.operator_class.ui_fgcolor

    @property
    def operator_extra_links(self) -> Any:  # type: ignore[override]
        """Those of the operator class."""
        return self.operator_class.operator_extra_links

    @property
    def start_date(self) -> Any:
        """The date from which the task runs."""
        return self._settings.start_date

    @start_date.setter
    def start_date(self, value: Any) -> None:
        self._settings.start_date = value

    @property
    def end_date(self) -> Any:
        """The date until which the task runs."""
        return self._settings.end_date

    @end_date.setter
    def end_date(self, value: Any) -> None:
        self._settings.end_date = value

    def iter_mapped_dependencies(self) -> Iterator[Any]:
        """The tasks whose results decide the number of instances."""
        for operator, _ in self.expand_input.iter_references():
            yield operator

    def get_mapped_kwargs(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The expanded arguments of the running map index."""
        return self.expand_input.resolve(context)

    def _instance_kwargs(self, mapped: Mapping[str, Any]) -> dict[str, Any]:
        if self.disallow_kwargs_override:
            repeated = sorted((set(self.partial_kwargs) - {"params"}) & set(mapped))
            if repeated:
                raise TypeError(f"unmappable or already specified arguments: {', '.join(map(repr, repeated))}")
        merged = {**self.partial_kwargs, **mapped}
        if "params" in mapped and self.partial_kwargs.get("params"):
            merged["params"] = {**dict(self.partial_kwargs["params"]), **dict(mapped["params"])}
        return merged

    def unmap(self, resolve: Mapping[str, Any] | None = None) -> BaseOperator:
        """The operator of one instance, made with its resolved arguments."""
        kwargs = self._instance_kwargs(resolve or {})
        kwargs["task_id"] = self.task_id
        with unregistered():
            operator = self.operator_class(**kwargs, dag=self._dag)
        operator._dag = self._dag
        operator.task_group = self.task_group
        operator.upstream_task_ids = self.upstream_task_ids
        operator.downstream_task_ids = self.downstream_task_ids
        operator.start_date, operator.end_date = self.start_date, self.end_date
        operator._is_setup, operator._is_teardown = self._is_setup, self._is_teardown
        operator._on_failure_fail_dagrun = self._on_failure_fail_dagrun
        return operator

    def __repr__(self) -> str:
        return f"<Mapped({self.task_type}): {self.task_id}>"
