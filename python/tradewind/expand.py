"""Values of other tasks: what an XComArg means in a running task, and the arguments of one map index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from airflow._runtime import require_runtime
from airflow.sdk.exceptions import XComNotFound
from airflow.sdk.types import is_arg_set
from tradewind import xcombackend

RETURN_KEY = "return_value"


class LazySequence(Sequence[Any]):
    """What the instances of a mapped task pushed, in index order; fetched when first used, decoded item by item."""

    def __init__(self, dag_id: str, run_id: str, task_id: str, key: str) -> None:
        self._where = (dag_id, run_id, task_id, key)
        self._texts: list[tuple[int, str]] | None = None

    def _load(self) -> list[tuple[int, str]]:
        if self._texts is None:
            values = require_runtime("reading XComs").xcom_list(*self._where)  # type: ignore[attr-defined]
            self._texts = [(index, text) for index, text in values if index >= 0]
        return self._texts

    def _decoded(self, one: tuple[int, str]) -> Any:
        dag_id, run_id, task_id, key = self._where
        return xcombackend.value(one[1], key, dag_id, run_id, task_id, one[0])

    def __len__(self) -> int:
        return len(self._load())

    def __iter__(self) -> Iterator[Any]:
        return (self._decoded(one) for one in self._load())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self._decoded(one) for one in self._load()[index]]
        return self._decoded(self._load()[index])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"LazySequence({list(self)!r})" if self._texts is not None else f"<values of {self._where[2]}, not read yet>"

    def __str__(self) -> str:
        return str(list(self))

    def serialize(self) -> list[Any]:
        """Stored as the list it stands for."""
        return list(self)


class MappedSequence(Sequence[Any]):
    """``XComArg.map``: a function over each item, called when the item is used."""

    def __init__(self, items: Sequence[Any], callables: Sequence[Any]) -> None:
        self._items = items
        self._callables = callables

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        value = self._items[index]
        for function in self._callables:
            value = function(value)
        return value

    def __repr__(self) -> str:
        return f"MappedSequence({self._items!r})"


class ZippedSequence(Sequence[Any]):
    """``XComArg.zip``: tuples of the items at each index; the shortest ends it, or ``fillvalue`` fills up to the longest."""

    def __init__(self, parts: Sequence[Sequence[Any]], fill: bool, fillvalue: Any) -> None:
        self._parts = parts
        self._fill = fill
        self._fillvalue = fillvalue

    def __len__(self) -> int:
        lengths = [len(part) for part in self._parts]
        return max(lengths) if self._fill else min(lengths)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return tuple(part[index] if index < len(part) else self._fillvalue for part in self._parts)

    def __repr__(self) -> str:
        return f"ZippedSequence({list(self._parts)!r})"


class ChainedSequence(Sequence[Any]):
    """``XComArg.concat``: the items of all parts, one part after the other."""

    def __init__(self, parts: Sequence[Sequence[Any]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        for part in self._parts:
            if index < len(part):
                return part[index]
            index -= len(part)
        raise IndexError(index)

    def __repr__(self) -> str:
        return f"ChainedSequence({list(self._parts)!r})"


def items_of(value: Any) -> Sequence[Any]:
    """What is expanded over: a dict counts as its ``(key, value)`` pairs."""
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return value
    raise ValueError(f"expand expects a list or a dict, not {type(value).__name__}: {value!r}")


def resolve(value: Any, context: Mapping[str, Any]) -> Any:
    """The value of an XComArg or group argument in the running task; anything else as it is.

    Derived values stay lazy: a ``map`` function runs only for the items that are used, so that one which raises a skip
    skips that map index and no other.
    """
    from airflow.sdk.definitions._internal.expandinput import MappedArgument
    from airflow.sdk.definitions._internal.templater import ResolveMixin
    from airflow.sdk.definitions.xcom_arg import ConcatXComArg, MapXComArg, PlainXComArg, ZipXComArg

    if isinstance(value, PlainXComArg):
        return resolve_plain(value.operator, value.key, context)
    if isinstance(value, MapXComArg):
        return MappedSequence(items_of(resolve(value.arg, context)), value.callables)
    if isinstance(value, ZipXComArg):
        return ZippedSequence(
            [items_of(resolve(arg, context)) for arg in value.args], is_arg_set(value.fillvalue), value.fillvalue
        )
    if isinstance(value, ConcatXComArg):
        return ChainedSequence([items_of(resolve(arg, context)) for arg in value.args])
    if isinstance(value, MappedArgument):
        return arguments(value.expand_input, context).values[value.key]
    return value.resolve(context) if isinstance(value, ResolveMixin) else value


def resolve_plain(operator: Any, key: str, context: Mapping[str, Any]) -> Any:
    """The value of ``operator``'s XCom ``key``.

    An instance of a mapped task or group gives the value of its own index inside that group, and outside of it the sequence
    of all instances.
    """
    ti = context["ti"]
    runtime = require_runtime("reading XComs")
    where = (ti.dag_id, ti.run_id, operator.task_id, key)
    index = -1
    group = operator.get_closest_mapped_task_group()
    if operator.is_mapped or group is not None:
        if group is None or ti.task.get_closest_mapped_task_group() is not group:
            return LazySequence(*where)
        index = ti.map_index
    text = runtime.xcom_get(*where, index)  # type: ignore[attr-defined]
    if text is None:
        if key == RETURN_KEY:
            return None
        raise XComNotFound(ti.dag_id, operator.task_id, key)
    return xcombackend.value(text, key, ti.dag_id, ti.run_id, operator.task_id, index)


@dataclass
class Arguments:
    """Arguments of one map index, and the ids of those values that came from other tasks."""

    values: dict[str, Any]
    from_xcom: set[int] = field(default_factory=set)


def arguments(expand_input: Any, context: Mapping[str, Any]) -> Arguments:
    """The arguments that ``expand`` or ``expand_kwargs`` gives to the map index of ``context["ti"]``."""
    source = expand_input.value
    ti = context["ti"]
    index = ti.map_index
    if index < 0:
        raise RuntimeError(f"task {ti.task_id!r} is mapped and needs a map index")
    if isinstance(source, Mapping):
        return _of_lists(source, index, context)
    return _of_dicts(source, index, context)


def _of_lists(source: Mapping[str, Any], index: int, context: Mapping[str, Any]) -> Arguments:
    """Cartesian product in which the last key varies fastest."""
    from airflow.sdk.definitions._internal.templater import ResolveMixin

    found: dict[str, Any] = {}
    out = Arguments({})
    rest = index
    for name in reversed(list(source)):
        items = items_of(resolve(source[name], context))
        if not len(items):
            raise IndexError(f"map index {index} does not exist: {name!r} is empty")
        rest, at = divmod(rest, len(items))
        value = items[at]
        found[name] = resolve(value, context)
        if isinstance(source[name], ResolveMixin) or isinstance(value, ResolveMixin):
            out.from_xcom.add(id(found[name]))
    if rest:
        raise IndexError(f"map index {index} does not exist: the arguments give fewer instances now")
    out.values = {name: found[name] for name in source}
    return out


def _of_dicts(source: Any, index: int, context: Mapping[str, Any]) -> Arguments:
    from airflow.sdk.definitions._internal.templater import ResolveMixin

    items = items_of(resolve(source, context))
    mapping = resolve(items[index], context)
    if not isinstance(mapping, Mapping):
        raise ValueError(f"expand_kwargs() expects a list of dicts, item {index} is {type(mapping).__name__}")
    for key in mapping:
        if not isinstance(key, str):
            raise ValueError(f"expand_kwargs() expects text keys, item {index} has the key {key!r}")
    # As in Airflow, texts, lists and dicts that a task gives to expand_kwargs may hold templates; results within the dicts are data.
    values = {key: resolve(value, context) for key, value in mapping.items()}
    return Arguments(values, {id(values[key]) for key, value in mapping.items() if isinstance(value, ResolveMixin)})


def length(expand_input: Any, context: Mapping[str, Any]) -> int:
    """How many instances an expansion has, now that what it is expanded over is known."""
    source = expand_input.value
    if not isinstance(source, Mapping):
        return len(items_of(resolve(source, context)))
    count = 1
    for value in source.values():
        count *= len(items_of(resolve(value, context)))
    return count


def mapped_sources(dag: Any) -> frozenset[str]:
    """Ids of the tasks over whose return value some task or group is expanded; computed once for a DAG."""
    known = dag.__dict__.get("_tradewind_mapped_sources")
    if known is None:
        nodes = [task for task in dag.tasks if getattr(task, "is_mapped", False)]
        nodes += [group for group in dag.task_group_dict.values() if hasattr(group, "expand_input")]
        known = frozenset(operator.task_id for node in nodes for operator, key in node.expand_input.iter_references())
        dag.__dict__["_tradewind_mapped_sources"] = known
    return known  # type: ignore[no-any-return]
