"""Functions that link many tasks at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk.definitions._internal.node import DependencyMixin


def _is_group(item: Any) -> bool:
    return isinstance(item, Sequence) and not isinstance(item, str)


def chain(*tasks: Any) -> None:
    """Link each item to the next one; two lists next to each other are linked pairwise and have to be equally long."""
    for up, down in zip(tasks, tasks[1:]):
        if isinstance(up, DependencyMixin):
            up.set_downstream(down)
        elif isinstance(down, DependencyMixin):
            down.set_upstream(up)
        elif not (_is_group(up) and _is_group(down)):
            raise TypeError(f"Chain not supported between instances of {type(up).__name__} and {type(down).__name__}")
        elif len(up) != len(down):
            raise ValueError(f"Chain not supported for different length Iterable. Got {len(up)} and {len(down)}.")
        else:
            for one, other in zip(up, down):
                one.set_downstream(other)


def chain_linear(*elements: Any) -> None:
    """Link each item to the next one; of two lists next to each other, each to each."""
    linked = False
    before: Any = None
    for element in elements:
        if element is None or (_is_group(element) and not element):
            raise ValueError("No dependencies were set. Did you forget to expand with `*`?")
        current = list(element) if _is_group(element) else [element]
        if before is not None:
            for down in current:
                for up in before:
                    up.set_downstream(down)
            linked = True
        before = current
    if not linked:
        raise ValueError("No dependencies were set. Did you forget to expand with `*`?")


def cross_downstream(from_tasks: Sequence[Any], to_tasks: Any) -> None:
    """Link each of ``from_tasks`` to each of ``to_tasks``."""
    for task in from_tasks:
        task.set_downstream(to_tasks)
