"""Whole runs in one process."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rust_side import PYTHON_ROOT

from airflow.exceptions import AirflowException, AirflowRescheduleException, AirflowSkipException
from airflow.sdk import DAG, BaseOperator, Variable, task, task_group
from tradewind.inprocess import dag_run_of, dag_test
from tradewind.localrun import LocalRun, LocalRuntime

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def run(dag: DAG, **options: Any) -> LocalRun:
    return dag_test(dag, logical_date=START, **options)


def test_values_travel_and_templates_are_rendered() -> None:
    with DAG("d", schedule=None, start_date=START, params={"n": 3}) as dag:

        @task
        def numbers(params: Any = None) -> list[int]:
            return list(range(params["n"]))

        @task
        def double(n: int) -> int:
            return n * 2

        @task
        def total(values: Any, day: str) -> Any:
            return [sum(values), day]

        total(double.expand(n=numbers()), "{{ ds }}")
    result = run(dag, run_conf={"n": 4})
    assert result.state == "success"
    assert result.states["double"] == {0: "success", 1: "success", 2: "success", 3: "success"}
    run_id = result.dag_run["run_id"]
    assert result.runtime.xcoms[run_id, "total", "return_value"] == {-1: '[12, "2024-01-01"]'}


def test_branch_and_rules() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task.branch
        def choose() -> str:
            return "right"

        @task
        def left() -> None: ...

        @task
        def right() -> None: ...

        @task(trigger_rule="none_failed_min_one_success")
        def join() -> None: ...

        @task
        def after_left() -> None: ...

        ends = [left(), right()]
        choose() >> ends >> join()
        ends[0] >> after_left()
    result = run(dag)
    assert result.state == "success"
    assert {name: states[-1] for name, states in result.states.items()} == {
        "choose": "success", "left": "skipped", "right": "success", "join": "success", "after_left": "skipped",
    }  # fmt: skip


def test_branch_inside_a_mapped_group_skips_only_its_own_index() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task_group
        def group(n: int) -> None:
            @task.branch
            def choose(n: int) -> str:
                return "group.even" if n % 2 == 0 else "group.odd"

            @task
            def even() -> None: ...

            @task
            def odd() -> None: ...

            choose(n) >> [even(), odd()]

        group.expand(n=[1, 2])
    result = run(dag)
    assert result.states["group.even"] == {0: "skipped", 1: "success"}
    assert result.states["group.odd"] == {0: "success", 1: "skipped"}


def test_retries_then_success_and_callbacks_in_order() -> None:
    calls: list[str] = []

    def note(name: str) -> Any:
        return lambda context: calls.append(f"{name} {context['ti'].try_number}")

    with DAG(
        "d", schedule=None, start_date=START, on_success_callback=lambda context: calls.append(f"dag {context['reason']}")
    ) as dag:

        @task(retries=2, retry_delay=timedelta(hours=1), on_retry_callback=note("retry"), on_success_callback=note("success"))
        def flaky(ti: Any = None) -> int:
            if ti.try_number < 3:
                raise RuntimeError("not yet")
            return 1

        flaky()
    assert run(dag).state == "success"
    assert calls == ["retry 1", "retry 2", "success 3", "dag success"]


def test_failure_spreads_and_teardown_runs() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        def create() -> None: ...

        @task
        def work() -> None:
            raise AirflowException("broken")

        @task
        def more() -> None: ...

        @task
        def remove() -> None: ...

        made = create().as_setup()
        made >> work() >> more() >> remove().as_teardown(setups=made)
    result = run(dag)
    assert result.state == "failed"
    assert {name: states[-1] for name, states in result.states.items()} == {
        "create": "success", "work": "failed", "more": "upstream_failed", "remove": "success",
    }  # fmt: skip
    assert result.errors == {("work", -1): "broken"}


def test_fail_fast_skips_what_has_not_started() -> None:
    with DAG("d", schedule=None, start_date=START, fail_fast=True) as dag:

        @task
        def broken() -> None:
            raise AirflowException("broken")

        @task
        def other() -> None: ...

        @task
        def create() -> None: ...

        @task
        def remove() -> None: ...

        made = create().as_setup()
        ended = remove().as_teardown(setups=made)
        made >> broken() >> other.override(task_id="after")() >> ended
        made >> other.override(task_id="beside")() >> ended
    result = run(dag)
    assert result.states["broken"] == {-1: "failed"}
    assert result.states["after"] == {-1: "skipped"}, "nothing else begins, so nothing waits in vain"
    assert result.states["beside"][-1] in ("success", "skipped"), "by the order in which they ran"
    assert result.states["remove"] == {-1: "success"}
    assert result.state == "success", "it comes from the leaves"


def test_nothing_to_map_over_and_a_skipped_source() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        def empty() -> list[int]:
            return []

        @task
        def skips() -> list[int]:
            raise AirflowSkipException

        @task
        def use(n: int) -> None: ...

        use.override(task_id="of_empty").expand(n=empty())
        use.override(task_id="of_skipped").expand(n=skips())
    result = run(dag)
    assert result.states["of_empty"] == result.states["of_skipped"] == {-1: "skipped"}
    assert result.state == "success"


def test_reschedule_waits_and_runs_again_without_a_new_try() -> None:
    tries: list[int] = []
    waited: list[float] = []

    class Sometimes(BaseOperator):
        def execute(self, context: Any) -> None:
            tries.append(context["ti"].try_number)
            if len(tries) < 3:
                raise AirflowRescheduleException(datetime.now(timezone.utc) + timedelta(minutes=5))

    with DAG("d", schedule=None, start_date=START) as dag:
        Sometimes(task_id="s")
    result = LocalRun(dag, dag_run_of(dag, START, {}), LocalRuntime(), sleep=waited.append)
    assert result.run() == "success"
    assert tries == [1, 1, 1]
    assert len(waited) == 2
    assert all(250 < seconds <= 300 for seconds in waited)


def test_variables_from_a_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "variables.json"
    path.write_text(json.dumps({"plain": "text", "object": {"a": 1}}))
    monkeypatch.setenv("AIRFLOW_VAR_FROM_ENV", "env")
    seen: dict[str, Any] = {}
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        def read() -> None:
            seen.update(
                plain=Variable.get("plain"), object=Variable.get("object", deserialize_json=True), env=Variable.get("from_env")
            )

        read()
    assert run(dag, variable_file_path=str(path)).state == "success"
    assert seen == {"plain": "text", "object": {"a": 1}, "env": "env"}


FILE = """
from datetime import datetime
from airflow.sdk import DAG, task
from airflow.providers.standard.operators.bash import BashOperator

with DAG("filed", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    BashOperator(task_id="shell", bash_command="echo {{ ds }} {{ var.value.name }}", env={"A": "{{ run_id }}"})

    @task
    def bad():
        raise ValueError("bad")

    bad()

if __name__ == "__main__":
    dag.cli()
"""


def command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(PYTHON_ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, *arguments], input=stdin, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_command_line(tmp_path: Path) -> None:
    path = tmp_path / "filed.py"
    path.write_text(FILE)
    module = ("-m", "tradewind.inprocess")
    common = ("--file", str(path), "--dag-id", "filed", "--logical-date", "2024-02-29T00:00:00Z", "--data-from-stdin")
    data = json.dumps({"variables": {"name": "value"}})
    rendered = command(*module, "render", *common, "--task-id", "shell", stdin=data)
    assert rendered.returncode == 0, rendered.stderr
    assert "# property: bash_command" in rendered.stdout
    assert "echo 2024-02-29 value" in rendered.stdout
    ran = command(*module, "task", *common, "--task-id", "shell", stdin=data)
    assert ran.returncode == 0, ran.stderr
    assert 'Return value: "2024-02-29 value"' in ran.stdout
    whole = command(*module, "dag", *common, stdin=data)
    assert whole.returncode == 1
    assert "bad: failed (bad)" in whole.stdout
    missing = command(*module, "task", *common, "--task-id", "nope", stdin=data)
    assert missing.returncode == 2
    assert "has no task 'nope'; it has bad, shell" in missing.stderr


def test_file_run_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "filed.py"
    path.write_text(FILE)
    ran = command(str(path), "task", "--task-id", "bad")
    assert ran.returncode == 1
    assert "Task bad of filed: failed" in ran.stdout


def test_results_within_the_items_that_are_mapped_over() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task
        def numbers() -> list[int]:
            return [1, 2]

        @task
        def use(v: Any) -> Any:
            return v

        made = numbers()
        use.expand(v=[{"k": made}, {"k": [made]}])
    result = run(dag)
    assert result.state == "success", result.errors
    values = result.runtime.xcoms[result.dag_run["run_id"], "use", "return_value"]
    assert [json.loads(values[index]) for index in (0, 1)] == [{"k": [1, 2]}, {"k": [[1, 2]]}]


def test_a_command_gives_several_outputs() -> None:
    with DAG("d", schedule=None, start_date=START) as dag:

        @task.bash(multiple_outputs=True, output_processor=json.loads)
        def describes() -> str:
            return """echo '{"folder": "x", "count": "3"}'"""

        @task.bash
        def shows() -> str:
            return "echo $COUNT in $FOLDER"

        found = describes()
        shows.override(env={"FOLDER": found["folder"], "COUNT": found["count"]}, append_env=True)()
    result = run(dag)
    assert result.state == "success", result.errors
    assert result.runtime.xcoms[result.dag_run["run_id"], "shows", "return_value"] == {-1: '"3 in x"'}
