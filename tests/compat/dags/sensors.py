"""Every sensor of the standard set, in each mode, with each way it can end."""
from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSensorTimeout, AirflowSkipException
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.providers.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.providers.standard.sensors.time import TimeSensor, TimeSensorAsync
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor, TimeDeltaSensorAsync, WaitSensor
from airflow.providers.standard.sensors.weekday import DayOfWeekSensor
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import DAG, BaseSensorOperator, PokeReturnValue, task

FOLDER = Path.home() / f"sensors-{os.getpid()}"
FOLDER.mkdir(exist_ok=True)
(FOLDER / "there").mkdir(exist_ok=True)
(FOLDER / "there" / "data.csv").write_text("x")
(FOLDER / "empty").mkdir(exist_ok=True)

NOW = dt.datetime.now(dt.timezone.utc)
PAST, FUTURE = NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=3000)
SOON = NOW + dt.timedelta(seconds=0.1)
TODAY = NOW.strftime("%A")
OTHER_DAY = (NOW + dt.timedelta(days=3)).strftime("%A")
MODES = ("poke", "reschedule")
SHORT = {"poke_interval": 0.1, "timeout": 0.25}
#: How a sensor that never finds anything ends.
ENDS = {
    "times_out": {},
    "soft": {"soft_fail": True},
    "never": {"never_fail": True},
    "silent": {"silent_fail": True},
    "backoff": {"exponential_backoff": True, "max_wait": 0.1},
    "backoff_soft": {"exponential_backoff": True, "max_wait": dt.timedelta(seconds=0.1), "soft_fail": True},
    "retried": {"retries": 2, "retry_delay": 0},
}

ERRORS = ("value", "airflow", "fail", "skip", "timeout")
FLAGS = (None, "soft_fail", "never_fail", "silent_fail")


def counted(name: str, wanted: int) -> bool:
    """Whether this was asked ``wanted`` times."""
    path = FOLDER / name
    asked = int(path.read_text()) + 1 if path.exists() else 1
    path.write_text(str(asked))
    return asked >= wanted


def raises(error: BaseException) -> None:
    raise error


class Own(BaseSensorOperator):
    """A sensor by subclassing."""

    def poke(self, context):
        return PokeReturnValue(counted(f"{self.task_id}", 3), xcom_value="found")


class Resumed(BaseSensorOperator):
    """A sensor that fails after its deferral."""

    def __init__(self, *, error: str, **kwargs):
        super().__init__(**kwargs)
        self.error = error

    def execute(self, context):
        self.defer(trigger=TimeDeltaTrigger(dt.timedelta(0)), method_name="resume")

    def resume(self, context, event=None):
        failing(self.error)()


def failing(error: str):
    kinds = {"value": ValueError, "airflow": AirflowException, "fail": AirflowFailException, "skip": AirflowSkipException,
             "timeout": AirflowSensorTimeout}
    return lambda: raises(kinds[error]("on purpose"))


with DAG("sensors_of_modes", schedule=None, start_date=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)):
    for mode in MODES:
        here = {"mode": mode, **SHORT}
        found = {
            "python": (PythonSensor, {"python_callable": lambda: True}, {"python_callable": lambda: False}),
            "bash": (BashSensor, {"bash_command": "exit 0"}, {"bash_command": "exit 1"}),
            "bash_code": (BashSensor, {"bash_command": "exit 0", "retry_exit_code": 4}, {"bash_command": "exit 4", "retry_exit_code": 4}),
            "file": (FileSensor, {"filepath": f"{FOLDER}/there/data.csv"}, {"filepath": f"{FOLDER}/nothing"}),
            "folder": (FileSensor, {"filepath": f"{FOLDER}/there"}, {"filepath": f"{FOLDER}/empty"}),
            "glob": (FileSensor, {"filepath": f"{FOLDER}/**/*.csv", "recursive": True}, {"filepath": f"{FOLDER}/*.csv"}),
            "date": (DateTimeSensor, {"target_time": PAST}, {"target_time": FUTURE.isoformat()}),
            "date_template": (
                DateTimeSensor,
                {"target_time": "{{ macros.datetime(2020, 1, 1).isoformat() }}+00:00"},
                {"target_time": "{{ macros.datetime(2090, 1, 1).isoformat() }}+00:00"},
            ),
            "delta": (TimeDeltaSensor, {"delta": dt.timedelta(days=-1)}, {"delta": dt.timedelta(days=3000)}),
            "delta_minutes": (TimeDeltaSensor, {"delta": -5}, {"delta": 500_000}),
            "weekday": (DayOfWeekSensor, {"week_day": TODAY}, {"week_day": OTHER_DAY}),
            "weekdays": (DayOfWeekSensor, {"week_day": {TODAY, OTHER_DAY}}, {"week_day": [OTHER_DAY]}),
            "time": (TimeSensor, {"target_time": dt.time(0, 0, 0)}, {"target_time": dt.time(23, 59, 59, 999999)}),
        }
        for name, (kind, met, unmet) in found.items():
            kind(task_id=f"{name}__{mode}__met", **met, **here)
            for end in ENDS if name == "python" else ("times_out", "soft"):
                kind(task_id=f"{name}__{mode}__{end}", **unmet, **here, **ENDS[end])
        PythonSensor(
            task_id=f"later__{mode}", python_callable=counted, op_args=[f"later__{mode}", 3], mode=mode, poke_interval=0.1, timeout=20
        )
        Own(task_id=f"own__{mode}", mode=mode, poke_interval=0.1, timeout=20)
        for error in ERRORS:
            for flag in FLAGS:
                options = {flag: True} if flag else {}
                PythonSensor(task_id=f"{error}__{mode}__{flag}", python_callable=failing(error), **here, **options)
        PythonSensor.partial(task_id=f"mapped__{mode}", python_callable=lambda found: found, **here, soft_fail=True).expand(
            op_args=[[True], [False], [1]]
        )
        FileSensor.partial(task_id=f"mapped_file__{mode}", **here).expand_kwargs(
            [{"filepath": f"{FOLDER}/there"}, {"filepath": f"{FOLDER}/nothing", "soft_fail": True}, {"filepath": f"{FOLDER}/nothing"}]
        )
        TimeDeltaSensor(task_id=f"delta_template__{mode}", delta="{{ -5 }}", **here)
        BashSensor(task_id=f"bash_wrong_code__{mode}", bash_command="exit 5", retry_exit_code=4, **here)
        BashSensor(task_id=f"bash_wrong_code_soft__{mode}", bash_command="exit 5", retry_exit_code=4, soft_fail=True, **here)
        BashSensor(task_id=f"bash_env__{mode}", bash_command="test $WORD = said", env={"WORD": "{{ 'said' }}"}, **here)

        @task.sensor(task_id=f"decorated__{mode}", mode=mode, poke_interval=0.1, timeout=20)
        def decorated(name: str) -> PokeReturnValue:
            return PokeReturnValue(counted(f"{name}-decorated", 2), [1, 2])

        @task(task_id=f"uses_decorated__{mode}")
        def uses(value: list[int]) -> None:
            assert value == [1, 2]

        uses(decorated(mode))

with DAG("sensors_that_defer", schedule=None, start_date=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)):
    TimeSensor(task_id="time__defer", target_time=dt.time(0, 0), deferrable=True)
    TimeSensor(task_id="time__defer_end", target_time=dt.time(0, 0), deferrable=True, end_from_trigger=True)
    TimeSensorAsync(task_id="time_async", target_time=dt.time(0, 0))
    DateTimeSensorAsync(task_id="date_async", target_time=SOON)
    DateTimeSensorAsync(task_id="date_async_end", target_time=SOON.isoformat(), end_from_trigger=True)
    TimeDeltaSensor(task_id="delta__defer", delta=dt.timedelta(seconds=-1), deferrable=True)
    TimeDeltaSensorAsync(task_id="delta_async", delta=dt.timedelta(seconds=-1))
    TimeDeltaSensorAsync(task_id="delta_async_end", delta=dt.timedelta(seconds=-1), end_from_trigger=True)
    TimeDeltaSensor(task_id="delta_template__defer", delta="{{ -5 }}", deferrable=True)
    # Not deferrable: dag.test() of Airflow 3.3.2 cannot end a task from its trigger, a triggerer can.
    WaitSensor(task_id="wait", time_to_wait=dt.timedelta(seconds=0.1))
    WaitSensor(task_id="wait_template", time_to_wait="{{ 0 }}")
    FileSensor(task_id="file__defer", filepath=f"{FOLDER}/there/data.csv", deferrable=True, poke_interval=0.1)
    FileSensor(task_id="folder__defer", filepath=f"{FOLDER}/there", deferrable=True, poke_interval=0.1)
    for error in ERRORS:
        for flag in FLAGS:
            options = {flag: True} if flag else {}
            Resumed(task_id=f"resumed__{error}__{flag}", error=error, **options)
