"""A DAG for each kind of schedule, and one with every kind of task."""

import datetime as dt

import pendulum
from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    Label,
    MultipleCronTriggerTimetable,
    Param,
    TaskGroup,
    task,
    task_group,
)
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensor
from airflow.timetables.interval import DeltaDataIntervalTimetable
from dateutil.relativedelta import FR, relativedelta

START = pendulum.datetime(2024, 1, 1, tz="Asia/Seoul")

SCHEDULES = {
    "none": None,
    "once": "@once",
    "preset": "@daily",
    "cron": "*/5 8-18 * * mon-fri",
    "six_fields": "0 0 * * * 30",
    "last_friday": "0 0 * * L5",
    "delta": dt.timedelta(hours=6),
    "relative": relativedelta(months=1, day=3),
    "relative_weekday": relativedelta(weekday=FR(1), days=1),
    "cron_trigger": CronTriggerTimetable("0 2 * * *", timezone="Europe/Berlin", interval=dt.timedelta(days=1), run_immediately=True),
    "cron_interval": CronDataIntervalTimetable("0 2 * * *", "America/New_York"),
    "delta_trigger": DeltaTriggerTimetable(dt.timedelta(days=1), interval=relativedelta(days=2)),
    "delta_interval": DeltaDataIntervalTimetable(dt.timedelta(minutes=90)),
    "several_crons": MultipleCronTriggerTimetable("0 6 * * *", "30 18 * * fri", timezone="UTC", run_immediately=dt.timedelta(minutes=5)),
    "events": EventsTimetable([START, START.add(days=40)], restrict_to_events=True, description="two days"),
    "assets": Asset("s3://bucket/one") & (Asset("two") | Asset(name="three", uri="x-thing://three")),
    "asset_or_time": AssetOrTimeSchedule(timetable=CronTriggerTimetable("@weekly", timezone="UTC"), assets=[Asset("two")]),
}

for name, schedule in SCHEDULES.items():
    with DAG(f"schedule_{name}", schedule=schedule, start_date=START, catchup=False):
        EmptyOperator(task_id="only")

with DAG("schedule_continuous", schedule="@continuous", start_date=START, max_active_runs=1, catchup=False):
    EmptyOperator(task_id="only")


def tell(context):
    print(context["ti"])


with DAG(
    "everything",
    schedule="@hourly",
    start_date=START,
    end_date=pendulum.datetime(2030, 1, 1, tz="UTC"),
    catchup=True,
    description="Each kind of task",
    doc_md="# Everything",
    tags={"b", "a"},
    params={"n": Param(3, type="integer", minimum=1), "free": None, "text": "x"},
    default_args={"owner": "someone", "retries": 1, "retry_delay": dt.timedelta(seconds=30), "email": "a@example.com"},
    dagrun_timeout=dt.timedelta(hours=2),
    max_active_tasks=5,
    max_active_runs=2,
    max_consecutive_failed_dag_runs=3,
    owner_links={"someone": "https://example.com"},
    on_failure_callback=tell,
    is_paused_upon_creation=True,
):
    create = EmptyOperator(task_id="create").as_setup()
    remove = EmptyOperator(task_id="remove").as_teardown(setups=create, on_failure_fail_dagrun=True)

    @task(multiple_outputs=True, pool="p", pool_slots=2, priority_weight=5, weight_rule="upstream")
    def numbers(n: int = 3) -> dict:
        return {"values": list(range(n))}

    @task
    def items():
        return [1, 2, 3]

    @task(max_active_tis_per_dag=2, max_active_tis_per_dagrun=1, map_index_template="{{ x }}")
    def square(x, y=1):
        return x * y

    @task(trigger_rule="all_done", on_success_callback=tell, on_retry_callback=[tell, tell])
    def collect(xs):
        return sum(xs)

    @task.branch
    def choose():
        return "tail.left"

    @task.short_circuit(ignore_downstream_trigger_rules=False)
    def check():
        return True

    @task.sensor(poke_interval=5, timeout=60, mode="reschedule")
    def ready():
        return True

    @task_group(group_id="many")
    def many(value):
        @task
        def inside(value):
            return value

        @task(trigger_rule="one_success")
        def after(value):
            return value

        return after(inside(value))

    source = items()
    squares = square.expand(x=source, y=[1, 2])
    pairs = square.override(task_id="pairs").expand_kwargs(source.zip(items(), fillvalue=0).map(lambda p: {"x": p[0], "y": p[1]}))
    both = square.override(task_id="both").expand(x=source.concat(items()))
    bash = BashOperator.partial(task_id="bash", env={"A": "{{ ds }}"}, execution_timeout=dt.timedelta(minutes=1)).expand(
        bash_command=["echo 1", "echo 2"]
    )
    total = collect(squares)
    create >> numbers() >> total >> remove
    many.expand(value=source) >> Label("then") >> total

    with TaskGroup("tail", tooltip="the end", prefix_group_id=True) as tail:
        left = EmptyOperator(task_id="left", depends_on_past=True)
        right = EmptyOperator(task_id="right", wait_for_downstream=True, retry_exponential_backoff=2, max_retry_delay=600)
        with TaskGroup("inner", prefix_group_id=False, ui_color="red"):
            last = BashOperator(task_id="last", bash_command="echo {{ params.n }}", trigger_rule="none_failed_min_one_success")
        [left, right] >> last
    decide = choose()
    total >> decide >> [left, right]
    check() >> LatestOnlyOperator(task_id="latest") >> DateTimeSensor(task_id="wait", target_time="{{ logical_date }}")
    ready() >> TriggerDagRunOperator(task_id="start", trigger_dag_id="schedule_none", conf={"n": 1}) >> tail
