"""TaskFlow: functions that become tasks."""

from __future__ import annotations

import inspect
import itertools
import re
import textwrap
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from airflow.sdk.bases._construction import accepted_names
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    ensure_list_of_dicts,
    ensure_mappable,
)
from airflow.sdk.definitions.context import KNOWN_CONTEXT_KEYS
from airflow.sdk.definitions.mappedoperator import MappedOperator, OperatorPartial
from airflow.sdk.definitions.xcom_arg import PlainXComArg

FParams = ParamSpec("FParams")
FReturn = TypeVar("FReturn")

_SUFFIX = re.compile(r"__(\d+)$")


def get_unique_task_id(task_id: str, dag: Any = None, task_group: Any = None) -> str:
    """``task_id``, with ``__1``, ``__2`` ... added when the DAG or group has it already."""
    dag = dag or DagContext.get_current()
    if dag is None:
        return task_id
    group = task_group or TaskGroupContext.get_current(dag)
    full = group.child_id(task_id) if group else task_id
    if full not in dag.task_dict and full not in dag.task_group.used_group_ids:
        return task_id
    core = _SUFFIX.split(task_id)[0]
    prefix = f"{group.child_id(core) if group else core}__"
    names = itertools.chain(dag.task_dict, dag.task_group.used_group_ids)
    numbers = [int(name[len(prefix) :]) for name in names if name.startswith(prefix) and name[len(prefix) :].isdecimal()]
    return f"{core}__{max(numbers, default=0) + 1}"


def is_async_callable(function: Any) -> bool:
    """Whether calling ``function`` gives a coroutine."""
    function = unwrap_callable(function)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def unwrap_callable(function: Any) -> Any:
    """The function inside partials and wrappers."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


unwrap_partial = unwrap_callable


def infer_multiple_outputs(function: Callable[..., Any]) -> bool:
    """Whether the return annotation says that the function returns a mapping."""
    annotation = getattr(function, "__annotations__", {}).get("return", inspect.Signature.empty)
    if annotation is inspect.Signature.empty or annotation is None:
        return False
    if isinstance(annotation, str):
        try:
            annotation = typing.get_type_hints(function).get("return", annotation)
        except Exception:
            # Names that exist for type checkers only cannot be resolved; the text then has to do.
            return re.match(r"^(typing\.)?(dict|Dict|Mapping)\b(?!.*\|)", str(annotation)) is not None
    origin = typing.get_origin(annotation) or annotation
    return inspect.isclass(origin) and issubclass(origin, Mapping)


def check_signature(function: Callable[..., Any]) -> inspect.Signature:
    """The signature of a TaskFlow function, in which names of the context have defaults."""
    signature = inspect.signature(function)
    parameters = []
    optional_before = False
    for name, parameter in signature.parameters.items():
        plain = parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if name in KNOWN_CONTEXT_KEYS and plain:
            if parameter.default not in (None, inspect.Parameter.empty):
                raise ValueError(f"Context key parameter {name} can't have a default other than None")
            parameter = parameter.replace(default=None)
        elif plain and parameter.default is inspect.Parameter.empty and optional_before:
            # A plain parameter may follow one that names a context key; it is still required.
            parameter = parameter.replace(default=_REQUIRED)
        optional_before = optional_before or parameter.default is not inspect.Parameter.empty
        parameters.append(parameter)
    return signature.replace(parameters=parameters)


class _Required:
    def __repr__(self) -> str:
        return "<required>"


_REQUIRED = _Required()


def bind_arguments(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` unless the function can be called like this, context names left out."""
    signature = check_signature(function)
    bound = signature.bind(*args, **kwargs)
    for name, parameter in signature.parameters.items():
        if parameter.default is _REQUIRED and name not in bound.arguments:
            raise TypeError(f"missing a required argument: {name!r}")


class DecoratedOperator(BaseOperator):
    """Base of the operators behind decorators."""

    template_fields: Sequence[str] = ("op_args", "op_kwargs")
    template_fields_renderers: Mapping[str, str] = {"op_args": "py", "op_kwargs": "py"}
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        kwargs_to_upstream: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if not getattr(self, "_from_mapped", False) and self.__dict__["_construction"].registers:
            task_id = get_unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        self.python_callable = python_callable
        super().__init__(task_id=task_id, **(kwargs_to_upstream or {}), **kwargs)
        op_args = op_args or []
        op_kwargs = op_kwargs or {}
        bind_arguments(python_callable, list(op_args), op_kwargs)
        self.op_args = op_args
        self.op_kwargs = op_kwargs

    def execute(self, context: Any) -> Any:
        """Call the function."""
        raise NotImplementedError(f"{type(self).__name__} does not implement execute()")

    def get_python_source(self) -> str:
        """The source of the function without its decorators."""
        source = textwrap.dedent(inspect.getsource(self.python_callable))
        lines = source.splitlines(keepends=True)
        start = next((n for n, line in enumerate(lines) if re.match(r"\s*(async\s+)?def\s", line)), 0)
        return "".join(lines[start:])


class DecoratedMappedOperator(MappedOperator):
    """A TaskFlow function that is expanded."""

    def __init__(self, *, op_kwargs_expand_input: ExpandInput, **kwargs: Any) -> None:
        self.op_kwargs_expand_input = op_kwargs_expand_input
        super().__init__(expand_input=op_kwargs_expand_input, **kwargs)

    def _instance_kwargs(self, mapped: Mapping[str, Any]) -> dict[str, Any]:
        constant = self.partial_kwargs.get("op_kwargs") or {}
        if self.disallow_kwargs_override:
            repeated = sorted(set(constant) & set(mapped))
            if repeated:
                raise TypeError(f"unmappable or already specified arguments: {', '.join(map(repr, repeated))}")
        mapped = {name: value for name, value in mapped.items() if name not in ("op_args",)}
        return {**self.partial_kwargs, "op_kwargs": {**constant, **mapped}}


class Task(Generic[FParams, FReturn]):
    """A function decorated with ``@task``; calling it makes a task."""


class _TaskDecorator(Task[FParams, FReturn]):
    """A decorated function: call it, or ``partial``, ``expand``, ``override`` it."""

    def __init__(
        self,
        function: Callable[..., Any],
        operator_class: type[DecoratedOperator],
        multiple_outputs: bool | None = None,
        kwargs: dict[str, Any] | None = None,
        decorator_name: str = "task",
    ) -> None:
        self.function = function
        self.operator_class = operator_class
        self.kwargs = dict(kwargs or {})
        self._given_outputs = multiple_outputs
        self.decorator_name = decorator_name
        self.is_setup = False
        self.is_teardown = False
        self.on_failure_fail_dagrun: bool | None = None
        if isinstance(function, type) or not callable(function):
            raise TypeError(f"@{decorator_name} is for functions, not for {function!r}")
        names = list(inspect.signature(function).parameters)
        if names and names[0] == "self":
            raise TypeError(f"@{decorator_name} does not support methods")
        self.kwargs.setdefault("task_id", getattr(function, "__name__", "task"))
        update_wrapper(self, function)

    @cached_property
    def multiple_outputs(self) -> bool:
        """Whether each key of the returned mapping is an XCom of its own."""
        if self._given_outputs is not None:
            return self._given_outputs
        if "multiple_outputs" in self.kwargs:
            return bool(self.kwargs["multiple_outputs"])
        return infer_multiple_outputs(self.function)

    def _operator_kwargs(self) -> dict[str, Any]:
        kwargs = {**self.kwargs, "multiple_outputs": self.multiple_outputs}
        names = accepted_names(self.operator_class)
        documented = any(kwargs.get(name) is not None for name in ("doc", "doc_md", "doc_json", "doc_yaml", "doc_rst"))
        if not documented and self.function.__doc__ and "doc_md" in names:
            kwargs["doc_md"] = inspect.cleandoc(self.function.__doc__)
        return kwargs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.is_teardown and "trigger_rule" in self.kwargs:
            raise ValueError("Trigger rule not configurable for teardown tasks.")
        operator = self.operator_class(python_callable=self.function, op_args=args, op_kwargs=kwargs, **self._operator_kwargs())
        return self._finish(operator)

    def _finish(self, operator: Any) -> Any:
        if self.is_setup:
            operator.as_setup()
        if self.is_teardown:
            operator.as_teardown(on_failure_fail_dagrun=self.on_failure_fail_dagrun)
        return PlainXComArg(operator)

    @cached_property
    def _signature(self) -> inspect.Signature:
        return check_signature(self.function)

    def _check_names(self, caller: str, kwargs: Mapping[str, Any]) -> None:
        known = self._signature.parameters
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
            return
        unknown = sorted(set(kwargs) - set(known))
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            raise TypeError(f"{caller}() got unexpected keyword argument{plural} {', '.join(map(repr, unknown))}")

    def partial(self, **kwargs: Any) -> _TaskDecorator[FParams, FReturn]:
        """The function with some arguments constant, to be expanded over the others."""
        self._check_names("partial", kwargs)
        constant = {**(self.kwargs.get("op_kwargs") or {}), **kwargs}
        return self._copy({**self.kwargs, "op_kwargs": constant})

    def expand(self, **mapped_kwargs: Any) -> Any:
        """One instance for each combination of the given lists."""
        if not mapped_kwargs:
            raise TypeError("no arguments to expand against")
        self._check_names("expand", mapped_kwargs)
        for name in mapped_kwargs:
            if name in KNOWN_CONTEXT_KEYS:
                raise ValueError(f"cannot call expand() on task context variable {name!r}")
        ensure_mappable("expand()", mapped_kwargs)
        return self._expand(DictOfListsExpandInput(mapped_kwargs), strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> Any:
        """One instance for each dict in ``kwargs``."""
        ensure_list_of_dicts("expand_kwargs()", kwargs)
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict)

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> Any:
        kwargs = self._operator_kwargs()
        task_id = get_unique_task_id(kwargs.pop("task_id"), kwargs.get("dag"), kwargs.get("task_group"))
        dag, group = kwargs.pop("dag", None), kwargs.pop("task_group", None)
        op_kwargs = kwargs.pop("op_kwargs", {})
        partial = OperatorPartial.create(self.operator_class, task_id=task_id, dag=dag, task_group=group, kwargs=kwargs)
        arguments = {**partial._defaults, **partial.kwargs, "python_callable": self.function, "op_kwargs": op_kwargs}
        operator = DecoratedMappedOperator(
            operator_class=self.operator_class,
            partial_kwargs=arguments,
            op_kwargs_expand_input=expand_input,
            disallow_kwargs_override=strict,
        )
        return self._finish(operator)

    def override(self, **kwargs: Any) -> _TaskDecorator[FParams, FReturn]:
        """A copy with other operator arguments."""
        return self._copy({**self.kwargs, **kwargs})

    def _copy(self, kwargs: dict[str, Any]) -> _TaskDecorator[FParams, FReturn]:
        made: _TaskDecorator[FParams, FReturn] = type(self)(
            self.function, self.operator_class, self._given_outputs, kwargs, self.decorator_name
        )
        made.is_setup, made.is_teardown = self.is_setup, self.is_teardown
        made.on_failure_fail_dagrun = self.on_failure_fail_dagrun
        return made


TaskDecorator = Callable[..., Any]


def task_decorator_factory(
    python_callable: Callable[..., Any] | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[BaseOperator],
    **kwargs: Any,
) -> Any:
    """A decorator whose functions become tasks of ``decorated_operator_class``."""
    name = getattr(decorated_operator_class, "custom_operator_name", "@task").lstrip("@")
    if python_callable is not None:
        if not callable(python_callable):
            raise TypeError("No args allowed while using @task, use kwargs instead")
        return _TaskDecorator(python_callable, decorated_operator_class, multiple_outputs, kwargs, name)  # type: ignore[arg-type]

    def decorate(function: Callable[..., Any]) -> Any:
        return _TaskDecorator(function, decorated_operator_class, multiple_outputs, kwargs, name)  # type: ignore[arg-type]

    return decorate


__all__ = [
    "DecoratedMappedOperator",
    "DecoratedOperator",
    "Task",
    "TaskDecorator",
    "get_unique_task_id",
    "task_decorator_factory",
]


def __getattr__(name: str) -> Any:
    """Helpers that 3.3 has here."""
    if name in ("KeywordParameters", "determine_kwargs"):
        from airflow.utils import operator_helpers

        return getattr(operator_helpers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
