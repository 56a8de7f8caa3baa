"""Every module of the packages is imported against ours; operators of services that are not here are made and written down."""
from __future__ import annotations

import importlib
import importlib.metadata
import json
import pkgutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

import airflow
from airflow import _providers
from airflow.providers_manager import ProvidersManager
from airflow.sdk import DAG, task
from tradewind.form import dag_form

PACKAGES = ["amazon", "cncf.kubernetes", "common.compat", "common.io", "common.sql", "docker", "ftp", "google", "hashicorp", "http", "mysql",
            "postgres", "redis", "sftp", "slack", "smtp", "sqlite", "ssh"]
#: Folders of a package that are not for DAG files: executors, sign-in of Airflow's own server, its command line, demonstrations.
NOT_FOR_DAGS = ("executors", "auth_manager", "cli", "example_dags", "_vendor", "fs", "log", "queues", "waiters", "assets")


def modules(package: str) -> list[str]:
    base = importlib.import_module(f"airflow.providers.{package}")
    found = [info.name for info in pkgutil.walk_packages(base.__path__, base.__name__ + ".", onerror=lambda name: None) if not info.ispkg]
    return [name for name in found if not set(name.split(".")) & set(NOT_FOR_DAGS)]


def test_ours_is_imported() -> None:
    """Real Airflow is installed in this environment, and not what `airflow` is."""
    assert importlib.metadata.version("apache-airflow-core")
    assert Path(airflow.__file__).parents[1].name == "python"


def test_real_airflow_is_not_disturbed(tmp_path: Path) -> None:
    code = "import airflow, airflow.providers.standard.operators.bash as bash; from airflow.sdk import DAG; print(airflow.__file__, bash.__file__)"
    env = {"PATH": "/usr/bin:/bin", "AIRFLOW_HOME": str(tmp_path), "HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    assert all("site-packages" in path for path in said.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_imported(package: str) -> None:
    failed, absent = {}, {}
    names = modules(package)
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            (failed if str(error.name).startswith("airflow.") and not str(error.name).startswith("airflow.providers.") else absent)[name] = str(error)
        except Exception as error:
            # A package says so itself when an optional one is missing.
            kind = absent if type(error).__name__ == "AirflowOptionalProviderFeatureException" else failed
            kind[name] = f"{type(error).__name__}: {error}"
    assert names
    assert failed == {}
    # Transfers to and from packages that are not here, and optional features.
    assert len(absent) <= max(3, len(names) // 10), absent


def test_what_packages_say_of_themselves() -> None:
    manager = ProvidersManager()
    assert {f"apache-airflow-providers-{package.replace('.', '-')}" for package in PACKAGES} <= set(manager.providers)
    hooks = manager.hooks
    for kind in ("postgres", "mysql", "sqlite", "http", "ssh", "sftp", "ftp", "smtp", "redis", "slackwebhook", "docker", "kubernetes", "aws", "google_cloud_platform"):
        assert hooks[kind] is not None, kind
    assert hooks["postgres"].connection_id_attribute_name == "postgres_conn_id"
    assert "airflow.providers.slack.notifications.slack_webhook.SlackWebhookNotifier" in [n.notification_class_name for n in manager.notification]
    assert any("bigquery" in path.lower() for path in manager.extra_links_class_names)
    assert manager.field_behaviours["fs"]["hidden_fields"]
    assert manager.field_behaviours["http"]
    assert any(name.startswith(("extra__aws", "extra__google", "extra__kubernetes")) for name in manager.connection_form_widgets)


@pytest.mark.parametrize("kind", ["list", "hooks", "links", "notifications", "widgets", "behaviours", "triggers", "secrets", "logging", "executors"])
def test_the_command_line_lists_them(kind: str) -> None:
    said = subprocess.run([sys.executable, "-m", "tradewind.providers", kind], capture_output=True, text=True, check=True).stdout
    assert len(json.loads(said)) >= 1


def test_operators_of_services_that_are_not_here() -> None:
    from airflow.providers.amazon.aws.operators.athena import AthenaOperator
    from airflow.providers.amazon.aws.operators.batch import BatchOperator
    from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
    from airflow.providers.amazon.aws.operators.emr import EmrAddStepsOperator
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
    from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.providers.docker.operators.docker import DockerOperator
    from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator
    from airflow.providers.google.cloud.operators.dataproc import DataprocSubmitJobOperator
    from airflow.providers.google.cloud.sensors.gcs import GCSObjectExistenceSensor
    from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator

    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
        made = [
            KubernetesPodOperator(task_id="pod", name="pod", image="busybox", cmds=["echo", "{{ ds }}"], namespace="default"),
            DockerOperator(task_id="docker", image="busybox", command="echo {{ ds }}", auto_remove="success"),
            AthenaOperator(task_id="athena", query="SELECT 1", database="d", output_location="s3://b/"),
            BatchOperator(task_id="batch", job_name="j", job_queue="q", job_definition="d"),
            EcsRunTaskOperator(task_id="ecs", cluster="c", task_definition="t", overrides={}),
            EmrAddStepsOperator(task_id="emr", job_flow_id="j", steps=[]),
            GlueJobOperator(task_id="glue", job_name="j"),
            LambdaInvokeFunctionOperator(task_id="lambda", function_name="f"),
            BigQueryInsertJobOperator(task_id="bq", configuration={"query": {"query": "SELECT '{{ ds }}'", "useLegacySql": False}}),
            DataprocSubmitJobOperator(task_id="dataproc", job={}, region="r", project_id="p"),
            GCSObjectExistenceSensor(task_id="gcs", bucket="b", object="o"),
            GCSToBigQueryOperator(task_id="load", bucket="b", source_objects=["o"], destination_project_dataset_table="d.t"),
        ]

        @task.docker(image="python:3.12")
        def in_docker() -> int:
            return 1

        @task.kubernetes(image="python:3.12", namespace="default")
        def in_pod() -> int:
            return 1

        in_docker() >> in_pod() >> made
        KubernetesPodOperator.partial(task_id="each", name="p", image="busybox", namespace="default").expand(cmds=[["a"], ["b"]])
    dag.validate()
    form = dag_form(dag, "/")
    assert len(form["tasks"]) == len(made) + 3
    json.dumps(form)
    links = {name for operator in made for name in operator.extra_links}
    assert "BigQuery Table" in links or any("BigQuery" in name or "AWS" in name for name in links)


def test_all_names_of_packages_are_known_once() -> None:
    assert len(set(_providers.infos())) == len(_providers.infos())
