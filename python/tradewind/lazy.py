"""Context values that cost a call to the control plane: asked for only when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

_MISSING = object()


class Lazy:
    """Stands for the result of a function and behaves like it; ``unwrap`` gives the thing itself."""

    __slots__ = ("_function", "_value")

    def __init__(self, function: Callable[[], Any]) -> None:
        object.__setattr__(self, "_function", function)
        object.__setattr__(self, "_value", _MISSING)

    def __getattr__(self, name: str) -> Any:
        return getattr(unwrap(self), name)

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # type: ignore[override]
        return type(unwrap(self))

    def __bool__(self) -> bool:
        return bool(unwrap(self))

    def __str__(self) -> str:
        return str(unwrap(self))

    def __repr__(self) -> str:
        return repr(unwrap(self))

    def __format__(self, spec: str) -> str:
        return format(unwrap(self), spec)

    def __hash__(self) -> int:
        return hash(unwrap(self))

    def __eq__(self, other: object) -> bool:
        return bool(unwrap(self) == unwrap(other))

    def __lt__(self, other: Any) -> bool:
        return bool(unwrap(self) < unwrap(other))

    def __le__(self, other: Any) -> bool:
        return bool(unwrap(self) <= unwrap(other))

    def __gt__(self, other: Any) -> bool:
        return bool(unwrap(self) > unwrap(other))

    def __ge__(self, other: Any) -> bool:
        return bool(unwrap(self) >= unwrap(other))

    def __add__(self, other: Any) -> Any:
        return unwrap(self) + unwrap(other)

    def __radd__(self, other: Any) -> Any:
        return unwrap(other) + unwrap(self)

    def __sub__(self, other: Any) -> Any:
        return unwrap(self) - unwrap(other)

    def __rsub__(self, other: Any) -> Any:
        return unwrap(other) - unwrap(self)

    def __iter__(self) -> Iterator[Any]:
        return iter(unwrap(self))

    def __len__(self) -> int:
        return len(unwrap(self))

    def __getitem__(self, key: Any) -> Any:
        return unwrap(self)[key]


def unwrap(value: Any) -> Any:
    """The value behind a :class:`Lazy`, computed once; anything else as it is."""
    if type(value) is not Lazy:
        return value
    known = object.__getattribute__(value, "_value")
    if known is _MISSING:
        known = object.__getattribute__(value, "_function")()
        object.__setattr__(value, "_value", known)
    return known
