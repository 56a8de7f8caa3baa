"""What installed provider packages say of themselves; two made-up ones, and one that is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PYTHON = Path(__file__).parents[2]

INFO = """
def get_provider_info():
    return {info!r}
"""
ACME: dict[str, Any] = {
    "package-name": "apache-airflow-providers-acme",
    "name": "Acme",
    "description": "`Acme <https://acme.example>`__ things",
    "connection-types": [
        {
            "connection-type": "acme",
            "hook-class-name": "airflow.providers.acme.things.AcmeHook",
            "conn-fields": {"colour": {"label": "Colour", "schema": {"type": ["string", "null"]}}},
            "ui-field-behaviour": {
                "hidden-fields": ["port"],
                "placeholders": {"host": "acme.example", "extra__acme__colour": "red"},
            },
        },
        {"connection-type": "gone", "hook-class-name": "airflow.providers.acme.nowhere.GoneHook"},
    ],
    "task-decorators": [{"name": "acme", "class-name": "airflow.providers.acme.things.acme_task"}],
    "extra-links": ["airflow.providers.acme.things.AcmeLink"],
    "notifications": ["airflow.providers.acme.things.AcmeNotifier"],
    "triggers": [{"integration-name": "Acme", "python-modules": ["airflow.providers.acme.triggers"]}],
    "dialects": [{"dialect-type": "acmesql", "dialect-class-name": "airflow.providers.acme.things.Dialect"}],
}
OTHER: dict[str, Any] = {"package-name": "apache-airflow-providers-other", "name": "Other", "description": "Others"}
THINGS = """
from airflow.sdk import BaseHook
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory


class AcmeHook(BaseHook):
    conn_name_attr = "acme_conn_id"
    hook_name = "Acme"

    def __init__(self, acme_conn_id="acme_default"):
        self.acme_conn_id = acme_conn_id


class AcmeOperator(DecoratedOperator):
    custom_operator_name = "@task.acme"

    def execute(self, context):
        return "acme"


def acme_task(python_callable=None, **kwargs):
    return task_decorator_factory(python_callable=python_callable, decorated_operator_class=AcmeOperator, **kwargs)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, info in (("acme", ACME), ("other", OTHER)):
        package = tmp_path / "airflow" / "providers" / name
        package.mkdir(parents=True)
        (package / "get_provider_info.py").write_text(INFO.format(info=info))
        (package / "things.py").write_text(THINGS)
    for name in ("acme", "other", "broken"):
        folder = tmp_path / f"apache_airflow_providers_{name}-1.2.3.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: apache-airflow-providers-{name}\nVersion: 1.2.3\n")
        (folder / "entry_points.txt").write_text(
            f"[apache_airflow_provider]\nprovider_info=airflow.providers.{name}.get_provider_info:get_provider_info\n"
        )
    return tmp_path


def python(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": f"{PYTHON}:{site}", "AIRFLOW_CONN_A": "acme://host"}
    return subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, check=False, timeout=60)


def rows(site: Path, kind: str, *words: str) -> Any:
    done = python(site, "-m", "tradewind.providers", kind, *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_packages_are_listed_and_a_broken_one_is_left_out(site: Path) -> None:
    found = {row["package_name"]: (row["version"], row["description"]) for row in rows(site, "list")}
    assert found["apache-airflow-providers-acme"] == ("1.2.3", "Acme things")
    assert found["apache-airflow-providers-other"] == ("1.2.3", "Others")
    assert "apache-airflow-providers-standard" in found
    assert "apache-airflow-providers-broken" not in found
    assert "airflow.providers.broken" in python(site, "-m", "tradewind.providers", "list").stderr


def test_what_they_offer(site: Path) -> None:
    hooks = {row["connection_type"]: row for row in rows(site, "hooks")}
    assert (hooks["acme"]["conn_id_attribute_name"], hooks["acme"]["hook_name"], hooks["acme"]["loaded"]) == (
        "acme_conn_id",
        "Acme",
        True,
    )
    assert (hooks["gone"]["class"], hooks["gone"]["loaded"]) == ("airflow.providers.acme.nowhere.GoneHook", False)
    widgets = {row["connection_parameter_name"]: row["field_type"] for row in rows(site, "widgets")}
    assert widgets["extra__acme__colour"] == "string"
    behaviour = next(row["field_behaviour"] for row in rows(site, "behaviours") if row["connection_type"] == "acme")
    assert json.loads(behaviour)["hidden_fields"] == ["port"]
    form = next(row for row in rows(site, "forms") if row["connection_type"] == "acme")
    colour = {"name": "colour", "label": "Colour", "type": "string", "description": None, "secret": False, "options": []}
    assert form == {
        "connection_type": "acme",
        "hook_name": "acme",
        "package_name": "apache-airflow-providers-acme",
        "hidden_fields": ["port"],
        "relabeling": {},
        "placeholders": {"host": "acme.example", "colour": "red"},
        "fields": [colour],
    }
    assert {"extra_link_class_name": "airflow.providers.acme.things.AcmeLink"} in rows(site, "links")
    assert rows(site, "notifications") == [{"notification_class_name": "airflow.providers.acme.things.AcmeNotifier"}]
    assert rows(site, "triggers")[0]["integration_name"] == "Acme"
    assert rows(site, "get", "--name", "acme")["version"] == "1.2.3"
    assert python(site, "-m", "tradewind.providers", "get", "--name", "nothing").returncode == 3


def test_files_use_them(site: Path) -> None:
    code = (
        "from airflow.sdk import DAG, BaseHook, task\n"
        "from airflow.providers_manager import ProvidersManager\n"
        "hook = BaseHook.get_connection('a').get_hook()\n"
        "with DAG('d', schedule=None) as dag:\n"
        "    @task.acme\n"
        "    def f(): ...\n"
        "    f()\n"
        "manager = ProvidersManager()\n"
        "manager.initialize_providers_hooks()\n"
        "print(type(hook).__name__, hook.acme_conn_id, dag.get_task('f').task_type, manager.hooks['gone'], manager.dialects['acmesql'].provider_name)"
    )
    done = python(site, "-c", code)
    assert done.stdout.split() == ["AcmeHook", "a", "AcmeOperator", "None", "apache-airflow-providers-acme"], done.stderr


def test_links_of_operators() -> None:
    from airflow.models.taskinstancekey import TaskInstanceKey
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunLink

    class Linked(EmptyOperator):
        operator_extra_links = (TriggerDagRunLink(),)
        trigger_dag_id = "child"

    operator = Linked(task_id="t")
    assert operator.extra_links == ["Triggered DAG"]

    class Instance:
        key = TaskInstanceKey("d", "t", "r", 1, -1)

    assert operator.get_extra_links(Instance(), "Triggered DAG") == "/dags/child"
    assert operator.get_extra_links(Instance(), "other") is None
