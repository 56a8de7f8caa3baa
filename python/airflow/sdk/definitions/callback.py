"""Callbacks by name, for deadlines."""

from __future__ import annotations

from collections.abc import Callable as _Callable
from typing import Any

from airflow.utils.module_loading import import_string, qualname


class Callback:
    """A function, or its dotted path, and its arguments."""

    def __init__(self, callback_callable: _Callable[..., Any] | str, kwargs: dict[str, Any] | None = None) -> None:
        if kwargs and "context" in kwargs:
            raise ValueError("context is a reserved kwarg of callbacks")
        self.path = callback_callable if isinstance(callback_callable, str) else qualname(callback_callable)
        self.kwargs = dict(kwargs or {})

    def resolve(self) -> Any:
        """The function."""
        return import_string(self.path)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), self.path))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, {self.kwargs!r})"


class AsyncCallback(Callback):
    """A coroutine function."""


class SyncCallback(Callback):
    """A plain function; ``executor`` says where it runs."""

    def __init__(
        self, callback_callable: _Callable[..., Any] | str, kwargs: dict[str, Any] | None = None, executor: str | None = None
    ) -> None:
        super().__init__(callback_callable, kwargs)
        self.executor = executor
