"""The interface of timetables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class DataInterval(NamedTuple):
    """The span of time that a run is about."""

    start: Any
    end: Any

    @classmethod
    def exact(cls, at: Any) -> DataInterval:
        """An interval that is one moment."""
        return cls(start=at, end=at)


class TimeRestriction(NamedTuple):
    """The dates that bound a DAG's runs, and whether missed ones are made up for."""

    earliest: Any
    latest: Any
    catchup: bool


class DagRunInfo(NamedTuple):
    """A run that is to be made."""

    run_after: Any
    data_interval: DataInterval | None
    partition_date: Any = None
    partition_key: str | None = None

    @classmethod
    def exact(cls, at: Any) -> DagRunInfo:
        """A run for one moment."""
        return cls(run_after=at, data_interval=DataInterval.exact(at))

    @classmethod
    def interval(cls, start: Any, end: Any) -> DagRunInfo:
        """A run for an interval, when it ends."""
        return cls(run_after=end, data_interval=DataInterval(start, end))

    @property
    def logical_date(self) -> Any:
        """The start of the interval."""
        return self.data_interval.start if self.data_interval else None


class Timetable:
    """When a DAG runs.

    The built-in ones are evaluated by the scheduler itself. A subclass of your own is asked in a process of its own, for many runs ahead.
    """

    description: str = ""
    periodic: bool = True
    can_be_scheduled: bool = True
    run_ordering: Sequence[str] = ("data_interval_end", "logical_date")
    active_runs_limit: int | None = None
    asset_condition: Any = None
    partitioned: bool = False
    partitioned_at_runtime: bool = False

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """A timetable made from what :meth:`serialize` gave."""
        return cls()

    def serialize(self) -> dict[str, Any]:
        """The timetable's own settings as JSON."""
        return {}

    def validate(self) -> None:
        """Raise ``AirflowTimetableInvalid`` when the timetable cannot be followed."""

    @property
    def summary(self) -> str:
        """A short text for display."""
        return type(self).__name__

    @property
    def type_name(self) -> str:
        """The dotted path of the class; of the built-in ones the name alone."""
        kind = type(self)
        return kind.__qualname__ if kind.__module__.startswith("airflow.timetables.") else f"{kind.__module__}.{kind.__qualname__}"

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval of a run that was triggered by hand."""
        raise NotImplementedError(f"{type(self).__name__} has no infer_manual_data_interval")

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
        """The run after ``last_automated_data_interval``."""
        raise NotImplementedError(f"{type(self).__name__} has no next_dagrun_info")

    def generate_run_id(self, *, run_type: Any, run_after: Any, data_interval: Any = None, **extra: Any) -> str:
        """The id of a new run."""
        moment = data_interval.start if data_interval else run_after
        return f"{getattr(run_type, 'value', run_type)}__{moment.isoformat()}"

    def next_dagrun_info_v2(self, *, last_dagrun_info: DagRunInfo | None, restriction: Any) -> DagRunInfo | None:
        """The run after another one, as 3.2 and later ask."""
        last = last_dagrun_info.data_interval if last_dagrun_info else None
        return self.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self))


class Native(Timetable):
    """A timetable of the scheduler's own. Subclasses that build on its runs get them from the scheduler."""

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        """The interval of a run that was triggered by hand."""
        from tradewind._timetables import ask_scheduler

        interval: DataInterval = ask_scheduler(self, {"kind": "manual", "run_after": run_after})
        return interval

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
        """The run after ``last_automated_data_interval``."""
        from tradewind._timetables import ask_scheduler

        last, (earliest, latest, catchup) = last_automated_data_interval, restriction
        question = {"kind": "runs", "last": last, "earliest": earliest, "latest": latest, "catchup": catchup, "count": 1}
        info: DagRunInfo | None = ask_scheduler(self, question)
        return info
