"""How operators are made: keyword arguments only, default arguments filled in, edges from arguments."""

from __future__ import annotations

import abc
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext

_unregistered = False


@contextmanager
def unregistered() -> Iterator[None]:
    """Operators made in this block join no DAG: the instances of mapped tasks."""
    global _unregistered
    before, _unregistered = _unregistered, True
    try:
        yield
    finally:
        _unregistered = before


def registers() -> bool:
    """Whether operators made now join a DAG."""
    return not _unregistered


class Construction:
    """What is known while one operator is being made."""

    def __init__(self, kwargs: dict[str, Any]) -> None:
        self.registers = not _unregistered
        self.dag = kwargs.get("dag") or (DagContext.get_current() if self.registers else None)
        self.task_group = kwargs.get("task_group")
        if self.task_group is None and self.dag is not None and self.registers:
            self.task_group = TaskGroupContext.get_current(self.dag)
        self.default_args = merged_default_args(self.dag, self.task_group, kwargs.get("default_args"))
        self.default_params = self.default_args.pop("params", None) or {}


def merged_default_args(dag: Any, task_group: Any, own: dict[str, Any] | None) -> dict[str, Any]:
    """Default arguments of the DAG, of the groups and of the operator itself; the innermost wins."""
    merged: dict[str, Any] = {}
    for source in (
        dag.default_args if dag is not None else None,
        task_group.default_args if task_group is not None else None,
        own,
    ):
        if source:
            merged.update(source)
    return merged


def init_parameters(init: Callable[..., None]) -> tuple[list[str], list[str], bool]:
    """Of an ``__init__``: the names it takes, those it requires, and whether it takes others as well."""
    names, required, open_ended = [], [], False
    for parameter in list(inspect.signature(init).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            open_ended = True
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            names.append(parameter.name)
            if parameter.default is parameter.empty:
                required.append(parameter.name)
    return names, required, open_ended


def _wrap_init(init: Callable[..., None]) -> Callable[..., None]:
    names, required, _ = init_parameters(init)

    @functools.wraps(init)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            raise TypeError(f"Use keyword arguments when initializing operators ({type(self).__name__} got {args!r})")
        outermost = "_construction" not in self.__dict__
        if outermost:
            self.__dict__["_construction"] = Construction(kwargs)
        default_args = self.__dict__["_construction"].default_args
        for name in names:
            if name not in kwargs and name in default_args:
                kwargs[name] = default_args[name]
        missing = [name for name in required if name not in kwargs]
        if missing:
            plural = "s" if len(missing) > 1 else ""
            raise TypeError(f"missing keyword argument{plural} {', '.join(map(repr, missing))} of {type(self).__name__}")
        init(self, **kwargs)
        if outermost:
            del self.__dict__["_construction"]
            self.__dict__["_init_kwargs"] = kwargs
            self._constructed()

    wrapped.__dict__["wrapped_init"] = init
    return wrapped


class OperatorMeta(abc.ABCMeta):
    """Wraps each ``__init__`` of an operator class."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> OperatorMeta:
        if "__init__" in namespace:
            namespace["__init__"] = _wrap_init(namespace["__init__"])
        return super().__new__(cls, name, bases, namespace, **kwargs)


@functools.cache
def accepted_names(operator_class: type) -> frozenset[str]:
    """All argument names that making an ``operator_class`` accepts."""
    found: set[str] = set()
    for parent in operator_class.__mro__:
        init = parent.__dict__.get("__init__")
        if init is None or parent is object:
            continue
        names, _, open_ended = init_parameters(getattr(init, "wrapped_init", init))
        found.update(names)
        if not open_ended:
            break
    return frozenset(found)
