"""The context: what it holds, what it costs, and the options a DAG has for its templates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jinja2
import pendulum
import pytest
from memory import MemoryRuntime

from airflow._runtime import set_runtime
from airflow.exceptions import ParamValidationError
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param
from airflow.sdk.definitions.context import KNOWN_CONTEXT_KEYS
from tradewind import context
from tradewind.lazy import Lazy, unwrap
from tradewind.taskinstance import TaskInstance

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
PREVIOUS = {
    "dag_id": "d",
    "run_id": "scheduled__1",
    "state": "success",
    "logical_date": "2024-03-09T00:00:00Z",
    "data_interval_start": "2024-03-09T00:00:00Z",
    "data_interval_end": "2024-03-10T00:00:00Z",
    "start_date": "2024-03-10T00:00:07Z",
    "end_date": "2024-03-10T00:01:00.25Z",
}


@pytest.fixture
def runtime() -> Iterator[MemoryRuntime]:
    made = MemoryRuntime()
    set_runtime(made)
    yield made
    set_runtime(None)


def instance(runtime: MemoryRuntime, dag: DAG | None = None, **run: Any) -> TaskInstance:
    dag = dag or DAG("d", schedule="@daily", start_date=START, tags=["t"])
    task = dag.get_task("t") if dag.has_task("t") else BashOperator(task_id="t", bash_command="x", dag=dag)
    frame = {
        "run_type": "scheduled",
        "logical_date": "2024-03-10T00:00:00Z",
        "data_interval_start": "2024-03-10T00:00:00Z",
        "data_interval_end": "2024-03-11T00:00:00Z",
        **run,
    }
    start = {"dag_id": "d", "run_id": "r", "task_id": "t", "map_index": -1, "try_number": 1, "max_tries": 1, "dag_run": frame}
    return TaskInstance(start, task, runtime)


def test_every_known_name_but_those_of_callbacks(runtime: MemoryRuntime) -> None:
    made = context.build(instance(runtime))
    only_sometimes = {"exception", "reason", "start_date", "templates_dict", "try_number"}
    assert KNOWN_CONTEXT_KEYS - set(made) == only_sometimes
    assert runtime.calls == [], "building the context asks nothing"


def test_previous_success_is_asked_once(runtime: MemoryRuntime) -> None:
    runtime.answers["dag_run.previous"] = {"found": True, "dag_run": PREVIOUS}
    made = context.build(instance(runtime))
    assert made["prev_start_date_success"] == pendulum.datetime(2024, 3, 10, 0, 0, 7)
    assert made["prev_end_date_success"].microsecond == 250_000
    assert made["prev_data_interval_start_success"] == pendulum.datetime(2024, 3, 9)
    assert made["prev_execution_date_success"] == pendulum.datetime(2024, 3, 9)
    assert runtime.calls == [("dag_run.previous", {"state": "success"})]


def test_no_previous_success_is_none(runtime: MemoryRuntime) -> None:
    made = context.build(instance(runtime))
    assert made["prev_start_date_success"] is None
    assert made.get("prev_end_date_success") is None
    assert made.get("no_such_name", 5) == 5


def test_neighbours_of_a_scheduled_interval(runtime: MemoryRuntime) -> None:
    made = context.build(instance(runtime))
    assert (made["prev_ds"], made["next_ds"], made["next_ds_nodash"]) == ("2024-03-09", "2024-03-11", "20240311")
    assert made["prev_execution_date"] == pendulum.datetime(2024, 3, 9)
    assert runtime.calls == []


def test_neighbours_across_a_change_of_the_clocks(runtime: MemoryRuntime) -> None:
    zone = pendulum.timezone("America/New_York")
    dag = DAG("d", schedule="@daily", start_date=datetime(2024, 1, 1, tzinfo=zone))
    day = {
        "logical_date": "2024-03-11T04:00:00Z",
        "data_interval_start": "2024-03-11T04:00:00Z",
        "data_interval_end": "2024-03-12T04:00:00Z",
    }
    made = context.build(instance(runtime, dag, **day))
    assert made["prev_execution_date"].isoformat() == "2024-03-10T05:00:00+00:00", "midnight there, before the change"


def test_neighbours_of_a_trigger_timetable_come_from_the_scheduler(runtime: MemoryRuntime) -> None:
    runtime.answers["dag.schedule"] = {"is_paused": False, "next": {"logical_date": "2024-03-17T00:00:00Z"}, "latest_run": None}
    runtime.answers["dag_run.previous"] = {"found": True, "dag_run": PREVIOUS}
    made = context.build(instance(runtime, data_interval_end="2024-03-10T00:00:00Z"))
    assert made["next_ds"] == "2024-03-17"
    assert made["prev_ds"] == "2024-03-09"


def test_names_of_dates_are_absent_without_a_date(runtime: MemoryRuntime) -> None:
    made = context.build(instance(runtime, logical_date=None, data_interval_start=None, data_interval_end=None))
    for name in (
        "logical_date",
        "ds",
        "ts",
        "data_interval_start",
        "execution_date",
        "next_ds",
        "prev_data_interval_start_success",
    ):
        assert name not in made
        with pytest.raises(KeyError):
            made[name]
    assert made["task_instance_key_str"] == "d__t__r"


def test_dag_of_the_old_kind_always_has_a_date(runtime: MemoryRuntime) -> None:
    dag = DAG("d", schedule_interval="@daily", start_date=START)
    no_date = {"logical_date": None, "data_interval_start": None, "data_interval_end": None, "run_type": "manual"}
    made = context.build(instance(runtime, dag, run_after="2024-03-10T07:30:00Z", **no_date))
    assert (made["ds"], made["next_ds"]) == ("2024-03-10", "2024-03-10")
    assert made["data_interval_end"] == made["execution_date"] == pendulum.datetime(2024, 3, 10, 7, 30)


def test_copies_keep_what_is_not_asked_for(runtime: MemoryRuntime) -> None:
    made = context.build(instance(runtime))
    passed = {**made}
    assert runtime.calls == []
    assert str(passed["next_ds"]) == "2024-03-11"
    assert isinstance(passed["next_execution_date"], datetime)
    assert passed["next_execution_date"] - timedelta(days=1) == made["logical_date"]
    again = made.copy()
    assert type(again) is type(made)
    assert runtime.calls == []


def test_lazy_value_behaves_like_its_value() -> None:
    calls: list[int] = []

    def make() -> datetime:
        calls.append(1)
        return START

    lazy = Lazy(make)
    assert calls == []
    assert lazy == START
    assert lazy >= START
    assert lazy < START + timedelta(1)
    assert hash(lazy) == hash(START)
    assert f"{lazy:%Y}" == "2024"
    assert lazy.year == 2024
    assert repr(lazy) == repr(START)
    assert lazy + timedelta(0) == START
    assert (START + timedelta(2)) - lazy == timedelta(2)
    assert unwrap(lazy) is START
    assert calls == [1]
    assert not Lazy(lambda: None)
    assert list(Lazy(lambda: [1, 2])) == [1, 2]
    assert Lazy(lambda: {"a": 1})["a"] == 1
    assert len(Lazy(lambda: "abc")) == 3


def test_params_of_dag_task_and_conf_in_this_order(runtime: MemoryRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    dag = DAG("d", schedule=None, start_date=START, params={"a": 1, "b": 2, "n": Param(4, type="integer", minimum=0)})
    BashOperator(task_id="t", bash_command="x", params={"b": 3}, dag=dag)
    assert context.build(instance(runtime, dag, conf={"n": 5, "more": "x"}))["params"] == {"a": 1, "b": 3, "n": 5, "more": "x"}
    with pytest.raises(ParamValidationError, match="Invalid input for param n"):
        context.build(instance(runtime, dag, conf={"n": -1}))
    assert dag.params["n"] == 4, "a run changes nothing for the next one"
    monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
    assert context.build(instance(runtime, dag, conf={"n": 5}))["params"]["n"] == 4


def render(template: Any, runtime: MemoryRuntime, **options: Any) -> Any:
    dag = DAG("d", schedule=None, start_date=START, **options)
    ti = instance(runtime, dag)
    return ti.task.render_template(template, context.build(ti), ti.task.get_template_env())


def test_own_macros_and_filters(runtime: MemoryRuntime) -> None:
    options = {"user_defined_macros": {"twice": lambda n: n * 2}, "user_defined_filters": {"loud": str.upper}}
    assert render("{{ twice(4) }} {{ 'x' | loud }} {{ ds }}", runtime, **options) == "8 X 2024-03-10"


def test_native_values(runtime: MemoryRuntime) -> None:
    assert render("{{ [1, ds] }}", runtime, render_template_as_native_obj=True) == [1, "2024-03-10"]


def test_files_of_the_search_path(runtime: MemoryRuntime, tmp_path: Path) -> None:
    (tmp_path / "command.sh").write_text("echo {{ ds }} {% include 'tail.txt' %}")
    (tmp_path / "tail.txt").write_text("end")
    assert render("command.sh", runtime, template_searchpath=str(tmp_path)) == "echo 2024-03-10 end"
    with pytest.raises(jinja2.TemplateNotFound):
        render("missing.sh", runtime, template_searchpath=str(tmp_path))


def test_undefined_of_the_dag(runtime: MemoryRuntime) -> None:
    assert render("[{{ nope }}]", runtime, template_undefined=jinja2.Undefined) == "[]"
    with pytest.raises(jinja2.UndefinedError):
        render("[{{ nope }}]", runtime)


def test_environment_options_of_the_dag(runtime: MemoryRuntime) -> None:
    assert render("a\n", runtime, jinja_environment_kwargs={"keep_trailing_newline": True}) == "a\n"


def test_lists_dicts_and_their_keys(runtime: MemoryRuntime) -> None:
    assert render(["{{ ds }}", {"{{ ds }}": ("{{ ds }}", 5)}], runtime) == ["2024-03-10", {"{{ ds }}": ("2024-03-10", 5)}]


def test_variables_and_connections(runtime: MemoryRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.variables = {"plain": "text", "object": json.dumps({"a": [1]})}
    monkeypatch.setenv("AIRFLOW_CONN_MY_DB", "postgres://me:secret@host:5433/base")
    assert render("{{ var.value.plain }} {{ var.json.object.a[0] }}", runtime) == "text 1"
    assert render("{{ var.value.get('nope', 'other') }} {{ var.json.get('nope', {'b': 2}).b }}", runtime) == "other 2"
    assert render("{{ conn.my_db.host }}:{{ conn.my_db.port }} {{ conn.get('nope', 'none') }}", runtime) == "host:5433 none"
    with pytest.raises(Exception, match="nope"):
        render("{{ var.value.nope }}", runtime)
    with pytest.raises(Exception, match="nope"):
        render("{{ conn.nope.host }}", runtime)


def test_questions_about_other_runs(runtime: MemoryRuntime) -> None:
    ti = instance(runtime)
    runtime.answers["ti.previous"] = {
        "found": True,
        "ti": {"state": "success", "start_date": "2024-03-10T00:00:07Z", "map_index": -1},
    }
    runtime.answers["ti.states"] = {"states": {"r": {"t": "running", "other": "success"}}}
    runtime.answers["ti.count"] = {"count": 2}
    runtime.answers["dag_run.get"] = {"found": True, "dag_run": {**PREVIOUS, "state": "failed"}}
    previous = ti.get_previous_ti(state="success")
    assert previous is not None
    assert previous.start_date == pendulum.datetime(2024, 3, 10, 0, 0, 7)
    assert ti.get_task_states("d", run_ids=["r"]) == {"r": {"t": "running", "other": "success"}}
    assert ti.get_ti_count("d", states=["success"]) == 2
    assert ti.get_dagrun_state("d", "r") == "failed"
    assert [other.state for other in ti.get_dagrun().get_task_instances(state="success")] == ["success"]
