"""Branching by the day of the week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.providers.standard.utils.weekday import WeekDay, today_or_logical
from airflow.sdk.bases.branch import BaseBranchOperator


class BranchDayOfWeekOperator(BaseBranchOperator):
    """Follows one of two branches, by whether today is one of the given days."""

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._days = WeekDay.validate_week_day(week_day)

    def choose_branch(self, context: Any) -> str | Iterable[str]:
        """The branch of the day."""
        today = today_or_logical(context, self.use_task_logical_date)
        return self.follow_task_ids_if_true if today.isoweekday() in self._days else self.follow_task_ids_if_false
