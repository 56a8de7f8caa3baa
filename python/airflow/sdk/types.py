"""The marker for an argument that was not given."""

from __future__ import annotations

from typing import Any


class ArgNotSet:
    """Type of :data:`NOTSET`."""

    def __repr__(self) -> str:
        return "NOTSET"

    def __bool__(self) -> bool:
        return True


class SetDuringExecution(ArgNotSet):
    """Type of :data:`SET_DURING_EXECUTION`."""

    def __repr__(self) -> str:
        return "DYNAMIC (set during execution)"


NOTSET = ArgNotSet()
SET_DURING_EXECUTION = SetDuringExecution()


def is_arg_set(value: Any) -> bool:
    """Whether ``value`` is a real value."""
    return not isinstance(value, ArgNotSet)
