"""Sensors: the loop, and what each of them looks at."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest

from airflow import _runtime
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.providers.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.providers.standard.sensors.time import TimeSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor, TimeDeltaSensorAsync, WaitSensor
from airflow.providers.standard.sensors.weekday import DayOfWeekSensor
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import DAG, BaseSensorOperator, PokeReturnValue, task
from airflow.sdk.bases import sensor as sensor_module
from airflow.sdk.bases.sensor import poke_mode_only
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    ExternalDagFailedError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
    TaskDeferred,
)
from airflow.triggers.base import TaskSuccessEvent
from airflow.utils.module_loading import import_string

START = pendulum.datetime(2024, 1, 1)


class Clock:
    """Time that passes only when a sensor sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(sensor_module, "time", found)
    return found


class Scripted(BaseSensorOperator):
    """Gives (or raises) one answer after the other, then ``False``."""

    def __init__(self, *, answers: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.answers = list(answers)

    def poke(self, context: Any) -> bool | PokeReturnValue:
        answer = self.answers.pop(0) if self.answers else False
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]


def make() -> DAG:
    return DAG("d", schedule=None, start_date=START)


def context(first: Any = None, **extra: Any) -> dict[str, Any]:
    ti = SimpleNamespace(start_date=START, map_index=-1, get_first_reschedule_date=lambda _: first)
    run = SimpleNamespace(run_after=START)
    return {"ti": ti, "dag": make(), "dag_run": run, "logical_date": START, "data_interval_end": START, **extra}


def scripted(*answers: Any, **kwargs: Any) -> Scripted:
    return Scripted(**{"task_id": "s", "dag": make(), "answers": answers, **kwargs})


def test_pokes_at_once_and_then_at_intervals(clock: Clock) -> None:
    assert scripted(False, False, True, poke_interval=7).execute(context()) is None
    assert clock.slept == [7, 7]


def test_value_of_the_poke_is_returned(clock: Clock) -> None:
    assert scripted(PokeReturnValue(False, 1), PokeReturnValue(True, {"x": 2})).execute(context()) == {"x": 2}


def test_timeout_counts_after_the_poke(clock: Clock) -> None:
    with pytest.raises(AirflowSensorTimeout, match="exceeds the specified timeout of 20"):
        scripted(poke_interval=10, timeout=dt.timedelta(seconds=20)).execute(context())
    assert clock.slept == [10, 10, 10]
    # A poke that succeeds late still succeeds.
    assert scripted(False, True, poke_interval=100, timeout=1).execute(context()) is None
    with pytest.raises(AirflowSkipException):
        scripted(timeout=0, poke_interval=1, soft_fail=True).execute(context())


@pytest.mark.parametrize(
    ("error", "options", "expected"),
    [
        (ValueError("x"), {}, ValueError),
        (ValueError("x"), {"soft_fail": True}, ValueError),
        (AirflowFailException("x"), {"soft_fail": True}, AirflowSkipException),
        (AirflowTaskTimeout("x"), {"soft_fail": True}, AirflowSkipException),
        (AirflowFailException("x"), {}, AirflowFailException),
        (ValueError("x"), {"never_fail": True}, AirflowSkipException),
        (AirflowSkipException("x"), {"silent_fail": True}, AirflowSkipException),
        (AirflowFailException("x"), {"silent_fail": True}, AirflowFailException),
        (AirflowSensorTimeout("x"), {"soft_fail": True}, AirflowSkipException),
        (AirflowSensorTimeout("x"), {"never_fail": True}, AirflowSkipException),
        (AirflowSensorTimeout("x"), {"silent_fail": True}, AirflowSensorTimeout),
    ],
)
def test_errors_in_poke(clock: Clock, error: BaseException, options: dict[str, bool], expected: type[BaseException]) -> None:
    with pytest.raises(expected):
        scripted(error, **options).execute(context())


def test_silent_fail_goes_on_and_never_fail_still_times_out(clock: Clock) -> None:
    assert scripted(ValueError("x"), True, silent_fail=True).execute(context()) is None
    with pytest.raises(AirflowSensorTimeout):
        scripted(never_fail=True, timeout=1, poke_interval=2).execute(context())


def test_exponential_backoff_grows_and_is_bounded(clock: Clock) -> None:
    with pytest.raises(AirflowSensorTimeout):
        scripted(poke_interval=10, timeout=1000, exponential_backoff=True).execute(context())
    for number, (wait, least) in enumerate(zip(clock.slept[:5], [5, 10, 20, 40, 80])):
        assert least <= wait < 2 * least, number
    again = Clock()
    sensor_module.time = again  # type: ignore[attr-defined]
    with pytest.raises(AirflowSensorTimeout):
        scripted(poke_interval=10, timeout=300, exponential_backoff=True, max_wait=12).execute(context())
    assert max(again.slept) == 12


def test_backoff_of_a_rescheduled_sensor_follows_from_the_time_that_has_gone_by() -> None:
    sensor = scripted(poke_interval=10, timeout=10_000, exponential_backoff=True, mode="reschedule")
    waits, elapsed = [], 0.0
    for _ in range(6):
        waits.append(sensor._wait(1, elapsed, START))
        elapsed += waits[-1] + 0.5
    # As Airflow 3.3.2 computes it: doubled after each wait, with a spread that comes from the first poke.
    assert waits == [sensor._backoff(count, START) for count in range(1, 7)]
    assert sensor._wait(1, 9_999.5, START) == 1, "the last poke comes just after the timeout"


def test_reschedule_gives_the_slot_back() -> None:
    before = dt.datetime.now(dt.timezone.utc)
    with pytest.raises(AirflowRescheduleException) as signalled:
        scripted(mode="reschedule", poke_interval=60).execute(context())
    wait = signalled.value.reschedule_date - before
    assert dt.timedelta(seconds=60) <= wait < dt.timedelta(seconds=120)


def test_reschedule_times_out_from_the_first_poke() -> None:
    long_ago = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=1)
    with pytest.raises(AirflowSensorTimeout):
        scripted(mode="reschedule", timeout=1800).execute(context(first=long_ago))
    with pytest.raises(AirflowRescheduleException):
        scripted(mode="reschedule", timeout=7200).execute(context(first=long_ago))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "sometimes"}, "mode of sensor 's' must be one of poke, reschedule, not 'sometimes'"),
        ({"poke_interval": -1}, "poke_interval"),
        ({"timeout": "x"}, "timeout"),
        ({"max_wait": -1}, "max_wait"),
        ({"soft_fail": True, "never_fail": True}, "soft_fail and never_fail"),
    ],
)
def test_bad_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scripted(**options)


def test_poke_mode_only() -> None:
    @poke_mode_only
    class Only(Scripted): ...

    assert Only(task_id="s", dag=make()).mode == "poke"
    with pytest.raises(ValueError, match="Only can only poke"):
        Only(task_id="t", dag=make(), mode="reschedule")


# The sensors themselves


def test_python_sensor_and_its_decorator() -> None:
    sensor = PythonSensor(task_id="p", python_callable=lambda x, logical_date: x == logical_date, op_args=[START], dag=make())
    assert bool(sensor.poke(context())) is True
    with make() as dag:

        @task.sensor(poke_interval=5, timeout=10, mode="reschedule")
        def ready(wanted: int) -> PokeReturnValue:
            return PokeReturnValue(wanted > 1, wanted)

        value = ready(2)
        ready(1)
    assert dag.task_ids == ["ready", "ready__1"]
    assert value.operator.mode == "reschedule"  # type: ignore[attr-defined]
    assert value.operator.execute(context()) == 2  # type: ignore[attr-defined]
    with pytest.raises(AirflowRescheduleException):
        dag.get_task("ready__1").execute(context())


def test_bash_sensor() -> None:
    def poke(command: str, **kwargs: Any) -> bool:
        return BashSensor(task_id="b", bash_command=command, dag=make(), **kwargs).poke(context())

    assert poke("exit 0") is True
    assert poke("exit 1") is False
    assert poke("exit 4", retry_exit_code=4) is False
    with pytest.raises(AirflowFailException, match="return code 5"):
        poke("exit 5", retry_exit_code=4)


def test_file_sensor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PLACE", f'{{"conn_type": "fs", "extra": {{"path": "{tmp_path}"}}}}')

    def poke(path: str, **kwargs: Any) -> bool:
        return FileSensor(task_id="f", filepath=path, dag=make(), **{"fs_conn_id": "place", **kwargs}).poke(context())

    assert poke("*.csv") is False
    (tmp_path / "folder").mkdir()
    assert poke("folder") is False
    (tmp_path / "folder" / "data.csv").write_text("x", encoding="utf-8")
    assert poke("folder") is True
    assert poke("*.csv") is False
    assert poke("**/*.csv", recursive=True) is True
    assert poke(str(tmp_path / "folder" / "data.csv"), fs_conn_id="fs_default") is True


def test_time_sensors(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import timezone

    monkeypatch.setattr(timezone, "utcnow", lambda: pendulum.datetime(2024, 1, 3, 20))
    seoul = DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1, tz="Asia/Seoul"))
    # It is 05:00 on Thursday in Seoul.
    assert TimeSensor(task_id="a", target_time=dt.time(4, 59), dag=seoul).poke(context()) is True
    assert TimeSensor(task_id="b", target_time=dt.time(5, 1), dag=seoul).poke(context()) is False
    assert DateTimeSensor(task_id="c", target_time="2024-01-03T19:59:00Z", dag=seoul).poke(context()) is True
    assert (
        DateTimeSensor(task_id="e", target_time=dt.datetime(2024, 1, 3, 21, tzinfo=dt.timezone.utc), dag=seoul).poke(context())
        is False
    )
    assert TimeDeltaSensor(task_id="f", delta=dt.timedelta(days=2), dag=seoul).poke(context()) is True
    assert TimeDeltaSensor(task_id="g", delta=dt.timedelta(days=3), dag=seoul).poke(context()) is False
    assert TimeDeltaSensor(task_id="h", delta=60 * 24 * 3, dag=seoul).poke(context(data_interval_end=None)) is False
    assert DayOfWeekSensor(task_id="i", week_day={"Thursday"}, dag=seoul).poke(context(dag=seoul)) is True
    assert DayOfWeekSensor(task_id="j", week_day="Wednesday", dag=seoul).poke(context(dag=seoul)) is False
    by_date = DayOfWeekSensor(task_id="k", week_day="Monday", use_task_logical_date=True, dag=seoul)
    assert by_date.poke(context(dag=seoul)) is True
    assert WaitSensor(task_id="l", time_to_wait=dt.timedelta(0), dag=seoul).execute(context()) is None
    with pytest.raises(TypeError, match="target_time of task 'm'"):
        DateTimeSensor(task_id="m", target_time=5, dag=seoul)  # type: ignore[arg-type]


def test_a_template_gives_a_time() -> None:
    assert TimeDeltaSensor(task_id="a", delta="5", dag=make()).poke(context()) is True
    waits = WaitSensor(task_id="b", time_to_wait="{{ 3 }}", deferrable=True, dag=make())
    waits.time_to_wait = waits.render_template(waits.time_to_wait, {})
    with pytest.raises(TaskDeferred) as signalled:
        waits.execute(context())
    left = signalled.value.trigger.moment - dt.datetime.now(dt.timezone.utc)
    assert dt.timedelta(minutes=2) < left <= dt.timedelta(minutes=3)
    with pytest.raises(ValueError, match="delta of task 'c' has to be a timedelta or a number of minutes, not 'soon'"):
        TimeDeltaSensor(task_id="c", delta="soon", dag=make()).poke(context())
    at = DateTimeSensor(task_id="d", target_time="{{ moment }}", dag=make())
    at.target_time = dt.datetime(2024, 1, 1)  # type: ignore[assignment]
    assert at.poke(context()) is True, "a native template gives the moment itself"


async def first_event(trigger: Any) -> Any:
    return await anext(trigger.run())


def test_sensors_that_wait_in_a_trigger() -> None:
    moment = pendulum.datetime(2024, 1, 3)
    far = context()["data_interval_end"] + dt.timedelta(days=365_000)
    for sensor, target in (
        (DateTimeSensorAsync(task_id="a", target_time=moment, dag=make()), moment),
        (TimeDeltaSensorAsync(task_id="b", delta=dt.timedelta(days=365_000), dag=make()), far),
        (TimeDeltaSensor(task_id="c", delta=dt.timedelta(days=365_000), deferrable=True, dag=make()), far),
        (TimeSensor(task_id="d", target_time=dt.time(23, 59, 59), deferrable=True, timeout=5, dag=make()), None),
    ):
        with pytest.raises(TaskDeferred) as signalled:
            sensor.execute(context())
        trigger = signalled.value.trigger
        assert target is None or trigger.moment == target
        assert signalled.value.timeout == sensor.trigger_timeout() == dt.timedelta(seconds=sensor.timeout)
        assert getattr(sensor, signalled.value.method_name)(context(), event=None) is None
    passed = TimeDeltaSensorAsync(task_id="e", delta=dt.timedelta(days=2), dag=make())
    assert passed.execute(context()) is True, "what has passed needs no trigger"
    assert asyncio.run(first_event(DateTimeTrigger(moment))).payload == moment
    assert asyncio.run(first_event(DateTimeTrigger(moment, end_from_trigger=True))) == TaskSuccessEvent()
    path, arguments = DateTimeTrigger(moment).serialize()
    assert import_string(path)(**arguments).moment == moment
    with pytest.raises(ValueError, match="naive"):
        DateTimeTrigger(dt.datetime(2024, 1, 1))


class Control:
    """Runs of another DAG: by logical date, the states of its tasks."""

    def __init__(self, runs: dict[dt.datetime, dict[str, str]], run_states: dict[dt.datetime, str] | None = None) -> None:
        self.runs = runs
        self.run_states = run_states or {}

    def ti_states(self, dag_id: str, task_ids: Any = None, group_id: Any = None, logical_dates: Any = None, **_: Any) -> Any:
        found = {}
        for date in logical_dates:
            states = self.runs.get(date, {})
            if group_id is not None:
                found[str(date)] = {name: state for name, state in states.items() if name.startswith(f"{group_id}.")}
            else:
                found[str(date)] = {name: state for name, state in states.items() if name.split("_")[0] in task_ids}
        return found

    def ti_count(self, dag_id: str, task_ids: Any = None, logical_dates: Any = None, states: Any = None, **_: Any) -> int:
        found = self.ti_states(dag_id, task_ids=task_ids, logical_dates=logical_dates)
        return sum(state in states for run in found.values() for state in run.values())

    def dag_run_count(self, dag_id: str, logical_dates: Any = None, states: Any = None, **_: Any) -> int:
        return sum(self.run_states.get(date) in states for date in logical_dates)


def external(**kwargs: Any) -> ExternalTaskSensor:
    return ExternalTaskSensor(**{"task_id": "e", "dag": make(), "external_dag_id": "other", **kwargs})


def control(states: dict[str, str] | None = None, run_state: str | None = None, at: dt.datetime = START) -> None:
    runs = {at: states} if states is not None else {}
    _runtime.set_runtime(Control(runs, {at: run_state} if run_state else {}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "options", "expected"),
    [
        ({"a": "success"}, {"external_task_id": "a"}, True),
        ({"a": "running"}, {"external_task_id": "a"}, False),
        (None, {"external_task_id": "a"}, False),
        ({"a": "success", "b": "running"}, {"external_task_ids": ["a", "b"]}, False),
        ({"a": "success", "b": "success"}, {"external_task_ids": ["a", "b"]}, True),
        ({"a": "skipped"}, {"external_task_id": "a", "allowed_states": ["success", "skipped"]}, True),
        ({"m_0": "success", "m_1": "running"}, {"external_task_id": "m"}, False),
        ({"m_0": "success", "m_1": "success"}, {"external_task_id": "m"}, True),
        ({"g.a": "success", "g.b": "success", "x": "running"}, {"external_task_group_id": "g"}, True),
        ({"g.a": "success", "g.b": "running"}, {"external_task_group_id": "g"}, False),
        ({"a": "failed"}, {"external_task_id": "a"}, False),
    ],
)
def test_external_tasks(states: dict[str, str] | None, options: dict[str, Any], expected: bool) -> None:
    control(states)
    assert external(**options).poke(context()) is expected


def test_external_run() -> None:
    control(run_state="success")
    assert external().poke(context()) is True
    control(run_state="running")
    assert external().poke(context()) is False


def test_external_states_that_end_the_wait() -> None:
    control({"a": "failed", "g.a": "failed"}, run_state="failed")
    with pytest.raises(ExternalTaskFailedError):
        external(external_task_id="a", failed_states=["failed"]).poke(context())
    with pytest.raises(ExternalTaskGroupFailedError):
        external(external_task_group_id="g", failed_states=["failed"]).poke(context())
    with pytest.raises(ExternalDagFailedError):
        external(failed_states=["failed"]).poke(context())
    with pytest.raises(AirflowSkipException):
        external(external_task_id="a", failed_states=["failed"], soft_fail=True).poke(context())
    with pytest.raises(AirflowSkipException):
        external(external_task_id="a", skipped_states=["failed"]).poke(context())


def test_external_dates() -> None:
    control({"a": "success"}, at=START - dt.timedelta(hours=1))
    assert external(external_task_id="a").poke(context()) is False
    assert external(external_task_id="a", execution_delta=dt.timedelta(hours=1)).poke(context()) is True
    assert external(external_task_id="a", execution_date_fn=lambda d: d - dt.timedelta(hours=1)).poke(context()) is True
    assert (
        external(external_task_id="a", execution_date_fn=lambda d, context: [d, d - dt.timedelta(hours=1)]).poke(context())
        is False
    )
    assert (
        external(external_task_id="a", execution_date_fn=lambda d, c: c["data_interval_end"] - dt.timedelta(hours=1)).poke(
            context()
        )
        is True
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"external_task_id": "a", "external_task_ids": ["b"]}, "Only one of `external_task_id`"),
        ({"external_task_id": "a", "external_task_group_id": "g"}, "Only one of `external_task_group_id`"),
        ({"execution_delta": dt.timedelta(1), "execution_date_fn": print}, "Only one of `execution_delta`"),
        ({"external_task_ids": ["a", "a"]}, "Duplicate task_ids"),
        ({"allowed_states": ["skipped"]}, "skipped are no states of runs"),
        ({"external_task_id": "a", "failed_states": ["broken"]}, "broken are no states of tasks"),
        ({"external_task_id": "a", "failed_states": ["success"]}, "Duplicate values"),
    ],
)
def test_external_bad_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, AirflowException), match=message):
        external(**options)
