"""Database sessions as 2.x code asks for them: such code loads, and is told what to use instead when it runs."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from airflow.settings import Session

NEW_SESSION: Any = None


def create_session(scoped: bool = True) -> Any:
    """A session that no database is behind: may be passed on; what asks or changes anything is refused."""
    return Session()


def provide_session(func: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that wants a session one that no database is behind, unless the caller has one."""

    parameters = list(inspect.signature(func).parameters)
    position = parameters.index("session") if "session" in parameters else None

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("session") is None and not _given(args):
            kwargs["session"] = Session()
        return func(*args, **kwargs)

    def _given(args: tuple[Any, ...]) -> bool:
        return position is not None and len(args) > position

    return wrapper
