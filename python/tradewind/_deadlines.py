"""Deadlines as values of the JSON form."""

from __future__ import annotations

from typing import Any

from airflow import _warnings
from airflow.sdk.definitions import deadline
from tradewind._formvalues import as_seconds, as_time


def deadlines_form(dag: Any) -> list[dict[str, Any]]:
    """The deadlines of a DAG with their places; those that nobody can watch are a warning."""
    found = []
    for place, alert in enumerate(deadline.deadlines_of(dag)):
        reference = _reference(alert.reference)
        if reference is None:
            _warnings.record(
                "deadline",
                f"the deadline by {alert.reference.reference_name} is not watched: the scheduler runs no Python; "
                "it knows DAGRUN_LOGICAL_DATE, DAGRUN_QUEUED_AT, FIXED_DATETIME and AVERAGE_RUNTIME",
            )
            continue
        interval: Any = alert.interval
        length = {"variable": interval.key} if isinstance(interval, deadline.VariableInterval) else as_seconds(interval)
        found.append({"place": place, "name": alert.name, "reference": reference, "interval": length})
    return found


def _reference(reference: deadline.BaseDeadlineReference) -> dict[str, Any] | None:
    if type(reference) is deadline.DagRunLogicalDateDeadline:
        return {"type": "logical_date"}
    if type(reference) is deadline.DagRunQueuedAtDeadline:
        return {"type": "queued_at"}
    if isinstance(reference, deadline.FixedDatetimeDeadline):
        from airflow.sdk.timezone import convert_to_utc

        return {"type": "fixed", "at": as_time(convert_to_utc(reference.datetime))}
    if isinstance(reference, deadline.AverageRuntimeDeadline):
        return {"type": "average_runtime", "max_runs": reference.max_runs, "min_runs": reference.min_runs}
    return None
