"""Deadlines of runs. A scheduler watches them; a DAG processor calls what is to be called when one is missed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from airflow.sdk.definitions.callback import Callback


class BaseDeadlineReference:
    """The moment from which a deadline counts."""

    required_kwargs: frozenset[str] = frozenset()

    @property
    def reference_name(self) -> str:
        """The name of the class."""
        return type(self).__name__

    def serialize_reference(self) -> dict[str, Any]:
        """The reference as JSON."""
        return {"reference_type": self.reference_name, **vars(self)}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(sorted(vars(self).items())))


class DagRunLogicalDateDeadline(BaseDeadlineReference):
    """The logical date."""


class DagRunQueuedAtDeadline(BaseDeadlineReference):
    """When the run was queued."""


class FixedDatetimeDeadline(BaseDeadlineReference):
    """A fixed moment."""

    def __init__(self, datetime: dt.datetime) -> None:
        self.datetime = datetime


class AverageRuntimeDeadline(BaseDeadlineReference):
    """As long as runs have taken on average."""

    def __init__(self, max_runs: int = 10, min_runs: int | None = None) -> None:
        if max_runs < 1 or (min_runs is not None and min_runs < 1):
            raise ValueError("max_runs and min_runs of AVERAGE_RUNTIME have to be 1 or more")
        self.max_runs = max_runs
        self.min_runs = max_runs if min_runs is None else min_runs


class DeadlineReference:
    """The references there are."""

    DAGRUN_LOGICAL_DATE = DagRunLogicalDateDeadline()
    DAGRUN_QUEUED_AT = DagRunQueuedAtDeadline()

    @staticmethod
    def AVERAGE_RUNTIME(max_runs: int = 10, min_runs: int | None = None) -> AverageRuntimeDeadline:  # noqa: N802
        """The average of the last runs."""
        return AverageRuntimeDeadline(max_runs, min_runs)

    @staticmethod
    def FIXED_DATETIME(datetime: dt.datetime) -> FixedDatetimeDeadline:  # noqa: N802
        """A fixed moment."""
        return FixedDatetimeDeadline(datetime)


def deadline_reference(*args: Any, **kwargs: Any) -> Any:
    """Mark a class as a reference of one's own: it becomes an attribute of :class:`DeadlineReference`."""

    def mark(cls: type[BaseDeadlineReference]) -> type[BaseDeadlineReference]:
        setattr(DeadlineReference, cls.__name__, cls())
        return cls

    return mark(args[0]) if len(args) == 1 and isinstance(args[0], type) else mark


@dataclass
class VariableInterval:
    """A number of seconds that a variable says."""

    key: str

    def resolve(self) -> dt.timedelta:
        """The interval now."""
        from airflow.sdk.definitions.variable import Variable

        return dt.timedelta(seconds=int(Variable.get(self.key)))


class DeadlineAlert:
    """Call ``callback`` when a run has not ended ``interval`` after ``reference``."""

    def __init__(
        self, reference: BaseDeadlineReference, interval: dt.timedelta | VariableInterval, callback: Any, name: str | None = None
    ) -> None:
        if not isinstance(reference, BaseDeadlineReference):
            raise TypeError(f"reference of a DeadlineAlert has to be one of DeadlineReference, not {reference!r}")
        if not isinstance(interval, (dt.timedelta, VariableInterval)):
            raise TypeError(f"interval of a DeadlineAlert has to be a timedelta or a VariableInterval, not {interval!r}")
        if not isinstance(callback, Callback):
            raise TypeError(f"callback of a DeadlineAlert has to be an AsyncCallback or a SyncCallback, not {callback!r}")
        self.reference, self.interval, self.callback, self.name = reference, interval, callback, name


def deadlines_of(dag: Any) -> list[DeadlineAlert]:
    """The deadlines of a DAG, in order."""
    given = getattr(dag, "deadline", None)
    if given is None:
        return []
    return list(given) if isinstance(given, (list, tuple)) else [given]
