"""What a task or group is expanded over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow.sdk.definitions._internal.templater import ResolveMixin


class MappedArgument(ResolveMixin):
    """An argument of a mapped group: one item of what the group is expanded over."""

    def __init__(self, expand_input: ExpandInput, key: str) -> None:
        self.expand_input = expand_input
        self.key = key

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The tasks that the group is expanded over."""
        yield from self.expand_input.iter_references()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The item of this map index; functions of ``map()`` run for this item only."""
        from tradewind.expand import arguments

        return arguments(self.expand_input, context).values[self.key]

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("an argument of a mapped task group is not iterable while the DAG is built")

    def __repr__(self) -> str:
        return f"MappedArgument({self.key!r})"


class ExpandInput:
    """Base of the two kinds of expansion."""

    value: Any

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The ``(operator, key)`` pairs that the expansion depends on."""
        raise NotImplementedError

    def resolve(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the running map index."""
        raise NotImplementedError


class DictOfListsExpandInput(ExpandInput):
    """``expand(**value)``: the product of all lists, the last key varies fastest."""

    EXPAND_INPUT_TYPE = "dict-of-lists"

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The references of all values."""
        from airflow.sdk.definitions.xcom_arg import XComArg

        for item in self.value.values():
            if isinstance(item, (XComArg, MappedArgument)):
                yield from item.iter_references()

    def resolve(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """One value for each key."""
        index = context["ti"].map_index
        if index < 0:
            raise RuntimeError("can't resolve task-mapping argument without expanding")
        from airflow.sdk.definitions.xcom_arg import iter_items

        picked: dict[str, Any] = {}
        for key, source in reversed(self.value.items()):
            items = source.resolve(context) if isinstance(source, ResolveMixin) else source
            items = list(iter_items(items))
            picked[key] = items[index % len(items)]
            index //= len(items)
        return {key: picked[key] for key in self.value}


class ListOfDictsExpandInput(ExpandInput):
    """``expand_kwargs(value)``: one instance for each dict."""

    EXPAND_INPUT_TYPE = "list-of-dicts"

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The references of the list, or of the dicts in it."""
        from airflow.sdk.definitions.xcom_arg import XComArg

        if isinstance(self.value, XComArg):
            yield from self.value.iter_references()
        else:
            for item in self.value:
                if isinstance(item, XComArg):
                    yield from item.iter_references()

    def resolve(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The dict of this map index."""
        index = context["ti"].map_index
        items = self.value.resolve(context) if isinstance(self.value, ResolveMixin) else self.value
        mapping = items[index]
        if isinstance(mapping, ResolveMixin):
            mapping = mapping.resolve(context)
        if not isinstance(mapping, Mapping):
            raise ValueError(f"expand_kwargs() expects a list[dict], not list[{type(mapping).__name__}]")
        for key in mapping:
            if not isinstance(key, str):
                raise ValueError(f"expand_kwargs() input dict keys must all be str, but {key!r} is not")
        return dict(mapping)


EXPAND_INPUT_EMPTY = DictOfListsExpandInput({})


def ensure_mappable(caller: str, kwargs: Mapping[str, Any]) -> None:
    """Raise unless each of ``kwargs`` may be expanded over."""
    from airflow.sdk.definitions.xcom_arg import PlainXComArg, XComArg

    for name, value in kwargs.items():
        if isinstance(value, PlainXComArg):
            value._only_return_value("map over")
        if isinstance(value, (XComArg, MappedArgument, Mapping)):
            continue
        if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            continue
        raise ValueError(f"{caller} got an unexpected type {type(value).__name__!r} for keyword argument {name!r}")


def ensure_list_of_dicts(caller: str, value: Any) -> None:
    """Raise unless ``value`` may be given to ``expand_kwargs``."""
    from airflow.sdk.definitions.xcom_arg import PlainXComArg, XComArg

    if isinstance(value, PlainXComArg):
        value._only_return_value("map over")
    if isinstance(value, XComArg):
        return
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise TypeError(f"{caller} expected a list or an XComArg, not {type(value).__name__!r}")
    for item in value:
        if not isinstance(item, (XComArg, Mapping)):
            raise TypeError(f"{caller} expected a list of dicts, but it contains {type(item).__name__!r}")
