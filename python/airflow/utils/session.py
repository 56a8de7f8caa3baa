"""Database sessions as 2.x code asks for them: such code loads, and is told what to use instead when it runs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

from airflow._server_tables import refuse

NEW_SESSION: Any = None


def create_session(scoped: bool = True) -> NoReturn:
    """Refused: tasks have no database session."""
    refuse("create_session()")


def provide_session(func: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function that wants a session; it can be called only with one that the caller has."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("session") is None:
            refuse(f"{func.__qualname__}()")
        return func(*args, **kwargs)

    return wrapper
