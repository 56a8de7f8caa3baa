"""Small helpers that DAG files use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from airflow.sdk.definitions._internal.node import validate_group_key, validate_key
from airflow.sdk.definitions._internal.relations import chain, cross_downstream

__all__ = [
    "as_flattened_list",
    "chain",
    "chunks",
    "cross_downstream",
    "exactly_one",
    "is_container",
    "merge_dicts",
    "prune_dict",
    "validate_group_key",
    "validate_key",
]


def is_container(obj: Any) -> bool:
    """Whether ``obj`` is a collection, a text not being one."""
    return hasattr(obj, "__iter__") and not isinstance(obj, str)


def as_flattened_list(iterable: Iterable[Any]) -> list[Any]:
    """The items of nested lists and tuples as one list."""
    found: list[Any] = []
    for item in iterable:
        found.extend(as_flattened_list(item) if isinstance(item, (list, tuple, set)) else [item])
    return found


def chunks(items: list[Any], chunk_size: int) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``chunk_size``."""
    if chunk_size <= 0:
        raise ValueError("Chunk size must be a positive integer")
    for start in range(0, len(items), chunk_size):
        yield items[start : start + chunk_size]


def merge_dicts(dict1: dict[Any, Any], dict2: dict[Any, Any]) -> dict[Any, Any]:
    """``dict1`` with the values of ``dict2`` over it, also in nested dicts."""
    merged = dict(dict1)
    for key, value in dict2.items():
        if isinstance(merged.get(key), dict) and isinstance(value, dict):
            merged[key] = merge_dicts(merged[key], value)
        else:
            merged[key] = value
    return merged


def exactly_one(*args: Any) -> bool:
    """Whether exactly one of the values counts as true."""
    return sum(map(bool, args)) == 1


def partition(pred: Callable[[Any], bool], iterable: Iterable[Any]) -> tuple[Iterable[Any], Iterable[Any]]:
    """The items that ``pred`` refuses, and those that it accepts."""
    items = list(iterable)
    return [item for item in items if not pred(item)], [item for item in items if pred(item)]


def at_most_one(*args: Any) -> bool:
    """Whether no value, or one, counts as true."""
    return sum(map(bool, args)) <= 1


def convert_camel_to_snake(camel_str: str) -> str:
    """``SomeName`` as ``some_name``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel_str).lower()


def as_tuple(obj: Any) -> tuple[Any, ...]:
    """``obj`` as a tuple; a single value as a tuple of one."""
    return tuple(obj) if is_container(obj) else (obj,)


def reduce_in_chunks(fn: Callable[[Any, list[Any]], Any], iterable: list[Any], initializer: Any, chunk_size: int = 0) -> Any:
    """``iterable`` reduced by pieces."""
    value = initializer
    for piece in chunks(iterable, chunk_size or len(iterable) or 1):
        value = fn(value, piece)
    return value


def parse_template_string(template_string: str) -> tuple[str | None, Any]:
    """The text, and a Jinja template when it is one."""
    if "{{" not in template_string:
        return template_string, None
    import jinja2

    return None, jinja2.Template(template_string)


def prune_dict(val: Any, mode: str = "strict") -> Any:
    """``val`` without empty values: ``strict`` drops ``None``, ``truthy`` all that count as false."""
    empty: Callable[[Any], bool] = (lambda value: value is None) if mode == "strict" else (lambda value: not value)
    if isinstance(val, dict):
        return {key: prune_dict(item, mode) for key, item in val.items() if not empty(item)}
    if isinstance(val, list):
        return [prune_dict(item, mode) for item in val if not empty(item)]
    return val
