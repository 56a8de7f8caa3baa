"""Timetables as values of the JSON form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow._runtime import get_runtime
from airflow.sdk.definitions._internal.dates import zone_name
from airflow.timetables import simple
from airflow.timetables._cron import plain_cron
from airflow.timetables.assets import AssetOrTimeSchedule, PartitionedAssetTimetable, PartitionedAtRuntime
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.events import EventsTimetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.trigger import (
    CronPartitionTimetable,
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    MultipleCronTriggerTimetable,
)
from tradewind._formvalues import as_json, as_seconds, as_time
from tradewind.times import from_wire, to_wire

_RELATIVE_PLURAL = ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "microseconds", "leapdays")
_RELATIVE_SINGULAR = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def timetable_form(timetable: Timetable) -> dict[str, Any]:
    """The form of a timetable, with texts for display."""
    form = _form(timetable)
    form["summary"] = str(timetable.summary)
    if timetable.description:
        form["description"] = str(timetable.description)
    return form


def _form(timetable: Timetable, kind: type | None = None) -> dict[str, Any]:
    """The form of a timetable, or of what it is as an instance of one of its bases."""
    kind = kind or type(timetable)
    if kind in (simple.NullTimetable, PartitionedAtRuntime):
        return {"type": "null"}
    if kind is simple.OnceTimetable:
        return {"type": "once"}
    if kind is simple.ContinuousTimetable:
        return {"type": "continuous"}
    if isinstance(timetable, simple.AssetTriggeredTimetable) and kind in (
        simple.AssetTriggeredTimetable,
        PartitionedAssetTimetable,
    ):
        return {"type": "asset", "condition": timetable.asset_condition.as_expression()}
    if isinstance(timetable, AssetOrTimeSchedule):
        return {**_form(timetable.timetable), "condition": timetable.asset_condition.as_expression()}
    if kind in (CronTriggerTimetable, CronPartitionTimetable) and isinstance(timetable, CronTriggerTimetable):
        return {"type": "cron_trigger", "cron": plain_cron(timetable._expression), **_cron_options(timetable)}
    if kind is MultipleCronTriggerTimetable and isinstance(timetable, MultipleCronTriggerTimetable):
        return {
            "type": "multiple_cron_trigger",
            "crons": [plain_cron(cron) for cron in timetable._expressions],
            **_cron_options(timetable),
        }
    if kind is CronDataIntervalTimetable and isinstance(timetable, CronDataIntervalTimetable):
        return {
            "type": "cron_data_interval",
            "cron": plain_cron(timetable._expression),
            "timezone": zone_name(timetable._timezone),
        }
    if kind is DeltaTriggerTimetable and isinstance(timetable, DeltaTriggerTimetable):
        return {"type": "delta_trigger", "delta": delta_form(timetable._delta), "interval": delta_form(timetable._interval)}
    if kind is DeltaDataIntervalTimetable and isinstance(timetable, DeltaDataIntervalTimetable):
        return {"type": "delta_data_interval", "delta": delta_form(timetable._delta)}
    if kind is EventsTimetable and isinstance(timetable, EventsTimetable):
        events = [as_time(moment) for moment in timetable.event_dates]
        return {"type": "events", "events": events, "restrict_to_events": timetable.restrict_to_events}
    return _custom(timetable)


def _custom(timetable: Timetable) -> dict[str, Any]:
    form: dict[str, Any] = {"type": "custom", "classpath": timetable.type_name, "data": as_json(timetable.serialize())}
    if not timetable.can_be_scheduled:
        form["can_be_scheduled"] = False
    if not timetable.periodic:
        form["periodic"] = False
    if timetable.active_runs_limit is not None:
        form["active_runs_limit"] = int(timetable.active_runs_limit)
    return form


def ask_scheduler(timetable: Timetable, question: dict[str, Any]) -> Any:
    """What the scheduler says of a built-in timetable, for classes that build on one."""
    runtime: Any = get_runtime()
    if runtime is None:
        raise RuntimeError(f"{type(timetable).__name__} is followed by the scheduler, and nobody is there to be asked")
    native = next(kind for kind in type(timetable).__mro__ if _form(timetable, kind)["type"] != "custom")
    asked = {key: to_wire(value) if isinstance(value, dt.datetime) else value for key, value in question.items()}
    if asked.get("last") is not None:
        asked["last"] = {"start": to_wire(question["last"][0]), "end": to_wire(question["last"][1])}
    answer = runtime.call("timetable.ask", {"timetable": _form(timetable, native), "question": asked})
    if answer["kind"] == "manual":
        return DataInterval(from_wire(answer["interval"]["start"]), from_wire(answer["interval"]["end"]))
    for run in answer["runs"]:
        return DagRunInfo(from_wire(run["run_after"]), DataInterval(from_wire(run["start"]), from_wire(run["end"])))
    return None


def unserved(timetable: Timetable) -> str | None:
    """What the scheduler does not do of a timetable, in words for the DAG's warnings."""
    if isinstance(timetable, (PartitionedAssetTimetable, PartitionedAtRuntime, CronPartitionTimetable)):
        return f"partitions are not followed: the runs of {type(timetable).__name__} have no partition key"
    return None


def _cron_options(timetable: Any) -> dict[str, Any]:
    immediately = timetable.run_immediately
    return {
        "timezone": zone_name(timetable._timezone),
        "interval": delta_form(timetable._interval),
        "run_immediately": as_seconds(immediately) if isinstance(immediately, dt.timedelta) else immediately,
    }


def delta_form(delta: Any) -> Any:
    """Seconds, or the parts of a dateutil ``relativedelta``."""
    if isinstance(delta, (dt.timedelta, int, float)):
        return as_seconds(delta)
    form: dict[str, Any] = {}
    for name in _RELATIVE_PLURAL:
        # dateutil derives weeks from days; giving both would count them twice.
        value = getattr(delta, name, 0)
        if value and name != "weeks":
            form[name] = value
    for name in _RELATIVE_SINGULAR:
        value = getattr(delta, name, None)
        if value is not None:
            form[name] = value
    weekday = getattr(delta, "weekday", None)
    if weekday is not None:
        form["weekday"] = [weekday.weekday, weekday.n or 1]
    return form
