"""Trying database work again, as code that has a session of its own does."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

MAX_DB_RETRIES = 3


def retry_db_transaction(_func: Callable[..., Any] | None = None, *, retries: int = MAX_DB_RETRIES, **_: Any) -> Any:
    """Call a function again when it raises an ``OperationalError``, at most ``retries`` times."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for attempt in range(1, retries + 1):
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if "OperationalError" not in {kind.__name__ for kind in type(error).__mro__} or attempt == retries:
                        raise
                    time.sleep(min(0.5 * 2**attempt, 5))
            return None

        return wrapper

    return decorate if _func is None else decorate(_func)
