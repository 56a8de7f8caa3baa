"""Names of the authoring API that do more than lead somewhere else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from airflow.utils.python_virtualenv import remove_task_decorator

from airflow import _warnings, secrets
from airflow._server_tables import modules
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models import Connection, Variable
from airflow.providers.standard.hooks.package_index import PackageIndexHook
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLBranchOperator, HITLEntryOperator, HITLOperator
from airflow.sdk import (
    DAG,
    Asset,
    ExceptionRetryPolicy,
    ObjectStoragePath,
    PartitionedAssetTimetable,
    RetryAction,
    RetryRule,
    asset,
    result,
    task,
)
from airflow.sdk.definitions.asset import AssetNameRef
from airflow.sdk.definitions.operator_resources import Resources
from airflow.timetables.trigger import CronPartitionTimetable
from airflow.utils.file import correct_maybe_zipped, list_py_file_paths, open_maybe_zipped
from airflow.utils.helpers import at_most_one, convert_camel_to_snake, partition
from airflow.utils.json import XComDecoder, XComEncoder
from airflow.utils.process_utils import patch_environ
from tradewind.form import dag_form


@pytest.mark.parametrize("module", sorted(modules()))
def test_names_of_the_old_server_can_be_imported_and_say_so_when_used(module: str) -> None:
    from importlib import import_module

    for name in modules()[module]:
        found = getattr(import_module(module), name)
        if isinstance(found, type) and found.__module__ == module and not module.startswith("airflow.executors."):
            with pytest.raises(AirflowException):
                found()


def test_parts_of_the_old_server_can_be_subclassed() -> None:
    from airflow.executors.local_executor import LocalExecutor
    from airflow.www.views import AirflowBaseView

    class Page(AirflowBaseView):  # type: ignore[misc]
        route = "/page"

    assert Page.route == "/page"
    assert LocalExecutor() is not None


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    variables, connections = tmp_path / "variables.json", tmp_path / "connections.env"
    variables.write_text(json.dumps({"place": "file", "numbers": {"a": 1}}))
    connections.write_text("# comment\nstore=postgres://user:secret@db:5432/shop\n")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "airflow.secrets.local_filesystem.LocalFilesystemBackend")
    arguments = {"variables_file_path": str(variables), "connections_file_path": str(connections)}
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps(arguments))
    return tmp_path


def test_secrets_backends_are_asked_first(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_PLACE", "environment")
    monkeypatch.setenv("AIRFLOW_VAR_OTHER", "environment")
    monkeypatch.setenv("AIRFLOW_CONN_WEB", "http://example.com")
    assert Variable.get("place") == "file"
    assert Variable.get("numbers", deserialize_json=True) == {"a": 1}
    assert Variable.get("other") == "environment"
    assert (Connection.get("store").host, Connection.get("store").port) == ("db", 5432)
    assert Connection.get("web").host == "example.com"
    assert Variable.get("nothing", default=None) is None


def test_no_backend_without_a_setting() -> None:
    assert secrets.custom_backend() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no sign", "has to be KEY=value"),
        ("store=postgres://x\nstore", "has to be KEY=value"),
    ],
)
def test_broken_secrets_files_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    from airflow.secrets.local_filesystem import load_connections_dict

    path = tmp_path / "c.env"
    path.write_text(text)
    with pytest.raises(AirflowException, match=message):
        load_connections_dict(str(path))


def test_tasks_that_ask_people() -> None:
    _warnings.clear()
    with DAG("asks", schedule=None) as dag:
        ApprovalOperator(task_id="approve", subject="Really?")
        HITLBranchOperator(task_id="choose", subject="Where?", options=["a", "b"], options_mapping={"a": "approve"})
        HITLEntryOperator(task_id="enter", subject="How many?", params={"n": 1})
        named = HITLOperator(task_id="named", subject="?", options=["a"], assigned_users=[{"id": 7, "name": "Ann"}])
    assert "warnings" not in dag_form(dag)
    assert named.assigned_users == [{"id": "7", "name": "Ann"}]
    with pytest.raises(ValueError, match='have to have an "id"'):
        HITLOperator(task_id="t", subject="?", options=["a"], assigned_users=[{"name": "Ann"}])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"options": []}, "cannot be empty"),
        ({"options": ["a", "a"]}, "duplicates"),
        ({"options": ["a"], "defaults": "b"}, "among its options"),
        ({"options": ["a", "b"], "defaults": ["a", "b"]}, '"multiple"'),
    ],
)
def test_wrong_questions(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        HITLOperator(task_id="t", subject="?", **arguments)


def test_retry_policy_by_exception() -> None:
    policy = ExceptionRetryPolicy(
        [
            RetryRule(exception="builtins.KeyError", action=RetryAction.FAIL, reason="no such key"),
            RetryRule(exception=LookupError, retry_delay=timedelta(seconds=5)),
            RetryRule(exception=[OSError], match_subclasses=False),
        ]
    )
    assert policy.evaluate(KeyError(), 1, 3).action == RetryAction.FAIL
    assert policy.evaluate(IndexError(), 1, 3).retry_delay == timedelta(seconds=5)
    assert policy.evaluate(OSError(), 1, 3).action == RetryAction.RETRY
    assert policy.evaluate(ConnectionError(), 1, 3).action == RetryAction.DEFAULT


def test_an_asset_function_is_a_dag_with_one_task() -> None:
    @asset(schedule="@daily", uri="s3://bucket/prices", tags=["x"])
    def prices(self: Any, context: Any, raw: Any) -> None:
        """What things cost."""

    (only,) = prices.dag.tasks
    assert (prices.dag.dag_id, only.task_id, prices.uri) == ("prices", "prices", "s3://bucket/prices")
    assert only.inlets == [AssetNameRef("raw")]
    assert only.outlets == [Asset("prices", "s3://bucket/prices")]
    assert dag_form(prices.dag)["description"] == "What things cost."

    @asset.multi(schedule=None, outlets=[Asset("a"), Asset("b")])
    def both() -> None: ...

    assert len(both.tasks[0].outlets) == 2


@pytest.mark.parametrize(
    ("schedule", "kind", "message"),
    [
        (PartitionedAssetTimetable(assets=Asset("a")), "asset", "partitions are not followed"),
        (CronPartitionTimetable("@daily", timezone="UTC"), "cron_trigger", "have no partition key"),
    ],
)
def test_schedules_that_are_not_served_are_told(schedule: Any, kind: str, message: str) -> None:
    _warnings.clear()
    dag = DAG("told", schedule=schedule, start_date=datetime(2024, 1, 1))
    form = dag_form(dag)
    assert form["timetable"]["type"] == kind
    assert message in form["warnings"][0]["message"]


def test_result_of_a_run() -> None:
    with DAG("with_result") as dag:

        @result
        @task
        def last() -> int:
            return 1

        made = last()
    assert dag._result is made


def test_paths_on_the_disk(tmp_path: Path) -> None:
    folder = ObjectStoragePath(f"file://{tmp_path}")
    path = folder / "a" / "b.txt"
    path.parent.mkdir(parents=True)
    assert path.write_text("text") == 4
    assert (path.exists(), path.read_text(), path.name, path.suffix, path.size()) == (True, "text", "b.txt", ".txt", 4)
    path.copy(folder / "c.txt")
    (folder / "c.txt").move(folder / "d.txt")
    assert sorted(item.name for item in folder.iterdir()) == ["a", "d.txt"]
    assert sorted(item.name for item in folder.glob("**/*.txt")) == ["b.txt", "d.txt"]
    assert ObjectStoragePath.deserialize(path.serialize(), 1) == path
    (folder / "a").rmdir()
    assert not path.exists()


def test_paths_in_stores() -> None:
    path = ObjectStoragePath("s3://aws_default@bucket/key/part.csv")
    assert (path.protocol, path.conn_id, path.bucket, path.key) == ("s3", "aws_default", "bucket", "key/part.csv")
    assert str(path) == "s3://aws_default@bucket/key/part.csv"
    assert str(path.parent / "x") == "s3://aws_default@bucket/key/x"
    assert ObjectStoragePath(path, conn_id="other").conn_id == "other"


def test_small_helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert convert_camel_to_snake("SomeName") == "some_name"
    assert partition(lambda n: n > 1, [1, 2, 3]) == ([1], [2, 3])
    assert at_most_one(0, 1, None)
    assert Resources(cpus=2).to_dict()["cpus"] == {"name": "CPU", "qty": 2, "units_str": "core(s)"}
    moment = {"at": datetime(2024, 1, 1), "n": (1, 2)}
    assert json.loads(json.dumps(moment, cls=XComEncoder), cls=XComDecoder) == moment
    assert remove_task_decorator("@task.virtualenv(\n    x=1,\n)\ndef f(): ...\n", "@task.virtualenv") == "def f(): ...\n"
    with patch_environ({"NAME_OF_TEST": "1"}):
        assert EmptyOperator(task_id="t").task_id == "t"
    (tmp_path / "a.py").write_text("from airflow import DAG")
    (tmp_path / "b.py").write_text("nothing")
    assert list_py_file_paths(str(tmp_path)) == [str(tmp_path / "a.py")]
    assert correct_maybe_zipped("/no/such.zip/a.py") == "/no/such.zip/a.py"
    with open_maybe_zipped(str(tmp_path / "b.py")) as file:
        assert file.read() == "nothing"
    monkeypatch.setenv("AIRFLOW_CONN_INDEX", "http://user:p%40ss@index.example.com")
    assert PackageIndexHook("index").get_connection_url() == "https://user:p%40ss@index.example.com"


def test_configuration_as_a_whole() -> None:
    conf.set("mine", "key", "1")
    assert conf.as_dict()["mine"] == {"key": "1"}
    assert conf.has_section("mine")
    assert conf.getsection("mine") == {"key": "1"}
    conf.remove_option("mine", "key")
    assert not conf.has_section("mine")


def test_pendulum_of_old_versions() -> None:
    from zoneinfo import ZoneInfo

    import pendulum

    from airflow import _old_pendulum

    _old_pendulum.install()
    old: Any = pendulum
    seoul = old.datetime(2020, 1, 22, tzinfo=pendulum.timezone("Asia/Seoul"))
    assert seoul == pendulum.datetime(2020, 1, 22, tz="Asia/Seoul") == datetime(2020, 1, 22, tzinfo=ZoneInfo("Asia/Seoul"))
    assert old.create(2020, 1, 2, 3) == pendulum.datetime(2020, 1, 2, 3)
    assert old.create(2020, 1, 2, 3, tz="Asia/Seoul").timezone_name == "Asia/Seoul"
    assert old.utcnow().timezone_name == "UTC"
    assert old.Pendulum is pendulum.DateTime
    assert old.tz.timezone("Asia/Seoul") == pendulum.timezone("Asia/Seoul")
    assert old.tz.timezone.Timezone is pendulum.Timezone
    said = [entry["message"] for entry in _warnings.collected]
    assert "pendulum.datetime(tzinfo=...) is now pendulum.datetime(tz=...)" in said
    assert all(entry["file"] == __file__ for entry in _warnings.collected)


def test_dags_take_tasks_by_shifts_as_in_1() -> None:
    with DAG("d", schedule=None) as dag:
        pass
    first, second, third = (EmptyOperator(task_id=name) for name in ("first", "second", "third"))
    assert (dag >> first) is first
    first >> second
    third >> dag
    third >> dag
    assert dag.task_ids == ["first", "second", "third"]
    assert first.downstream_task_ids == {"second"}
    dag << EmptyOperator(task_id="last") << EmptyOperator(task_id="before")
    assert dag.get_task("before").downstream_task_ids == {"last"}
    assert any("dag >> task" in str(entry["message"]) for entry in _warnings.collected)


def test_homes_of_names_in_3_3() -> None:
    from airflow.listeners.listener import get_listener_manager
    from airflow.providers.standard import exceptions
    from airflow.sdk import listener
    from airflow.sdk.bases.decorator import determine_kwargs
    from airflow.sdk.bases.operator import BaseOperatorMeta
    from airflow.sdk.bases.resumablejobmixin import ResumableJobMixin
    from airflow.sdk.bases.secrets_backend import BaseSecretsBackend
    from airflow.sdk.bases.timetable import BaseTimetable
    from airflow.sdk.definitions.asset import (
        AssetAlias,
        AssetAliasUniqueKey,
        AssetAny,
        AssetBooleanCondition,
        AssetRef,
        AssetUniqueKey,
    )
    from airflow.sdk.definitions.asset.access_control import AssetAccessControl
    from airflow.sdk.definitions.context import Context, context_merge

    assert {kind.__name__ for kind in (ResumableJobMixin, BaseSecretsBackend, AssetAccessControl)} == {
        "ResumableJobMixin", "BaseSecretsBackend", "AssetAccessControl",
    }  # fmt: skip
    assert BaseTimetable.__module__ == "airflow.timetables.base"
    assert type(EmptyOperator) is BaseOperatorMeta
    assert determine_kwargs(lambda a: a, [], {"a": 1, "b": 2}) == {"a": 1}
    assert AssetUniqueKey.from_asset(Asset("a", "s3://b/c")).to_asset() == Asset("a", "s3://b/c")
    assert AssetAliasUniqueKey.from_asset_alias(AssetAlias("x")).to_asset_alias() == AssetAlias("x")
    assert issubclass(AssetAny, AssetBooleanCondition)
    assert isinstance(Asset.ref(name="a"), AssetRef)
    context = Context(a=1)
    context_merge(context, {"b": 2}, c=3)
    assert context == {"a": 1, "b": 2, "c": 3}
    assert issubclass(exceptions.ExternalDagDeletedError, exceptions.AirflowExternalTaskSensorException)
    assert listener.get_listener_manager() is get_listener_manager()


def test_listeners_that_are_added_are_told() -> None:
    from airflow.listeners import hookimpl
    from airflow.listeners.listener import get_listener_manager
    from tradewind import listeners

    class Ear:
        heard: ClassVar[list[Any]] = []

        @hookimpl
        def on_task_instance_skipped(self, task_instance: Any) -> None:
            self.heard.append(task_instance)

    manager = get_listener_manager()
    ear = Ear()
    manager.add_listener(ear)
    manager.add_listener(ear)
    assert manager.has_listeners
    manager.hook.on_task_instance_skipped(previous_state=None, task_instance=1)
    listeners.tell("on_task_instance_skipped", previous_state=None, task_instance=2)
    assert ear.heard == [1, 2]
    manager.clear()
    manager.hook.on_task_instance_skipped(previous_state=None, task_instance=3)
    assert ear.heard == [1, 2]
