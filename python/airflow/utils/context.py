"""The task context under its 2.x home."""

from __future__ import annotations

from typing import Any

from airflow.sdk.definitions.context import KNOWN_CONTEXT_KEYS, Context

__all__ = ["KNOWN_CONTEXT_KEYS", "Context", "context_copy_partial", "context_merge"]


class AirflowContextDeprecationWarning(DeprecationWarning):
    """A name of the context that 3.x does not have."""


def lazy_mapping_from_context(source: Any) -> Any:
    """The context as it is: its costly values are lazy already."""
    return source


def context_merge(context: Any, *args: Any, **kwargs: Any) -> None:
    """Add values to ``context``."""
    context.update(*args, **kwargs)


def context_copy_partial(source: Any, keys: Any) -> Any:
    """Those of ``keys`` that ``source`` has."""
    return {key: source[key] for key in keys if key in source}
