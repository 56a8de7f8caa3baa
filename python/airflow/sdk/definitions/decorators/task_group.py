"""``@task_group``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk.definitions._internal.expandinput import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    MappedArgument,
    ensure_list_of_dicts,
    ensure_mappable,
)
from airflow.sdk.definitions.taskgroup import MappedTaskGroup, TaskGroup


class _TaskGroupFactory:
    """A function whose call makes a task group."""

    def __init__(self, function: Callable[..., Any], tg_kwargs: dict[str, Any], constant: dict[str, Any] | None = None) -> None:
        self.function = function
        self.tg_kwargs = {"group_id": function.__name__, "add_suffix_on_collision": True, **tg_kwargs}
        if function.__doc__:
            doc = inspect.cleandoc(function.__doc__)
            self.tg_kwargs.setdefault("tooltip", doc)
        self.constant = constant or {}
        self.signature = inspect.signature(function)
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._make(TaskGroup(**self.tg_kwargs), *args, **{**self.constant, **kwargs})

    def _make(self, group: TaskGroup, *args: Any, **kwargs: Any) -> Any:
        with group:
            returned = self.function(*args, **kwargs)
        return group if returned is None else returned

    def override(self, **kwargs: Any) -> _TaskGroupFactory:
        """A copy with other group arguments."""
        return _TaskGroupFactory(self.function, {**self.tg_kwargs, **kwargs}, self.constant)

    def _check_names(self, caller: str, names: Mapping[str, Any]) -> None:
        parameters = self.signature.parameters
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
            return
        unknown = sorted(set(names) - set(parameters))
        if unknown:
            raise TypeError(f"{caller}() got unexpected keyword arguments {', '.join(map(repr, unknown))}")

    def partial(self, **kwargs: Any) -> _TaskGroupFactory:
        """The function with some arguments constant."""
        self._check_names("partial", kwargs)
        return _TaskGroupFactory(self.function, self.tg_kwargs, {**self.constant, **kwargs})

    def expand(self, **kwargs: Any) -> Any:
        """One instance of the group for each combination of the given lists."""
        if not kwargs:
            raise TypeError("no arguments to expand against")
        self._check_names("expand", kwargs)
        repeated = sorted(set(kwargs) & set(self.constant))
        if repeated:
            raise TypeError(f"expand() got arguments that partial() has as well: {', '.join(map(repr, repeated))}")
        for value in kwargs.values():
            if isinstance(value, MappedArgument):
                raise ValueError("nested task group expansion is not supported: an argument of a mapped group was expanded")
        ensure_mappable("expand()", kwargs)
        expand_input = DictOfListsExpandInput(kwargs)
        return self._expand(expand_input, {name: MappedArgument(expand_input, name) for name in kwargs})

    def expand_kwargs(self, kwargs: Any) -> Any:
        """One instance of the group for each dict in ``kwargs``."""
        ensure_list_of_dicts("expand_kwargs()", kwargs)
        expand_input = ListOfDictsExpandInput(kwargs)
        names = [name for name in self.signature.parameters if name not in self.constant]
        return self._expand(expand_input, {name: MappedArgument(expand_input, name) for name in names})

    def _expand(self, expand_input: ExpandInput, arguments: dict[str, Any]) -> Any:
        group = MappedTaskGroup(expand_input=expand_input, **self.tg_kwargs)
        if group.task_group is not None and next(group.task_group.iter_mapped_task_groups(), None) is not None:
            raise ValueError("nested task group expansion is not supported")
        return self._make(group, **{**self.constant, **arguments})


def task_group(group_id: Any = None, *, tooltip: str | None = None, **kwargs: Any) -> Any:
    """Make a function a factory of task groups."""
    if callable(group_id):
        return _TaskGroupFactory(group_id, {})
    settings = dict(kwargs)
    if group_id is not None:
        settings["group_id"] = group_id
    if tooltip is not None:
        settings["tooltip"] = tooltip
    return lambda function: _TaskGroupFactory(function, settings)
