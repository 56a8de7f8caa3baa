"""Operators that start a job elsewhere and find it again after a restart."""

from __future__ import annotations

from typing import Any


class ResumableJobMixin:
    """Marks operators whose job outlives an attempt; with ``durable`` off each attempt starts its own.

    The id of a started job is kept only during an attempt: there is no store of task states here, so that a retry starts anew.
    """

    def __init__(self, *, durable: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.durable = durable
