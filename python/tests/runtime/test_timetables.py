"""Timetables that are classes of the user's: what they are asked, and what is said when they are wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest
from rust_side import Driver

from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from tradewind.timetables import ask, ask_file

DAY = timedelta(days=1)
AT = "2024-06-01T00:00:00Z"


class Workdays(Timetable):
    """The day before each weekday."""

    def infer_manual_data_interval(self, *, run_after: Any) -> DataInterval:
        return DataInterval(run_after.start_of("day") - DAY, run_after.start_of("day"))

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
        start = restriction.earliest if last_automated_data_interval is None else last_automated_data_interval.start + DAY
        if start is None:
            return None
        while start.weekday() >= 5:
            start += DAY
        return DagRunInfo.interval(start, start + DAY)


def runs(
    last: tuple[str, str] | None = None, count: int = 3, latest: str | None = None, until: str | None = None
) -> dict[str, Any]:
    return {
        "kind": "runs",
        "last": last and {"start": last[0], "end": last[1]},
        "earliest": "2024-01-01T00:00:00Z",
        "latest": latest,
        "catchup": True,
        "count": count,
        "until": until,
    }


def dates(answer: dict[str, Any]) -> list[str]:
    assert answer["kind"] == "runs", answer
    return [run["start"][:10] for run in answer["runs"]]


def test_runs_follow_one_another() -> None:
    answer = ask(Workdays(), runs(last=("2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z"), count=4), AT)
    assert dates(answer) == ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]
    assert answer["from"] == {"start": "2024-01-03T00:00:00Z", "end": "2024-01-04T00:00:00Z"}
    assert (answer["ended"], answer["at"]) == (False, AT)
    assert answer["runs"][0] == {
        "start": "2024-01-04T00:00:00Z",
        "end": "2024-01-05T00:00:00Z",
        "run_after": "2024-01-05T00:00:00Z",
    }


def test_the_end_date_ends_and_the_present_cuts() -> None:
    answer = ask(Workdays(), runs(count=10, latest="2024-01-02T00:00:00Z"), AT)
    assert dates(answer) == ["2024-01-01", "2024-01-02"]
    assert answer["ended"]
    answer = ask(Workdays(), runs(count=10, until="2024-01-02T12:00:00Z"), AT)
    assert dates(answer) == ["2024-01-01", "2024-01-02"]
    assert not answer["ended"]


def test_the_interval_of_a_run_by_hand() -> None:
    answer = ask(Workdays(), {"kind": "manual", "run_after": "2024-03-05T10:00:00Z"}, AT)
    assert answer == {"kind": "manual", "interval": {"start": "2024-03-04T00:00:00Z", "end": "2024-03-05T00:00:00Z"}}


def test_the_time_part_beside_assets_is_asked() -> None:
    from airflow.sdk import Asset

    both = AssetOrTimeSchedule(timetable=Workdays(), assets=[Asset("a")])
    assert dates(ask(both, runs(count=1), AT)) == ["2024-01-01"]


def test_a_class_may_name_its_runs() -> None:
    class Named(Workdays):
        def generate_run_id(self, *, run_type: Any, logical_date: Any, data_interval: Any, **extra: Any) -> str:
            return f"{run_type.value}__{logical_date:%Y%m%d}"

    class OfThree(Workdays):
        def generate_run_id(self, *, run_type: Any, run_after: Any, data_interval: Any) -> str:  # type: ignore[override]
            return f"for_{data_interval.start:%d}_at_{run_after:%d}"

    assert ask(Named(), runs(count=1), AT)["runs"][0]["run_id"] == "scheduled__20240101"
    assert ask(OfThree(), runs(count=1), AT)["runs"][0]["run_id"] == "for_01_at_02"


def test_a_class_that_goes_by_the_present_alone_names_one_run() -> None:
    class Tomorrow(Timetable):
        def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
            return DagRunInfo.exact(pendulum.datetime(2024, 5, 1))

    answer = ask(Tomorrow(), runs(), AT)
    assert dates(answer) == ["2024-05-01"]
    assert not answer["ended"]


def giving(info: Any) -> Timetable:
    class Given(Timetable):
        def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> Any:
            if isinstance(info, Exception):
                raise info
            return info

        def infer_manual_data_interval(self, *, run_after: Any) -> Any:
            return info

    return Given()


WHEN = pendulum.datetime(2024, 2, 1)


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ("soon", "must give a DagRunInfo or None, not 'soon'"),
        (DagRunInfo(WHEN, None), "without data_interval"),
        (DagRunInfo(datetime(2024, 2, 1), DataInterval.exact(WHEN)), "has no time zone"),
        (DagRunInfo(WHEN, DataInterval(datetime(2024, 2, 1), WHEN)), "as the interval's start, which has no time zone"),
        (DagRunInfo("2024-02-01", DataInterval.exact(WHEN)), "gave '2024-02-01' as run_after"),
        (DagRunInfo(WHEN, DataInterval(WHEN, WHEN - DAY)), "ends at"),
        (DagRunInfo.exact(pendulum.datetime(2023, 12, 31)), "before restriction.earliest, 2024-01-01"),
        (ValueError("no calendar"), "ValueError: no calendar"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(info: Any, words: str) -> None:
    answer = ask(giving(info), runs(), AT)
    assert answer["kind"] == "failed"
    assert words in answer["error"]
    assert "giving.<locals>.Given" in answer["error"], "the class is named"


def test_going_nowhere_is_refused() -> None:
    answer = ask(giving(DagRunInfo.exact(WHEN)), runs(last=("2024-02-01T00:00:00Z", "2024-02-01T00:00:00Z")), AT)
    assert "not later than the last one" in answer["error"]
    answer = ask(giving(None), {"kind": "manual", "run_after": AT}, AT)
    assert "must give a DataInterval with start and end, not None" in answer["error"]
    answer = ask(Timetable(), runs(), AT)
    assert "has no next_dagrun_info" in answer["error"]


FILE = """
from datetime import timedelta
import pendulum
from airflow.sdk import DAG
from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

class AfterHours(CronDataIntervalTimetable):
    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        info = super().next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)
        return info and DagRunInfo(info.run_after + timedelta(hours=1), info.data_interval)

with DAG("late", schedule=AfterHours("0 2 * * *", timezone="UTC"), start_date=pendulum.datetime(2024, 1, 1)):
    pass
"""


def test_a_file_is_loaded_and_its_class_may_build_on_a_built_in_one(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "late.py"
    path.write_text(FILE)
    run = {"start": "2024-01-01T02:00:00Z", "end": "2024-01-02T02:00:00Z", "run_after": "2024-01-02T02:00:00Z"}
    said = {"kind": "runs", "from": None, "runs": [run], "ended": False, "at": AT}
    driver.answer = lambda method, params: {"result": said}
    driver.requests.clear()

    def asked(dag_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = driver.parse(path, type="timetable", dag_id=dag_id, question=runs(count=1), at=AT)["answer"]
        return answer

    assert asked("late")["runs"][0]["run_after"] == "2024-01-02T03:00:00Z"
    ((method, params),) = driver.requests
    assert method == "timetable.ask"
    assert params["timetable"] == {"type": "cron_data_interval", "cron": "0 2 * * *", "timezone": "UTC"}
    assert params["question"]["earliest"] == "2024-01-01T00:00:00Z"
    assert "is not in" in asked("other")["error"]


def test_a_file_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import airflow\nraise RuntimeError('boom')\n")
    answer = ask_file(str(path), str(tmp_path), "d", runs(), AT)
    assert answer["kind"] == "failed"
    assert "RuntimeError: boom" in answer["error"]
