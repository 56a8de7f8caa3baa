"""Calling a Python function with what it asks for from the context."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from types import FunctionType
from typing import Any

log = logging.getLogger("airflow.task")


def select_arguments(function: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``kwargs`` those that ``function`` takes by name, all of them when it takes ``**``; ``args`` come first."""
    try:
        positional, wanted, takes_all = _names(function)
    except ValueError:
        # Some built-in functions do not tell their parameters: they get only what is given explicitly.
        return {}
    shadowed = sorted(name for name in positional[: len(args)] if name in kwargs)
    if shadowed:
        raise ValueError(
            f"The key {shadowed[0]!r} in args is a part of kwargs and therefore reserved: "
            f"{getattr(function, '__name__', function)!r} would get it twice"
        )
    if takes_all:
        return kwargs.everything() if isinstance(kwargs, _Merged) else dict(kwargs)
    return {name: kwargs[name] for name in wanted if name in kwargs}


def tells_parameters(function: Callable[..., Any]) -> bool:
    """Whether the names of its arguments can be asked for."""
    try:
        _names(function)
    except ValueError:
        return False
    return True


def _names(function: Callable[..., Any]) -> tuple[Sequence[str], Sequence[str], bool]:
    """Positional parameters, parameters that may be given by name, and whether there is ``**``."""
    if type(function) is FunctionType and not function.__dict__:
        # Most tasks; building a Signature costs more than such a task's own work.
        code = function.__code__
        names, count = code.co_varnames, code.co_argcount
        by_name = names[code.co_posonlyargcount : count + code.co_kwonlyargcount]
        return names[:count], by_name, bool(code.co_flags & inspect.CO_VARKEYWORDS)
    parameters = inspect.signature(function).parameters.values()
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    by_name = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return positional, by_name, any(p.kind is p.VAR_KEYWORD for p in parameters)


def call(function: Callable[..., Any], args: Collection[Any], op_kwargs: Mapping[str, Any], context: Any) -> Any:
    """Call ``function``; ``op_kwargs`` win over names of the context, and a coroutine is run to its end."""
    return finish(function, function(*args, **own_arguments(function, args, op_kwargs, context)), context)


def own_arguments(
    function: Callable[..., Any], args: Collection[Any], op_kwargs: Mapping[str, Any], context: Any
) -> dict[str, Any]:
    """What ``function`` takes by name of ``op_kwargs`` and of the context."""
    return keyword_arguments(function, args, op_kwargs, _Merged(context, op_kwargs))


def finish(function: Callable[..., Any], result: Any, context: Any) -> Any:
    """What a call has given, when it has come to its end: coroutines are awaited, and functions that yield go on."""
    if inspect.iscoroutine(result):
        import asyncio

        return asyncio.run(result)
    if inspect.isgenerator(result) and inspect.isgeneratorfunction(inspect.unwrap(function)):
        return exhaust(result, context)
    return result


def exhaust(generator: Any, context: Any) -> Any:
    """Run a function that yields: a :class:`Metadata` says something of an outlet. What it returns is the result."""
    from airflow.sdk.definitions.asset.metadata import Metadata

    while True:
        try:
            said = next(generator)
        except StopIteration as end:
            return end.value
        if isinstance(said, Metadata):
            context["outlet_events"].take(said)
        else:
            log.warning("a task may yield Metadata; %s is ignored", type(said).__name__)


def keyword_arguments(
    function: Callable[..., Any], args: Collection[Any], op_kwargs: Mapping[str, Any], merged: Mapping[str, Any]
) -> dict[str, Any]:
    """What ``function`` is called with by name, out of ``merged``. Of ``op_kwargs`` too it gets only what it takes."""
    chosen = select_arguments(function, args, merged)
    rest = {name: value for name, value in op_kwargs.items() if name not in chosen}
    if rest and not tells_parameters(function):
        return {**chosen, **rest}
    if rest:
        log.warning("%s takes no argument %s: not passed", getattr(function, "__name__", function), ", ".join(rest))
    return chosen


class _Merged(Mapping[str, Any]):
    """The context with ``op_kwargs`` over it, looked up without computing values that nobody asks for."""

    def __init__(self, context: Any, op_kwargs: Mapping[str, Any]) -> None:
        self._context = context
        self._own = op_kwargs

    def __getitem__(self, name: str) -> Any:
        return self._own[name] if name in self._own else self._context[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._context

    def __iter__(self) -> Any:
        yield from self._context
        yield from (name for name in self._own if name not in self._context)

    def everything(self) -> dict[str, Any]:
        """All names at once; what costs a call to the control plane is asked for only when the function uses it."""
        return {**self._context, **self._own}

    def __len__(self) -> int:
        return len(set(self._context) | set(self._own))
