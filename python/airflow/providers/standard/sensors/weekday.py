"""Waiting for a day of the week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.providers.standard.utils.weekday import WeekDay, today_or_logical
from airflow.sdk.bases.sensor import BaseSensorOperator


class DayOfWeekSensor(BaseSensorOperator):
    """Waits until today is one of the given days, in the time zone of the DAG."""

    def __init__(
        self,
        *,
        week_day: str | Iterable[str] | WeekDay | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._days = WeekDay.validate_week_day(week_day)

    def poke(self, context: Any) -> bool:
        """Whether it is the day."""
        today = today_or_logical(context, self.use_task_logical_date)
        self.log.info("Poking until weekday is in %s, Today is %s", self.week_day, WeekDay(today.isoweekday()).name)
        return today.isoweekday() in self._days
