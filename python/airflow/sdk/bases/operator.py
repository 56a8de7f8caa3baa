"""The base of all operators."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from airflow import _warnings
from airflow.configuration import conf
from airflow.sdk.bases import _construction
from airflow.sdk.bases._checks import (
    as_flag,
    as_limit,
    as_number,
    as_pool_slots,
    as_resources,
    as_retries,
    as_seconds,
    as_text,
    as_timedelta,
    as_weight,
    doc_fields,
)
from airflow.sdk.bases._construction import Construction, OperatorMeta
from airflow.sdk.definitions._internal.abstractoperator import (
    DEFAULT_POOL_NAME,
    DEFAULT_PRIORITY_WEIGHT,
    DEFAULT_TRIGGER_RULE,
    AbstractOperator,
    collect_callbacks,
)
from airflow.sdk.definitions._internal.node import validate_key
from airflow.sdk.definitions._internal.relations import chain, chain_linear, cross_downstream
from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext
from airflow.sdk.exceptions import (
    AirflowException,
    FailFastDagInvalidTriggerRule,
    TaskDeferralError,
    TaskDeferralTimeout,
    TriggerFailureReason,
)
from airflow.sdk.types import NOTSET, ArgNotSet, is_arg_set
from airflow.task.trigger_rule import TriggerRule, parse_trigger_rule
from airflow.task.weight_rule import WeightRule

if TYPE_CHECKING:
    import logging

    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.mappedoperator import OperatorPartial
    from airflow.sdk.definitions.taskgroup import TaskGroup

__all__ = ["BaseAsyncOperator", "BaseOperator", "chain", "chain_linear", "cross_downstream"]

#: The name of the class of operator classes in Airflow.
BaseOperatorMeta = OperatorMeta

CALLBACKS = (
    "on_execute_callback",
    "on_failure_callback",
    "on_success_callback",
    "on_retry_callback",
    "on_skipped_callback",
)


class BaseOperator(AbstractOperator, metaclass=OperatorMeta):
    """One task of a DAG; subclasses implement :meth:`execute`. All arguments are keywords."""

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()
    shallow_copy_attrs: Sequence[str] = ()
    start_trigger_args: Any = None
    start_from_trigger: bool = False
    custom_operator_name: str

    _dag: DAG | None = None
    on_execute_callback: list[Any]
    on_failure_callback: list[Any]
    on_success_callback: list[Any]
    on_retry_callback: list[Any]
    on_skipped_callback: list[Any]
    task_group: TaskGroup | None = None

    def __init__(
        self,
        *,
        task_id: str,
        owner: str | None = None,
        email: str | Iterable[str] | None = None,
        email_on_retry: bool | ArgNotSet | None = NOTSET,
        email_on_failure: bool | ArgNotSet | None = NOTSET,
        email_on_success: bool = False,
        retries: int | None = None,
        retry_delay: timedelta | float | None = None,
        retry_exponential_backoff: float | bool = 0,
        max_retry_delay: timedelta | float | None = None,
        retry_policy: Any = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool | None = None,
        wait_for_past_depends_before_skipping: bool = False,
        wait_for_downstream: bool = False,
        dag: DAG | None = None,
        params: Mapping[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        priority_weight: int = DEFAULT_PRIORITY_WEIGHT,
        weight_rule: str | WeightRule | None = None,
        queue: str | None = None,
        pool: str | None = None,
        pool_slots: int = 1,
        sla: timedelta | None = None,
        execution_timeout: timedelta | None = None,
        on_execute_callback: Any = None,
        on_failure_callback: Any = None,
        on_success_callback: Any = None,
        on_retry_callback: Any = None,
        on_skipped_callback: Any = None,
        pre_execute: Callable[[Any], None] | None = None,
        post_execute: Callable[[Any, Any], None] | None = None,
        trigger_rule: str | TriggerRule = DEFAULT_TRIGGER_RULE,
        resources: dict[str, Any] | None = None,
        run_as_user: str | None = None,
        task_concurrency: int | None = None,
        map_index_template: str | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        executor: str | None = None,
        executor_config: dict[str, Any] | None = None,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        inlets: Any = None,
        outlets: Any = None,
        task_group: TaskGroup | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        doc_rst: str | None = None,
        task_display_name: str | None = None,
        logger_name: str | None = None,
        allow_nested_operators: bool = True,
        render_template_as_native_obj: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            self._refuse_unknown(task_id, kwargs)
        construction: Construction = self.__dict__["_construction"]
        validate_key(task_id, "task_id")
        group = task_group or construction.task_group
        self.task_id = group.child_id(task_id) if group and construction.registers else task_id
        self._task_display_name = task_display_name
        self.owner = owner or conf.get("operators", "default_owner")
        self._set_mail(email, email_on_retry, email_on_failure, email_on_success)
        self._set_retries(retries, retry_delay, retry_exponential_backoff, max_retry_delay)
        self.retry_policy = retry_policy
        self._set_past(depends_on_past, wait_for_downstream, wait_for_past_depends_before_skipping)
        self.ignore_first_depends_on_past = ignore_first_depends_on_past
        self._set_queueing(priority_weight, weight_rule, queue, pool, pool_slots)
        self._set_times(sla, execution_timeout)
        self._set_callbacks(
            (on_execute_callback, on_failure_callback, on_success_callback, on_retry_callback, on_skipped_callback)
        )
        self._pre_execute_hook = pre_execute
        self._post_execute_hook = post_execute
        self.trigger_rule = parse_trigger_rule(trigger_rule, f"task {self.task_id!r}")
        self._set_execution(resources, run_as_user, executor, executor_config)
        self._set_limits(task_concurrency, max_active_tis_per_dag, max_active_tis_per_dagrun)
        self.map_index_template = as_text(map_index_template, "map_index_template", f"task {self.task_id!r}")
        self.do_xcom_push = do_xcom_push
        self.multiple_outputs = as_flag(multiple_outputs or False, "multiple_outputs", f"task {self.task_id!r}")
        self.inlets = _as_list(inlets)
        self.outlets = _as_list(outlets)
        self.doc, self.doc_md = doc, doc_fields(doc_md)
        self.doc_json, self.doc_yaml, self.doc_rst = doc_json, doc_yaml, doc_rst
        self.allow_nested_operators = allow_nested_operators
        self._logger_name = logger_name
        self.render_template_as_native_obj = render_template_as_native_obj
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._set_dates(start_date, end_date)
        self._set_params(construction, params)
        self._join(construction, group, dag)

    def _refuse_unknown(self, task_id: str, kwargs: dict[str, Any]) -> None:
        if "provide_context" in kwargs:
            _warnings.deprecated("'provide_context' is no longer needed: the context is always available", refused=True)
            del kwargs["provide_context"]
        if kwargs:
            names = ", ".join(sorted(kwargs))
            raise TypeError(f"Invalid arguments were passed to {type(self).__name__} (task_id: {task_id}): {names}")

    def _set_mail(self, email: Any, on_retry: Any, on_failure: Any, on_success: bool) -> None:
        self.email = email
        self.email_on_retry = bool(on_retry) if is_arg_set(on_retry) else conf.getboolean("email", "default_email_on_retry")
        self.email_on_failure = bool(on_failure) if is_arg_set(on_failure) else conf.getboolean("email", "default_email_on_failure")
        self.email_on_success = on_success

    def _set_retries(self, retries: Any, delay: Any, backoff: Any, max_delay: Any) -> None:
        where = f"task {self.task_id!r}"
        self.retries = as_retries(retries, where)
        if delay is None:
            delay = conf.getfloat("core", "default_task_retry_delay")
        self.retry_delay = as_seconds(delay, "retry_delay", where)
        self.retry_exponential_backoff = as_number(backoff, "retry_exponential_backoff", where)
        self.max_retry_delay = None if max_delay is None else as_seconds(max_delay, "max_retry_delay", where)

    def _set_past(self, depends: Any, wait_for_downstream: Any, wait_before_skipping: Any) -> None:
        where = f"task {self.task_id!r}"
        self.depends_on_past = as_flag(depends, "depends_on_past", where)
        self.wait_for_downstream = as_flag(wait_for_downstream, "wait_for_downstream", where)
        self.wait_for_past_depends_before_skipping = as_flag(wait_before_skipping, "wait_for_past_depends_before_skipping", where)
        if self.wait_for_downstream:
            self.depends_on_past = True

    def _set_queueing(self, weight: Any, weight_rule: Any, queue: str | None, pool: str | None, slots: Any) -> None:
        where = f"task {self.task_id!r}"
        self.priority_weight = as_weight(weight, where)
        self.weight_rule = weight_rule if weight_rule is not None else conf.get("core", "default_task_weight_rule")
        self.queue = queue or conf.get("operators", "default_queue")
        self.pool = pool or DEFAULT_POOL_NAME
        self.pool_slots = as_pool_slots(slots, where)

    def _set_times(self, sla: Any, execution_timeout: Any) -> None:
        where = f"task {self.task_id!r}"
        if sla is not None:
            _warnings.deprecated(f"{where} sets 'sla', with its meaning of Airflow 2; it is now a 'deadline' of the DAG")
        self.sla = as_timedelta(sla, "sla", where)
        if execution_timeout is None:
            execution_timeout = conf.gettimedelta("core", "default_task_execution_timeout")
        self.execution_timeout = as_timedelta(execution_timeout, "execution_timeout", where)

    def _set_callbacks(self, callbacks: Sequence[Any]) -> None:
        for name, value in zip(CALLBACKS, callbacks):
            setattr(self, name, collect_callbacks(value, name, f"task {self.task_id!r}"))

    def _set_execution(self, resources: Any, user: str | None, executor: str | None, executor_config: Any) -> None:
        where = f"task {self.task_id!r}"
        self.resources = as_resources(resources, where)
        self.run_as_user = as_text(user, "run_as_user", where) or conf.get("core", "default_impersonation", fallback="") or None
        self.executor = as_text(executor, "executor", where)
        self.executor_config = executor_config or {}

    def _set_limits(self, old_per_dag: int | None, per_dag: int | None, per_dagrun: int | None) -> None:
        where = f"task {self.task_id!r}"
        if old_per_dag is not None:
            message = f"{where} sets 'task_concurrency'; it is now 'max_active_tis_per_dag'"
            _warnings.deprecated(message, refused=True)
            per_dag = old_per_dag if per_dag is None else per_dag
        self.max_active_tis_per_dag = as_limit(per_dag, "max_active_tis_per_dag", where)
        self.max_active_tis_per_dagrun = as_limit(per_dagrun, "max_active_tis_per_dagrun", where)

    def _set_dates(self, start_date: Any, end_date: Any) -> None:
        self.start_date: datetime | None = None
        self.end_date: datetime | None = None
        if start_date is not None or end_date is not None:
            from airflow.sdk.definitions._internal.dates import as_utc

            self.start_date = as_utc(start_date, "start_date", self.task_id)
            self.end_date = as_utc(end_date, "end_date", self.task_id)

    def _set_params(self, construction: Construction, params: Mapping[str, Any] | None) -> None:
        from airflow.sdk.definitions.param import ParamsDict

        own = ParamsDict({**construction.default_params, **(_raw(params) if params else {})}, source="task")
        self._own_params = own
        merged = ParamsDict()
        if construction.dag is not None:
            merged.update(_raw(construction.dag.params))
        merged.update(_raw(own))
        self.params = merged

    def _join(self, construction: Construction, group: TaskGroup | None, dag: DAG | None) -> None:
        if not construction.registers:
            return
        if group is not None:
            group.add(self)
        dag = dag or construction.dag
        if dag is not None:
            self.dag = dag
        SetupTeardownContext.note(self)

    def _constructed(self) -> None:
        if isinstance(self.template_fields, str):
            raise TypeError(
                f"template_fields of {type(self).__name__} is a text; a list of names needs a comma: {self.template_fields!r}"
            )
        self.__dict__["_instantiated"] = True
        if _construction.registers():
            self.set_xcomargs_dependencies()

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if "_instantiated" in self.__dict__ and type(value) is not str and name in self.template_fields and self._dag:
            from airflow.sdk.definitions.context import has_current_context

            if not has_current_context():
                self.set_xcomargs_dependencies()

    def set_xcomargs_dependencies(self) -> None:
        """Make the tasks whose results are used in template fields upstream of this one."""
        from airflow.sdk.definitions.xcom_arg import XComArg

        for field in self.template_fields:
            if hasattr(self, field):
                XComArg.apply_upstream_relationship(self, getattr(self, field))

    @property
    def dag(self) -> DAG:
        """The DAG of the task; a ``RuntimeError`` when there is none yet."""
        if self._dag is None:
            raise RuntimeError(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: DAG | None) -> None:
        if dag is None:
            self._dag = None
            return
        if self._dag is not None and self._dag is not dag:
            raise ValueError(f"The DAG assigned to {self} can not be changed.")
        FailFastDagInvalidTriggerRule.check(fail_fast=dag.fail_fast, trigger_rule=self.trigger_rule)
        self._dag = dag
        dag.add_task(self)

    def has_dag(self) -> bool:
        """Whether the task belongs to a DAG yet."""
        return self._dag is not None

    @property
    def inherits_from_skipmixin(self) -> bool:
        """Whether the task may skip others."""
        from airflow.sdk.bases.skipmixin import SkipMixin

        return isinstance(self, SkipMixin)

    @property
    def operator_class(self) -> type[BaseOperator]:
        """The class of the task, as mapped tasks tell theirs."""
        return type(self)

    @property
    def task_display_name(self) -> str:
        """The name shown for the task."""
        return self._task_display_name or self.task_id

    @property
    def log(self) -> logging.Logger:
        """The logger for the task's own messages."""
        import logging

        name = self._logger_name if "_logger_name" in self.__dict__ else None
        if name is None:
            return logging.getLogger(f"airflow.task.operators.{type(self).__module__}.{type(self).__qualname__}")
        return logging.getLogger(f"airflow.task.operators.{name}" if name else "airflow.task.operators")

    def execute(self, context: Any) -> Any:
        """Do the work of the task; the result is its return value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement execute()")

    def pre_execute(self, context: Any) -> None:
        """Called before :meth:`execute`."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Called after :meth:`execute` with its result."""
        if self._post_execute_hook is not None:
            self._post_execute_hook(context, result)

    def on_kill(self) -> None:
        """Called when the task is stopped from outside: end what it has started."""

    def dry_run(self) -> None:
        """Print the template fields."""
        for field in self.template_fields:
            self.log.info("Rendering template for %s\n%s", field, getattr(self, field))

    def defer(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> NoReturn:
        """Give the worker slot back until ``trigger`` fires; then ``method_name`` is called."""
        from airflow.sdk.exceptions import TaskDeferred

        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on in ``next_method`` after a deferral."""
        kwargs = dict(next_kwargs or {})
        if next_method == "__fail__":
            error = kwargs.get("error", "Unknown")
            if kwargs.get("traceback"):
                self.log.error("Trigger failed:\n%s", kwargs["traceback"])
            message = kwargs.get("message") or error
            raise TaskDeferralTimeout(message) if error == TriggerFailureReason.TRIGGER_TIMEOUT else TaskDeferralError(message)
        method = getattr(self, next_method, None)
        if method is None:
            raise AirflowException(
                f"task {self.task_id!r} was deferred until {next_method}(), which {type(self).__name__} does not have"
            )
        return method(context, **kwargs)

    @classmethod
    def partial(
        cls, *, task_id: str, dag: DAG | None = None, task_group: TaskGroup | None = None, **kwargs: Any
    ) -> OperatorPartial:
        """The constant arguments of an operator that is going to be expanded."""
        from airflow.sdk.definitions.mappedoperator import OperatorPartial

        return OperatorPartial.create(cls, task_id=task_id, dag=dag, task_group=task_group, kwargs=kwargs)

    def unmap(self, resolve: Any = None) -> BaseOperator:
        """The operator itself: it is not expanded."""
        return self

    def prepare_for_execution(self) -> BaseOperator:
        """A copy whose template fields may be rendered."""
        return copy.copy(self)

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Add assets that the task reads."""
        self.inlets.extend(inlets)

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Add assets that the task writes."""
        self.outlets.extend(outlets)

    def __gt__(self, other: Any) -> BaseOperator:
        self.add_outlets(_as_list(other))
        return self

    def __lt__(self, other: Any) -> BaseOperator:
        self.add_inlets(_as_list(other))
        return self

    @property
    def is_instant(self) -> bool:
        """Whether running the task would do nothing at all."""
        return False

    @classmethod
    def get_serialized_fields(cls) -> frozenset[str]:
        """Names of the attributes that describe an operator."""
        return frozenset({"task_id", "task_type", "template_fields", "trigger_rule", *CALLBACKS})


class BaseAsyncOperator(BaseOperator):
    """An operator whose work is a coroutine, :meth:`aexecute`."""

    is_async = True

    async def aexecute(self, context: Any) -> Any:
        """Do the work of the task."""
        raise NotImplementedError(f"{type(self).__name__} does not implement aexecute()")

    def execute(self, context: Any) -> Any:
        """Run :meth:`aexecute` to its end."""
        import asyncio

        return asyncio.run(self.aexecute(context))


def _raw(params: Any) -> dict[str, Any]:
    return params.raw() if hasattr(params, "raw") else dict(params)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (list, tuple, set)) or (isinstance(value, Collection) and not isinstance(value, (str, Mapping))):
        return list(value)
    return [value]
