"""Branching by the time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from airflow.providers.standard.utils.weekday import today_or_logical
from airflow.sdk.bases.branch import BaseBranchOperator
from airflow.sdk.exceptions import AirflowException


class BranchDateTimeOperator(BaseBranchOperator):
    """Follows one of two branches, by whether the time is between two bounds."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        target_lower: dt.datetime | dt.time | None,
        target_upper: dt.datetime | dt.time | None,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise AirflowException(
                f"target_lower and target_upper of task {self.task_id!r} cannot both be None; set at least one"
            )
        self.target_lower = target_lower
        self.target_upper = target_upper
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.use_task_logical_date = use_task_logical_date or use_task_execution_date

    def choose_branch(self, context: Any) -> str | Iterable[str]:
        """The branch of the moment."""
        now = today_or_logical(context, self.use_task_logical_date)
        lower, upper = bounds(now, self.target_lower, self.target_upper)
        outside = (lower is not None and now < lower) or (upper is not None and now > upper)
        return self.follow_task_ids_if_false if outside else self.follow_task_ids_if_true


def bounds(now: Any, lower: dt.datetime | dt.time | None, upper: dt.datetime | dt.time | None) -> tuple[Any, Any]:
    """The bounds as moments; a time means that time today, and an upper time before the lower one means tomorrow."""

    def on_day(value: dt.datetime | dt.time | None) -> Any:
        if isinstance(value, dt.datetime):
            return value if value.tzinfo is not None else value.replace(tzinfo=now.tzinfo)
        return None if value is None else dt.datetime.combine(now.date(), value, tzinfo=now.tzinfo)

    first, last = on_day(lower), on_day(upper)
    both_times = not isinstance(lower, dt.datetime) and not isinstance(upper, dt.datetime)
    if first is not None and last is not None and both_times and last < first:
        last += dt.timedelta(days=1)
    return first, last
