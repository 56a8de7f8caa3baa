"""The fixtures for tests of DAG files, as a user's tests see them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from rust_side import PYTHON_ROOT

from tradewind.dagbag import DagBag, files

SALES = """
from datetime import datetime, timedelta
from airflow.sdk import DAG, BaseHook, Variable, task

with DAG("sales", schedule=None, start_date=datetime(2024, 1, 1), params={"factor": 2}):

    @task(retries=1)
    def extract(ds=None):
        connection = BaseHook.get_connection("shop")
        return {"day": ds, "host": connection.host, "rows": [1, 2, 3]}

    @task
    def scale(n, params=None):
        return n * params["factor"]

    @task(retries=1, retry_delay=timedelta(days=1))
    def total(values):
        if Variable.get("mood", default="good") != "good":
            raise ValueError("bad mood")
        return sum(values)

    @task.branch
    def big(n):
        return "yes" if n > 5 else "no"

    @task
    def rows(found):
        return found["rows"]

    @task
    def yes(): ...

    @task
    def no(): ...

    found = total(scale.expand(n=rows(extract())))
    big(found) >> [yes(), no()]
"""

TESTS = """
from datetime import datetime

import pytest
from airflow.exceptions import AirflowSkipException
from airflow.sdk import Variable, task
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator


@pytest.fixture
def sales(dag_bag):
    return dag_bag.get_dag("sales")


def test_files_load(dag_bag):
    assert list(dag_bag.import_errors) == [str(dag_bag.dag_folder) + "/broken.py"]
    assert dag_bag.dag_ids == ["sales"]
    assert dag_bag.size() == 1


def test_a_run(sales, run_dag, fake_connections):
    fake_connections["shop"] = "http://shop.example"
    result = run_dag(sales, logical_date=datetime(2024, 3, 1), conf={"factor": 3})
    assert result.state == "success"
    assert result.xcom("extract") == {"day": "2024-03-01", "host": "shop.example", "rows": [1, 2, 3]}
    assert result.xcom("scale") == [3, 6, 9]
    assert result.xcom("scale", map_index=1) == 6
    assert result.xcom("total") == 18
    assert result.states["scale"] == {0: "success", 1: "success", 2: "success"}
    assert (result.states["yes"], result.states["no"]) == ("success", "skipped")
    assert result.xcom("nothing") is None


def test_a_failing_run(sales, run_dag, fake_connections, fake_variables):
    fake_connections["shop"] = {"conn_type": "http", "host": "h", "extra": {"a": 1}}
    fake_variables["mood"] = "bad"
    result = run_dag(sales)
    assert result.state == "failed"
    assert result.errors == {"total": "bad mood"}
    assert result.states["yes"] == "upstream_failed"


def test_one_task(sales, run_task, fake_connections):
    fake_connections["shop"] = "http://shop.example"
    result = run_task(sales.get_task("extract"), logical_date=datetime(2024, 3, 1))
    assert (result.state, result.value["day"]) == ("success", "2024-03-01")
    assert run_task(sales.get_task("rows"), xcoms={"extract": {"rows": [7]}}).value == [7]
    assert run_task(sales.get_task("scale"), xcoms={"rows": [1, 5]}, map_index=1).value == 10
    chosen = run_task(sales.get_task("big"), xcoms={"total": 9})
    assert (chosen.value, chosen.skips) == ("yes", ["no"])


def test_a_failing_task(sales, run_task, fake_variables):
    fake_variables["mood"] = "bad"
    first = run_task(sales.get_task("total"), xcoms={"scale": [1]})
    assert first.state == "up_for_retry"
    assert isinstance(first.error, ValueError)
    assert run_task(sales.get_task("total"), try_number=2).state == "failed"


def test_a_task_without_a_dag(run_task):
    result = run_task(BashOperator(task_id="b", bash_command="echo {{ ds }}"), logical_date=datetime(2024, 3, 1))
    assert (result.state, result.value) == ("success", "2024-03-01")
    assert result.rendered["bash_command"] == "echo 2024-03-01"

    @task
    def skips():
        raise AirflowSkipException("not today")

    from airflow.sdk import DAG

    with DAG("d", schedule=None):
        lazy = skips()
    assert run_task(lazy).state == "skipped"


def test_variables_are_those_of_one_test(fake_variables):
    assert Variable.get("mood", default=None) is None
    Variable.set("mood", "good")
    assert fake_variables == {"mood": "good"}
"""


def write(folder: Path, **named: str) -> Path:
    for name, text in named.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    return folder


def test_a_users_tests(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    write(tmp_path / "dags", sales=SALES, broken="from airflow import DAG\nDAG(dag_id=1)\n")
    write(tmp_path, test_sales=TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\ndags_folder = dags\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tradewind.pytest_plugin", "-p", "no:cacheprovider", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(PYTHON_ROOT), "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


def test_what_a_folder_leaves_out(tmp_path: Path) -> None:
    text = "from airflow import DAG\n"
    (tmp_path / "old").mkdir()
    (tmp_path / "kept").mkdir()
    for path in ("a.py", "draft_b.py", "old/c.py", "kept/d.py", "kept/draft_e.py"):
        (tmp_path / path).write_text(text)
    (tmp_path / "helper.py").write_text("import os\n")
    (tmp_path / ".airflowignore").write_text("old/\ndraft_*\n# a comment\n")
    (tmp_path / "kept" / ".airflowignore").write_text("!draft_e.py\n")
    assert [os.path.relpath(path, tmp_path) for path in files(str(tmp_path))] == ["a.py", "kept/d.py", "kept/draft_e.py"]


def test_a_file_may_look_at_the_others(tmp_path: Path) -> None:
    write(tmp_path, one="from airflow import DAG\nfirst = DAG('first', schedule=None)\n")
    write(
        tmp_path,
        two="""
        from airflow import DAG
        from airflow.models import DagBag
        from airflow.operators.empty import EmptyOperator
        with DAG("second", schedule=None) as dag:
            for name in DagBag(dag_folder=__file__.rpartition("/")[0], include_examples=False).dag_ids:
                EmptyOperator(task_id=name)
        """,
    )
    bag = DagBag(tmp_path)
    assert bag.import_errors == {}
    assert bag.dags["second"].task_ids == ["first"]
    assert bag.dagbag_report().count("\n") == 1


def test_two_files_with_one_id(tmp_path: Path) -> None:
    write(tmp_path, one="from airflow import DAG\nfirst = DAG('same', schedule=None)\n")
    write(tmp_path, two="from airflow import DAG\nfirst = DAG('same', schedule=None)\n")
    bag = DagBag(tmp_path)
    assert list(bag.import_errors) == [str(tmp_path / "two.py")]
    assert "also in" in bag.import_errors[str(tmp_path / "two.py")]
