"""What classes and plugins read of timetables: their settings, their attributes, and a class that a plugin registers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest
from dateutil.relativedelta import MO, relativedelta

from airflow import plugins_manager
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.events import EventsTimetable
from airflow.timetables.interval import CronDataIntervalTimetable, DeltaDataIntervalTimetable
from airflow.timetables.simple import NullTimetable
from airflow.timetables.trigger import (
    CronPartitionTimetable,
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    MultipleCronTriggerTimetable,
)
from tradewind.timetables import ask, ask_file

DAY = timedelta(days=1)
AT = "2024-06-01T00:00:00Z"


def question(**more: Any) -> dict[str, Any]:
    asked = {"kind": "runs", "last": None, "earliest": "2024-01-01T00:00:00Z", "latest": None, "catchup": True, "count": 3}
    return {**asked, "until": None, **more}


@pytest.mark.parametrize(
    ("timetable", "settings"),
    [
        (CronDataIntervalTimetable("@hourly", timezone=pendulum.UTC), {"expression": "0 * * * *", "timezone": "UTC"}),
        (
            CronTriggerTimetable("30 2 * * 1-5", timezone="Asia/Seoul", interval=timedelta(hours=1), run_immediately=True),
            {"expression": "30 2 * * 1-5", "timezone": "Asia/Seoul", "interval": 3600.0, "run_immediately": True},
        ),
        (
            MultipleCronTriggerTimetable("@daily", "0 0 * * 0", timezone="UTC", run_immediately=timedelta(minutes=5)),
            {"expressions": ["0 0 * * *", "0 0 * * 0"], "timezone": "UTC", "interval": 0.0, "run_immediately": 300.0},
        ),
        (DeltaDataIntervalTimetable(timedelta(hours=5)), {"delta": 18000.0}),
        (DeltaTriggerTimetable(timedelta(hours=5), interval=timedelta(hours=1)), {"delta": 18000.0, "interval": 3600.0}),
        (
            CronPartitionTimetable("@daily", timezone="UTC", run_offset=-1),
            {
                "expression": "0 0 * * *",
                "timezone": "UTC",
                "run_immediately": False,
                "run_offset": -1,
                "key_format": "%Y-%m-%dT%H:%M:%S",
            },
        ),
        (
            EventsTimetable([pendulum.datetime(2024, 1, 2), pendulum.datetime(2024, 1, 1)], restrict_to_events=True),
            {
                "event_dates": ["2024-01-01T00:00:00+00:00", "2024-01-02T00:00:00+00:00"],
                "restrict_to_events": True,
                "description": "2 events between 2024-01-01T00:00:00+00:00 and 2024-01-02T00:00:00+00:00",
                "_summary": "2 events",
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Timetable) else "",
)
def test_settings_as_airflow_has_them(timetable: Timetable, settings: dict[str, Any]) -> None:
    assert timetable.serialize() == settings
    again = type(timetable).deserialize(settings)
    assert again.serialize() == settings
    assert again.summary == timetable.summary
    assert timetable.type_name == type(timetable).__name__


def test_settings_of_a_relative_delta() -> None:
    delta = relativedelta(months=1, day=1, weekday=MO(2))
    settings = DeltaDataIntervalTimetable(delta).serialize()
    assert settings == {"delta": {"months": 1, "day": 1, "weekday": [0, 2]}}
    assert DeltaDataIntervalTimetable.deserialize(settings)._delta == delta  # type: ignore[attr-defined]
    offset = CronPartitionTimetable("@daily", timezone="UTC", run_offset=DAY).serialize()["run_offset"]
    assert offset == {"delta": 86400.0}


def test_what_is_read_of_them() -> None:
    assert NullTimetable().run_ordering == ("logical_date",)
    assert EventsTimetable([], description="holidays").summary == "holidays"
    assert (Timetable.partitioned, CronPartitionTimetable.partitioned) == (False, True)
    assert DagRunInfo(1, None) == DagRunInfo(run_after=1, data_interval=None, partition_date=None, partition_key=None)


def test_a_class_with_the_method_of_3_2() -> None:
    class Later(Timetable):
        def next_dagrun_info_v2(self, *, last_dagrun_info: DagRunInfo | None, restriction: Any) -> DagRunInfo | None:
            start = last_dagrun_info.run_after if last_dagrun_info else restriction.earliest
            return DagRunInfo(run_after=start + DAY, data_interval=DataInterval(start, start + DAY), partition_key="p")

    answer = ask(Later(), question(count=2), AT)
    assert [run["run_after"] for run in answer["runs"]] == ["2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"]


PLUGIN = """
from datetime import timedelta
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable

class Workdays(Timetable):
    description = "Working days"
    def __init__(self, hour=0):
        self.hour = hour
    def serialize(self):
        return {"hour": self.hour}
    @classmethod
    def deserialize(cls, data):
        return cls(**data)
    @property
    def summary(self):
        return f"workdays at {self.hour}"
    def infer_manual_data_interval(self, *, run_after):
        return DataInterval.exact(run_after)
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        if last_automated_data_interval is None:
            start = restriction.earliest.replace(hour=self.hour)
        else:
            start = last_automated_data_interval.start + timedelta(days=1)
        while start.weekday() > 4:
            start += timedelta(days=1)
        return DagRunInfo.interval(start, start + timedelta(days=1))

class Calendar(AirflowPlugin):
    name = "calendar_of_tests"
    timetables = [Workdays]
"""
DAGS = """
import pendulum
from airflow.sdk import DAG
from workdays_of_tests import Workdays

dag = DAG("office", schedule=Workdays(hour=9), start_date=pendulum.datetime(2024, 1, 5))
"""


def test_a_class_that_a_plugin_registers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins, dags = tmp_path / "plugins", tmp_path / "dags"
    for folder, name, text in ((plugins, "workdays_of_tests.py", PLUGIN), (dags, "office.py", DAGS)):
        folder.mkdir()
        (folder / name).write_text(text)
    monkeypatch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(plugins))
    monkeypatch.setattr(plugins_manager, "plugins", None)
    monkeypatch.syspath_prepend(str(plugins))
    (plugin,) = [found for found in plugins_manager.ensure_plugins_loaded() if found.name == "calendar_of_tests"]
    assert [kind.__name__ for kind in plugin.timetables] == ["Workdays"]
    answer = ask_file(str(dags / "office.py"), str(dags), "office", question(earliest="2024-01-05T00:00:00Z"), AT)
    assert answer.get("error") is None
    assert [run["start"] for run in answer["runs"]] == ["2024-01-05T09:00:00Z", "2024-01-08T09:00:00Z", "2024-01-09T09:00:00Z"]
