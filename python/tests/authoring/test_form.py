"""The JSON form of DAGs, key by key, as docs/reference/dag-form.md describes it."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from pathlib import Path
from typing import Any

import pendulum
import pytest
from dateutil.relativedelta import FR, relativedelta

from airflow.configuration import conf
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.sensors.python import PythonSensor
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
from airflow.sdk.definitions._internal.contextmanager import DagContext
from airflow.timetables.base import Timetable
from tradewind.form import dag_form

TESTS = Path(__file__).parents[1]
START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)


def load(path: Path) -> dict[str, dict[str, Any]]:
    """The forms of the DAGs in a file, by id; each goes through JSON text."""
    spec = importlib.util.spec_from_file_location(f"dag_file_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dags = {dag.dag_id: dag for dag in [*vars(module).values(), *DagContext.autoregistered_dags] if isinstance(dag, DAG)}
    return {dag_id: json.loads(json.dumps(dag_form(dag, str(path.parent)))) for dag_id, dag in dags.items()}


def tasks(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["task_id"]: entry for entry in form["tasks"]}


def make(**kwargs: Any) -> DAG:
    return DAG("d", **{"schedule": None, "start_date": START, **kwargs})


def form_of(dag: DAG) -> dict[str, Any]:
    return json.loads(json.dumps(dag_form(dag, "/nowhere")))  # type: ignore[no-any-return]


def one(**kwargs: Any) -> dict[str, Any]:
    with make() as dag:
        EmptyOperator(task_id="t", **kwargs)
    return form_of(dag)["tasks"][0]  # type: ignore[no-any-return]


# Files


def test_old_style_file_keeps_its_zone_and_the_meaning_of_its_schedule() -> None:
    form = load(TESTS / "dags" / "report_mail.py")["report_mail"]
    assert form["timezone"] == "Asia/Seoul"
    assert form["timetable"]["type"] == "cron_data_interval"
    assert form["timetable"]["cron"] == "0 2 * * *"
    assert form["timetable"]["timezone"] == "Asia/Seoul"
    assert form["start_date"] == "2022-06-06T15:00:00Z"
    assert form["catchup"] is False
    assert form["legacy_schedule"] is True
    assert form["tags"] == ["report", "메일"]
    assert form["relative_fileloc"] == "report_mail.py"
    extract = tasks(form)["extract"]
    assert extract["email"] == ["first@example.com", "second@example.com"]
    assert extract["email_on_success"] is True
    assert extract["retries"] == 1
    assert extract["retry_delay"] == 2
    assert extract["owner"] == "report"
    assert extract["downstream"] == ["collect"]
    assert extract["templates"]["bash_command"].startswith("echo day={{ ds }}")
    assert [warning["line"] for warning in form["warnings"]][:2] == [6, 7]


def test_at_most_one_schedule() -> None:
    assert make(schedule=None, schedule_interval=None).schedule is None
    assert make(schedule=None, schedule_interval="@daily").legacy_schedule is True
    with pytest.raises(ValueError, match="at most one of schedule, schedule_interval and timetable"):
        make(schedule="@daily", schedule_interval="@hourly")


def test_schedule_interval_means_catchup() -> None:
    form = load(TESTS / "dags" / "catchup_backlog.py")["catchup_backlog"]
    assert form["catchup"] is True
    assert form["max_active_runs"] == 3
    assert form["timetable"]["type"] == "cron_data_interval"


def test_two_dags_in_one_file() -> None:
    forms = load(TESTS / "dags" / "depends_on_past.py")
    assert tasks(forms["past_waits"])["middle"]["depends_on_past"] is True
    assert "depends_on_past" not in tasks(forms["past_ignored"])["middle"]
    # In 2.x the first run did not wait for one that never was.
    assert tasks(forms["past_waits"])["first"]["ignore_first_depends_on_past"] is True


def test_taskflow_file() -> None:
    form = load(TESTS / "dags" / "taskflow_etl.py")["taskflow_etl"]
    found = tasks(form)
    assert found["square"]["mapped"] == {"length": {"task": "parts"}}
    assert found["square"]["task_type"] == "_PythonDecoratedOperator"
    assert found["square"]["operator_name"] == "@task"
    assert found["parts"]["mapped_over_by"] is True
    assert "mapped_over_by" not in found["square"]
    assert found["choose"]["downstream"] == ["report.big", "report.small"]
    assert found["report.big"]["group"] == "report"
    assert found["report.big"]["label"] == "big"
    assert found["done"]["trigger_rule"] == "none_failed_min_one_success"
    assert form["groups"] == [{"group_id": "report", "children": ["report.big", "report.small"]}]
    assert form["params"]["n"] == {
        "value": 4,
        "has_value": True,
        "position": 0,
        "description": "how many parts",
        "schema": {"type": "integer", "minimum": 0, "maximum": 50},
    }


def test_benchmark_files() -> None:
    forms = load(TESTS / "dags" / "bench.py")
    assert {dag_id: len(form["tasks"]) for dag_id, form in forms.items()} == {
        "chain3": 3,
        "bench_40": 40,
        "bench_10": 10,
        "fan_100": 100,
    }
    assert tasks(forms["chain3"])["task_00"]["downstream"] == ["task_01"]
    chaos = load(TESTS / "dags" / "chaos.py")["chaos"]
    assert len(chaos["tasks"]) == 60
    assert chaos["max_active_tasks"] == 256
    assert tasks(chaos)["t0_0"]["retry_delay"] == 1


LIVE = json.loads((TESTS / "vectors" / "live_sources.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", LIVE["cases"], ids=lambda case: case["case"])
def test_files_that_ran_elsewhere_load(case: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "dag_file.py"
    file.write_text(f"{LIVE['prelude']}\n\n{case['source']}", encoding="utf-8")
    forms = load(file)
    assert forms
    for form in forms.values():
        ids = set(tasks(form))
        assert all(set(entry["downstream"]) <= ids for entry in form["tasks"])


def test_loading_twice_gives_the_same_text(tmp_path: Path) -> None:
    file = tmp_path / "stable.py"
    file.write_text(
        "import datetime as dt\nfrom airflow.sdk import DAG, task\n"
        "class Thing: ...\n"
        "with DAG('stable', schedule=None, default_args={'on_failure_callback': lambda c: None, 'x': Thing()}, tags={'b', 'a', 'c'}):\n"
        "    @task\n    def f(a, b): ...\n    f(Thing(), {'x', 'y', 'z'})\n",
        encoding="utf-8",
    )
    first = json.dumps(load(file), sort_keys=True)
    DagContext.clear()
    assert json.dumps(load(file), sort_keys=True) == first
    assert "0x" not in first


# Timetables


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (None, {"type": "null"}),
        ("@once", {"type": "once"}),
        ("@daily", {"type": "cron_trigger", "cron": "0 0 * * *", "timezone": "UTC", "interval": 0, "run_immediately": False}),
        (" @Midnight ", {"type": "cron_trigger", "cron": "0 0 * * *"}),
        (" 5 4 * * mon-fri ", {"type": "cron_trigger", "cron": "5 4 * * mon-fri"}),
        (dt.timedelta(hours=1.5), {"type": "delta_trigger", "delta": 5400, "interval": 0}),
        (relativedelta(months=1, day=3), {"type": "delta_trigger", "delta": {"months": 1, "day": 3}, "interval": 0}),
        (relativedelta(weeks=2, weekday=FR(-1)), {"type": "delta_trigger", "delta": {"days": 14, "weekday": [4, -1]}, "interval": 0}),
        (DeltaTriggerTimetable(dt.timedelta(1), interval=dt.timedelta(2)), {"type": "delta_trigger", "delta": 86400, "interval": 172800}),
        (
            CronTriggerTimetable("1 2 * * *", timezone="Asia/Seoul", interval=dt.timedelta(hours=1), run_immediately=dt.timedelta(minutes=5)),
            {"type": "cron_trigger", "cron": "1 2 * * *", "timezone": "Asia/Seoul", "interval": 3600, "run_immediately": 300},
        ),
        (CronDataIntervalTimetable("@weekly", "Europe/Berlin"), {"type": "cron_data_interval", "cron": "0 0 * * 0", "timezone": "Europe/Berlin"}),
        (
            MultipleCronTriggerTimetable("1 * * * *", "@daily", timezone="UTC"),
            {"type": "multiple_cron_trigger", "crons": ["1 * * * *", "0 0 * * *"], "timezone": "UTC", "interval": 0, "run_immediately": False},
        ),
        (
            EventsTimetable([pendulum.datetime(2024, 5, 1, tz="Asia/Seoul"), START], restrict_to_events=True),
            {"type": "events", "events": ["2024-01-01T00:00:00Z", "2024-04-30T15:00:00Z"], "restrict_to_events": True},
        ),
        ([Asset("a"), Asset("b")], {"type": "asset", "condition": {"all": [{"asset": {"uri": "a", "name": "a", "group": "asset"}}, {"asset": {"uri": "b", "name": "b", "group": "asset"}}]}}),
        (
            AssetOrTimeSchedule(timetable=CronTriggerTimetable("@daily", timezone="UTC"), assets=Asset("a") | Asset("b")),
            {"type": "cron_trigger", "cron": "0 0 * * *"},
        ),
    ],
)  # fmt: skip
def test_timetable(schedule: Any, expected: dict[str, Any]) -> None:
    found = form_of(make(schedule=schedule))["timetable"]
    assert {key: found[key] for key in expected} == expected
    assert found["summary"]


def test_settings_bring_data_intervals_back() -> None:
    conf.install({"scheduler.create_cron_data_intervals": "True", "scheduler.catchup_by_default": "True"})
    form = form_of(make(schedule="@daily"))
    assert form["timetable"]["type"] == "cron_data_interval"
    assert form["catchup"] is True
    assert form_of(make(schedule=dt.timedelta(1)))["timetable"]["type"] == "delta_data_interval"


class Moonlight(Timetable):
    def serialize(self) -> dict[str, Any]:
        return {"phase": 3}


class ByHand(Moonlight):
    can_be_scheduled = False
    periodic = False
    active_runs_limit = 2


def test_custom_timetable_is_named() -> None:
    form = form_of(make(schedule=Moonlight()))
    assert form["timetable"]["type"] == "custom"
    assert form["timetable"]["classpath"] == f"{__name__}.Moonlight"
    assert form["timetable"]["data"] == {"phase": 3}
    assert "warnings" not in form
    by_hand = form_of(make(schedule=ByHand(), max_active_runs=2))["timetable"]
    assert (by_hand["can_be_scheduled"], by_hand["periodic"], by_hand["active_runs_limit"]) == (False, False, 2)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        (pendulum.timezone("America/New_York"), "America/New_York"),
        (dt.timezone(dt.timedelta(hours=5, minutes=30)), "+05:30"),
        (dt.timezone(-dt.timedelta(hours=3)), "-03:00"),
        (dt.timezone.utc, "UTC"),
    ],
)
def test_zone(zone: dt.tzinfo, name: str) -> None:
    assert form_of(make(start_date=dt.datetime(2024, 1, 1, tzinfo=zone)))["timezone"] == name


def test_naive_start_is_in_the_default_zone() -> None:
    conf.install({"core.default_timezone": "Asia/Seoul"})
    form = form_of(make(start_date=dt.datetime(2024, 1, 1)))
    assert form["start_date"] == "2023-12-31T15:00:00Z"
    assert form["timezone"] == "Asia/Seoul"


# DAG


def test_dag_keys() -> None:
    dag = make(
        description="text",
        end_date=dt.datetime(2024, 5, 1, 1, 2, 3, 4, tzinfo=dt.timezone.utc),
        dagrun_timeout=dt.timedelta(minutes=2),
        max_active_tasks=3,
        max_active_runs=4,
        max_consecutive_failed_dag_runs=5,
        fail_fast=True,
        is_paused_upon_creation=False,
        render_template_as_native_obj=True,
        owner_links={"me": "https://example.com"},
        dag_display_name="Shown",
        doc_md="# doc",
        default_args={"retries": 2, "retry_delay": dt.timedelta(seconds=5)},
        on_success_callback=print,
    )
    form = form_of(dag)
    expected = {
        "format": 1,
        "description": "text",
        "end_date": "2024-05-01T01:02:03.000004Z",
        "dagrun_timeout": 120,
        "max_active_tasks": 3,
        "max_active_runs": 4,
        "max_consecutive_failed_dag_runs": 5,
        "fail_fast": True,
        "is_paused_upon_creation": False,
        "render_template_as_native_obj": True,
        "owner_links": {"me": "https://example.com"},
        "dag_display_name": "Shown",
        "doc_md": "# doc",
        "default_args": {"retries": 2, "retry_delay": 5},
        "has_on_success_callback": True,
        "catchup": False,
    }
    assert {key: form[key] for key in expected} == expected
    assert "has_on_failure_callback" not in form
    assert "legacy_schedule" not in form


def test_limits_come_from_the_configuration() -> None:
    conf.install({"core.max_active_tasks_per_dag": "7", "core.max_active_runs_per_dag": "8"})
    form = form_of(make())
    assert (form["max_active_tasks"], form["max_active_runs"]) == (7, 8)


def test_params_without_value_and_with_null() -> None:
    params = form_of(make(params={"z": Param(type="string"), "b": Param(None, type=["null", "string"]), "c": [1]}))["params"]
    assert params["z"] == {"value": None, "has_value": False, "position": 0, "schema": {"type": "string"}}
    assert params["b"] == {"value": None, "has_value": True, "position": 1, "schema": {"type": ["null", "string"]}}
    assert params["c"] == {"value": [1], "has_value": True, "position": 2, "schema": {}}


def test_edge_labels_and_groups() -> None:
    with make() as dag:
        first, last = EmptyOperator(task_id="first"), EmptyOperator(task_id="last")
        with TaskGroup("outer", tooltip="tip", ui_color="red", ui_fgcolor="blue", group_display_name="Outer") as outer:
            inside = EmptyOperator(task_id="inside")
            with TaskGroup("inner", prefix_group_id=False):
                EmptyOperator(task_id="deep")
        first >> Label("go") >> inside
        outer >> last
    form = form_of(dag)
    assert form["edge_labels"] == {"first": {"outer.inside": "go"}}
    assert form["groups"] == [
        {
            "group_id": "outer",
            "children": ["outer.inside", "outer.inner"],
            "display_name": "Outer",
            "tooltip": "tip",
            "ui_color": "red",
            "ui_fgcolor": "blue",
        },
        {"group_id": "outer.inner", "children": ["deep"], "parent": "outer", "prefix_group_id": False},
    ]
    assert tasks(form)["deep"]["group"] == "outer.inner"
    assert tasks(form)["deep"]["downstream"] == ["last"]


def test_cycles_and_bad_schedules_are_errors() -> None:
    with make() as dag:
        first, last = EmptyOperator(task_id="first"), EmptyOperator(task_id="last")
        first >> last >> first
    with pytest.raises(Exception, match="Cycle detected in DAG: d"):
        dag_form(dag)
    with pytest.raises(Exception, match="not acceptable as a schedule"):
        dag_form(make(schedule="0 25 * * *"))


def test_unknown_weight_rule_is_an_error_of_the_file() -> None:
    with make() as dag:
        EmptyOperator(task_id="t", weight_rule="heavy")
    with pytest.raises(ValueError, match="weight_rule of task 't' must be one of absolute, downstream, upstream"):
        dag_form(dag)


def test_run_types() -> None:
    assert make(schedule="@daily", allowed_run_types=["scheduled", "manual"]).allowed_run_types == {"scheduled", "manual"}
    with pytest.raises(ValueError, match="has to contain 'scheduled'"):
        make(schedule="@daily", allowed_run_types=["manual"])
    with pytest.raises(ValueError, match="sometimes"):
        make(allowed_run_types=["sometimes"])


# Tasks


def test_defaults_are_left_out() -> None:
    assert one() == {
        "task_id": "t",
        "task_type": "EmptyOperator",
        "task_module": "airflow.providers.standard.operators.empty",
        "owner": "airflow",
        "downstream": [],
        "trigger_rule": "all_success",
        "retries": 0,
        "retry_delay": 300,
        "priority_weight": 1,
        "weight_rule": "downstream",
        "pool": "default_pool",
        "pool_slots": 1,
        "queue": "default",
        "instant": True,
        "ui_color": "#e8f7e4",
        "class_ref": {"module_path": "airflow.providers.standard.operators.empty", "class_name": "EmptyOperator"},
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"retries": "3", "retry_delay": 1.5}, {"retries": 3, "retry_delay": 1.5}),
        ({"retry_exponential_backoff": True}, {"retry_exponential_backoff": 2.0}),
        ({"retry_exponential_backoff": 3, "max_retry_delay": 60}, {"retry_exponential_backoff": 3.0, "max_retry_delay": 60}),
        ({"execution_timeout": dt.timedelta(minutes=1)}, {"execution_timeout": 60}),
        ({"wait_for_downstream": True}, {"wait_for_downstream": True, "depends_on_past": True}),
        ({"trigger_rule": "dummy"}, {"trigger_rule": "always"}),
        ({"trigger_rule": "none_failed_or_skipped"}, {"trigger_rule": "none_failed_min_one_success"}),
        ({"weight_rule": "absolute", "priority_weight": 7}, {"weight_rule": "absolute", "priority_weight": 7}),
        (
            {"pool": "p", "pool_slots": 2, "queue": "q", "executor": "e"},
            {"pool": "p", "pool_slots": 2, "queue": "q", "executor": "e"},
        ),
        ({"task_concurrency": 2}, {"max_active_tis_per_dag": 2}),
        ({"max_active_tis_per_dagrun": 3}, {"max_active_tis_per_dagrun": 3}),
        ({"email": "a@example.com, b@example.com;c@example.com"}, {"email": ["a@example.com", "b@example.com", "c@example.com"]}),
        ({"email": {"b@example.com", "a@example.com"}}, {"email": ["a@example.com", "b@example.com"]}),
        ({"email_on_retry": False, "email_on_failure": False}, {"email_on_retry": False, "email_on_failure": False}),
        ({"start_date": dt.datetime(2024, 2, 1)}, {"start_date": "2024-02-01T00:00:00Z"}),
        ({"run_as_user": "u", "map_index_template": "{{ x }}"}, {"run_as_user": "u", "map_index_template": "{{ x }}"}),
        ({"do_xcom_push": False, "multiple_outputs": True}, {"do_xcom_push": False, "multiple_outputs": True}),
        ({"doc_md": "text", "task_display_name": "Name"}, {"doc_md": "text", "task_display_name": "Name"}),
        ({"params": {"x": 1}}, {"params": {"x": {"value": 1, "has_value": True, "position": 0, "schema": {}}}}),
        ({"ignore_first_depends_on_past": True}, {"ignore_first_depends_on_past": True}),
    ],
)
def test_task_key(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = one(**given)
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    "given",
    [
        {"on_success_callback": print},
        {"on_execute_callback": [print]},
        {"outlets": [Asset("a")]},
        {"pre_execute": print},
        {"post_execute": print},
    ],
)
def test_a_task_with_consequences_is_not_instant(given: dict[str, Any]) -> None:
    found = one(**given)
    assert "instant" not in found
    assert found.get("callbacks", []) == [name for name in given if name.endswith("_callback")]


def test_setup_and_teardown() -> None:
    with make() as dag:
        before = EmptyOperator(task_id="before").as_setup()
        work = EmptyOperator(task_id="work")
        after = EmptyOperator(task_id="after").as_teardown(setups=before, on_failure_fail_dagrun=True)
        before >> work >> after
    found = tasks(form_of(dag))
    assert found["before"]["is_setup"] is True
    assert found["before"]["downstream"] == ["after", "work"]
    assert found["after"]["is_teardown"] is True
    assert found["after"]["on_failure_fail_dagrun"] is True
    assert found["after"]["trigger_rule"] == "all_done_setup_success"


def test_sensor_and_trigger() -> None:
    with make() as dag:
        PythonSensor(task_id="wait", python_callable=bool)
        TriggerDagRunOperator(task_id="start", trigger_dag_id="other", conf={"a": 1})
        TriggerDagRunOperator(task_id="templated", trigger_dag_id="{{ params.x }}")
    found = tasks(form_of(dag))
    assert found["wait"]["is_sensor"] is True
    assert found["start"]["trigger_dag_id"] == "other"
    assert found["start"]["templates"]["conf"] == {"a": 1}
    assert "trigger_dag_id" not in found["templated"]


def test_long_templates_are_cut() -> None:
    with make() as dag:
        BashOperator(task_id="t", bash_command="x" * 5000, env={"A": "{{ ds }}"})
    found = form_of(dag)["tasks"][0]
    assert len(found["templates"]["bash_command"]) == 4096
    assert found["templates"]["env"] == {"A": "{{ ds }}"}
    assert found["template_fields"] == ["bash_command", "env", "cwd"]
    assert found["template_fields_renderers"] == {"bash_command": "bash", "env": "json"}


# Mapping


def lengths(build: Any) -> dict[str, Any]:
    @task
    def source() -> list[int]:
        return [1]

    @task
    def other() -> list[int]:
        return [2]

    with make() as dag:
        build(source(), other())
    return {entry["task_id"]: entry["mapped"]["length"] for entry in form_of(dag)["tasks"] if "mapped" in entry}


@task
def use(x: Any = None, y: Any = None) -> None: ...


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda a, b: use.expand(x=[1, 2, 3]), {"literal": 3}),
        (lambda a, b: use.expand(x=[]), {"literal": 0}),
        (lambda a, b: use.expand(x={"a": 1, "b": 2}), {"literal": 2}),
        (lambda a, b: use.expand(x=a), {"task": "source"}),
        (lambda a, b: use.expand(x=a.map(str).map(len)), {"task": "source"}),
        (lambda a, b: use.expand(x=a, y=[1, 2]), {"product": [{"task": "source"}, {"literal": 2}]}),
        (lambda a, b: use.expand(x=a.zip(b)), {"zip": [{"task": "source"}, {"task": "other"}], "longest": False}),
        (lambda a, b: use.expand(x=a.zip(b, fillvalue=None)), {"zip": [{"task": "source"}, {"task": "other"}], "longest": True}),
        (lambda a, b: use.expand(x=a.concat(b).map(str)), {"concat": [{"task": "source"}, {"task": "other"}]}),
        (lambda a, b: use.expand_kwargs([{"x": 1}, {"x": 2}]), {"literal": 2}),
        (lambda a, b: use.expand_kwargs(a), {"task": "source"}),
    ],
)
def test_length(build: Any, expected: dict[str, Any]) -> None:
    assert lengths(build) == {"use": expected}


def test_classic_mapped_operator_keeps_its_settings() -> None:
    with make(default_args={"retries": 2, "owner": "me"}) as dag:
        BashOperator.partial(task_id="m", retries=4, pool="p", env={"A": "b"}, execution_timeout=dt.timedelta(1)).expand(
            bash_command=["a", "b"]
        )
    found = form_of(dag)["tasks"][0]
    assert found["mapped"] == {"length": {"literal": 2}}
    assert (found["retries"], found["owner"], found["pool"], found["execution_timeout"]) == (4, "me", "p", 86400)
    assert found["task_type"] == "BashOperator"
    assert found["templates"] == {"env": {"A": "b"}}
    assert "instant" not in found


def test_mapped_group() -> None:
    with make() as dag:
        numbers = PythonOperator(task_id="numbers", python_callable=list)

        @task_group
        def work(x: Any) -> None:
            use.override(task_id="last")(use(x))

        work.expand(x=numbers.output)
    form = form_of(dag)
    assert form["groups"] == [
        {"group_id": "work", "children": ["work.use", "work.last"], "mapped": {"length": {"task": "numbers"}}}
    ]
    found = tasks(form)
    assert found["numbers"]["mapped_over_by"] is True
    assert found["numbers"]["downstream"] == ["work.use"]
    assert found["work.use"]["downstream"] == ["work.last"]
    assert "mapped" not in found["work.use"]


def test_forms_that_the_rust_side_is_tested_with_are_up_to_date() -> None:
    import write_forms

    assert write_forms.TARGET.read_text(encoding="utf-8") == write_forms.text(), "run: python tests/authoring/write_forms.py"


def test_mail_of_dag_default_args_and_task() -> None:
    dag = DAG(
        "mails",
        schedule=None,
        email="dag@example.com",
        email_on_success=True,
        email_on_retry=False,
        default_args={"email_on_retry": True},
    )
    with dag:
        BashOperator(task_id="of_dag", bash_command="true")
        BashOperator(task_id="own", bash_command="true", email=("own@example.com",), email_on_success=False)
    found = tasks(json.loads(json.dumps(dag_form(dag))))
    assert found["of_dag"]["email"] == ["dag@example.com"]
    assert found["of_dag"]["email_on_success"] is True
    assert "email_on_retry" not in found["of_dag"], "default_args win over the DAG; true is the default"
    assert found["own"]["email"] == ["own@example.com"]
    assert "email_on_success" not in found["own"]
