"""What an installation has beside its DAG files: plugins, policies, listeners, folders to import from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver

PLUGIN = """
from airflow.plugins_manager import AirflowPlugin
from airflow.models import BaseOperator
from airflow.utils.decorators import apply_defaults
from airflow.listeners import hookimpl
from airflow.task.priority_strategy import PriorityWeightStrategy

class BookOperator(BaseOperator):
    template_fields = ("title",)

    @apply_defaults
    def __init__(self, title, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = title

    def execute(self, context):
        return self.title

def shout(text):
    return text.upper()

class Heavy(PriorityWeightStrategy):
    def get_weight(self, ti):
        return 100 + len(ti.task_id)

class Ears:
    @hookimpl
    def on_task_instance_running(self, previous_state, task_instance):
        print("heard running", task_instance.task_id, previous_state.value)

    @hookimpl
    def on_task_instance_success(self, task_instance):
        print("heard success", task_instance.task_id)

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        print("heard failed", task_instance.task_id, error)

    @hookimpl
    def on_dag_run_success(self, dag_run, msg):
        pass

class Library(AirflowPlugin):
    name = "library"
    operators = [BookOperator]
    macros = [shout]
    listeners = [Ears()]
    priority_weight_strategies = [Heavy]
    flask_blueprints = [object()]
"""
SETTINGS = """
from airflow.exceptions import AirflowClusterPolicySkipDag, AirflowClusterPolicyViolation

def dag_policy(dag):
    if dag.dag_id == "unwanted":
        raise AirflowClusterPolicySkipDag("nobody wants it")
    dag.tags.add("seen")

def task_policy(task):
    if task.owner == "airflow" and task.dag_id == "owned":
        raise AirflowClusterPolicyViolation(f"task {task.task_id} needs an owner")
    task.retries = max(task.retries, 2)

def task_instance_mutation_hook(ti):
    if ti.operator == "BookOperator":
        ti.queue = "books"

def get_airflow_context_vars(context):
    return {"place": context["ti"].task_id}
"""
DAG_FILE = """
import os
from datetime import datetime
from airflow import DAG
from airflow.operators import BookOperator
from airflow.operators.library import BookOperator as Same
from airflow.operators.python import PythonOperator
from shelf import Heavy
from {parent}.helper import VALUE

assert Same is BookOperator

def look():
    print("place is", os.environ["AIRFLOW_CTX_PLACE"])

def fail():
    raise RuntimeError("torn page")

with DAG("books", start_date=datetime(2024, 1, 1), schedule=None) as dag:
    BookOperator(task_id="read", title="{{{{ macros.library.shout('dune') }}}}", weight_rule=Heavy())
    PythonOperator(task_id="look", python_callable=look, weight_rule="shelf.Heavy")
    PythonOperator(task_id="fail", python_callable=fail)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name in ("plugins", "config", "dags"):
        (folder / name).mkdir()
    (folder / "plugins" / "shelf.py").write_text(PLUGIN)
    (folder / "plugins" / "torn.py").write_text("from airflow.plugins_manager import AirflowPlugin\nraise ValueError('torn')\n")
    (folder / "config" / "airflow_local_settings.py").write_text(SETTINGS)
    (folder / "dags" / "helper.py").write_text("VALUE = 7\n")
    (folder / "dags" / "books.py").write_text(DAG_FILE.format(parent="dags"))
    return folder


@pytest.fixture(scope="module")
def driver(home: Path) -> Iterator[Driver]:
    with Driver(home) as running:
        running.answer = lambda method, params: {"result": {"found": False, "values": []}}
        yield running


@pytest.fixture(scope="module")
def books(driver: Driver, home: Path) -> dict[str, Any]:
    parsed = driver.parse(home / "dags" / "books.py", dags_folder=str(home / "dags"))
    assert parsed["errors"] == []
    return parsed


def test_operators_of_plugins_have_the_import_paths_of_1_10(books: dict[str, Any]) -> None:
    (form,) = books["dags"]
    assert form["tasks"][0]["class_ref"] == {"module_path": "shelf", "class_name": "BookOperator"}
    messages = [warning["message"] for warning in form["warnings"]]
    assert "airflow.operators.BookOperator is made by a plugin: import it from shelf" in messages
    assert "airflow.operators.library is made by a plugin: import from shelf" in messages


def test_what_is_not_used_of_plugins_is_told(books: dict[str, Any]) -> None:
    messages = [warning["message"] for warning in books["warnings"] if warning["type"] == "Plugin"]
    assert any("torn.py cannot be loaded: ValueError: torn" in message for message in messages)
    assert any("flask_blueprints: the web server does not run Python" in message for message in messages)
    assert any("listener Ears has on_dag_run_success, which is not called" in message for message in messages)


def test_policies_change_dags_and_tasks(books: dict[str, Any]) -> None:
    (form,) = books["dags"]
    assert form["tags"] == ["seen"]
    assert [task["retries"] for task in form["tasks"]] == [2, 2, 2]
    assert [task["queue"] for task in form["tasks"]] == ["books", "default", "default"]


def test_weights_by_a_strategy(books: dict[str, Any]) -> None:
    assert [task["priority_weight"] for task in books["dags"][0]["tasks"]] == [104, 104, 1]


@pytest.mark.parametrize(
    ("dag_id", "errors", "warning"),
    [("unwanted", 0, "DAG 'unwanted' is left out by a policy: nobody wants it"), ("owned", 1, "")],
)
def test_policies_refuse_dags(driver: Driver, home: Path, dag_id: str, errors: int, warning: str) -> None:
    path = home / "dags" / f"{dag_id}.py"
    path.write_text(
        "from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator\n"
        f"with DAG({dag_id!r}, schedule=None):\n    EmptyOperator(task_id='t')\n"
    )
    parsed = driver.parse(path, dags_folder=str(home / "dags"))
    assert parsed["dags"] == []
    assert len(parsed["errors"]) == errors
    assert not errors or "AirflowClusterPolicyViolation: task t needs an owner" in parsed["errors"][0]["stacktrace"]
    assert not warning or warning in [entry["message"] for entry in parsed["warnings"]]


@pytest.mark.parametrize(
    ("task_id", "lines"),
    [
        ("read", ["heard running read queued", "heard success read"]),
        ("look", ["heard running look queued", "place is look", "heard success look"]),
        ("fail", ["heard running fail queued", "heard failed fail torn page"]),
    ],
)
def test_listeners_and_macros_while_tasks_run(driver: Driver, home: Path, task_id: str, lines: list[str]) -> None:
    path = home / "dags" / "books.py"
    template = driver.template(path, dags_folder=str(home / "dags"))
    peer, _ = driver.run(template, path, "books", task_id)
    assert [line for line in peer.text.splitlines() if not line.startswith("{")] == lines
    if task_id == "read":
        assert peer.frames[0]["return_value"] == '"DUNE"'
