"""From a ``schedule`` argument to a timetable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from airflow.configuration import conf
from airflow.sdk.definitions.asset import AssetAll, BaseAsset
from airflow.timetables.base import Timetable
from airflow.timetables.simple import AssetTriggeredTimetable, ContinuousTimetable, NullTimetable, OnceTimetable


def _is_delta(value: Any) -> bool:
    return isinstance(value, dt.timedelta) or type(value).__name__ == "relativedelta"


def make_timetable(schedule: Any, zone: Callable[[], Any], *, legacy: bool) -> Timetable:
    """The timetable that ``schedule`` means; ``legacy`` asks for data intervals as in 2.x, ``zone`` gives the DAG's zone."""
    if schedule is None:
        return NullTimetable()
    if schedule == "@once":
        return OnceTimetable()
    if schedule == "@continuous":
        return ContinuousTimetable()
    if isinstance(schedule, Timetable):
        return schedule
    if isinstance(schedule, BaseAsset):
        return AssetTriggeredTimetable(schedule)
    if isinstance(schedule, (list, tuple, set)):
        if not all(isinstance(item, BaseAsset) for item in schedule):
            raise ValueError(f"All elements in 'schedule' should be assets, aliases or references, not {schedule!r}")
        return AssetTriggeredTimetable(AssetAll(*schedule))
    intervals = legacy or conf.getboolean("scheduler", "create_cron_data_intervals", fallback=False)
    if isinstance(schedule, str):
        from airflow.timetables.interval import CronDataIntervalTimetable
        from airflow.timetables.trigger import CronTriggerTimetable

        if intervals:
            return CronDataIntervalTimetable(schedule, zone())
        return CronTriggerTimetable(schedule, timezone=zone())
    if _is_delta(schedule):
        from airflow.timetables.interval import DeltaDataIntervalTimetable
        from airflow.timetables.trigger import DeltaTriggerTimetable

        return DeltaDataIntervalTimetable(schedule) if intervals else DeltaTriggerTimetable(schedule)
    raise ValueError(
        f"{schedule!r} is not a valid schedule: give None, a preset, a cron text, a timedelta, a timetable or assets"
    )


#: For annotations, under the names that 2.x has.
ScheduleInterval = Any
ScheduleIntervalArg = Any
ScheduleArg = Any
