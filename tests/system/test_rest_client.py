"""The Python client of Airflow, as it is published, against the product: its models check every field of every answer."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import airflow_client.client as airflow
import pytest
from airflow_client.client.rest import ApiException
from measure import Product, until

Start = Callable[..., Product]
DAG = "taskflow_etl"


class Client:
    """The API classes, signed in."""

    def __init__(self, product: Product) -> None:
        settings = airflow.Configuration(host=product.base)
        settings.access_token = product.token
        api = airflow.ApiClient(settings)
        self.dags, self.runs, self.tasks = airflow.DAGApi(api), airflow.DagRunApi(api), airflow.TaskInstanceApi(api)
        self.xcoms, self.variables, self.connections = airflow.XComApi(api), airflow.VariableApi(api), airflow.ConnectionApi(api)
        self.pools, self.events, self.api = airflow.PoolApi(api), airflow.EventLogApi(api), api

    def finished(self, dag_id: str, **body: Any) -> str:
        """Triggers a run and waits for its end; gives its id."""
        run = self.runs.trigger_dag_run(dag_id, airflow.TriggerDAGRunPostBody(logical_date=None, **body))
        until(lambda: self.runs.get_dag_run(dag_id, run.dag_run_id).state in ("success", "failed"), 60, "the run ends", 0.05)
        return str(run.dag_run_id)


@pytest.fixture
def client(start: Start) -> Client:
    product = start(f"{DAG}.py", unpause=True)
    until(lambda: product.call("GET", "/api/v2/dags")["total_entries"] == 1, 30, "the DAG is listed", 0.05)
    return Client(product)


def status(call: Callable[[], Any]) -> int:
    with pytest.raises(ApiException) as refused:
        call()
    return int(refused.value.status)


def test_dags_and_what_is_known_of_their_files(client: Client) -> None:
    dag = client.dags.get_dags(tags=["etl"], order_by=["-dag_id"]).dags[0]
    assert dag.dag_id == DAG
    assert client.dags.get_dag(DAG).dag_id == DAG
    details = client.dags.get_dag_details(DAG)
    assert details.latest_dag_version is not None
    assert details.latest_dag_version.version_number == 1
    assert client.dags.patch_dag(DAG, airflow.DAGPatchBody(is_paused=True)).is_paused
    assert not client.dags.patch_dags(airflow.DAGPatchBody(is_paused=False), dag_id_pattern="~").dags[0].is_paused
    client.dags.favorite_dag(DAG)
    assert client.dags.get_dags(is_favorite=True).total_entries == 1
    assert client.dags.get_dag_tags().tags == ["etl"]
    assert status(lambda: client.dags.get_dag("missing")) == 404
    assert "dag" in (airflow.DagSourceApi(client.api).get_dag_source(DAG).content or "")
    assert airflow.DagVersionApi(client.api).get_dag_versions("~").total_entries == 1
    assert airflow.DagVersionApi(client.api).get_dag_version(DAG, 1).dag_id == DAG
    assert airflow.DagStatsApi(client.api).get_dag_stats().total_entries == 1
    assert airflow.DagWarningApi(client.api).list_dag_warnings().total_entries == 0
    assert airflow.ImportErrorApi(client.api).get_import_errors().total_entries == 0
    tasks = airflow.TaskApi(client.api).get_tasks(DAG)
    assert airflow.TaskApi(client.api).get_task(DAG, tasks.tasks[0].task_id).retry_delay is not None
    airflow.DAGParsingApi(client.api).reparse_dag_file(dag.file_token)


def test_a_run_from_trigger_to_clear(client: Client) -> None:
    run_id = client.finished(DAG, conf={"n": 3}, note="by the client")
    run = client.runs.get_dag_run(DAG, run_id)
    assert (run.state, run.conf, run.note) == ("success", {"n": 3}, "by the client")
    assert client.runs.get_dag_runs("~", state=["success"], run_after_gte=datetime(2020, 1, 1, tzinfo=timezone.utc)).total_entries == 1
    assert client.runs.get_list_dag_runs_batch("~", airflow.DAGRunsBatchBody(dag_ids=[DAG])).total_entries == 1
    tasks = client.tasks.get_task_instances(DAG, run_id).task_instances
    mapped = [task for task in tasks if task.map_index >= 0]
    assert len(mapped) == 3
    assert client.tasks.get_mapped_task_instances(DAG, run_id, mapped[0].task_id).total_entries == 3
    assert client.tasks.get_mapped_task_instance(DAG, run_id, mapped[0].task_id, 1).state == "success"
    single = next(task for task in tasks if task.map_index < 0 and task.state == "success").task_id
    assert client.tasks.get_task_instance_tries(DAG, run_id, single).total_entries == 1
    assert client.tasks.get_task_instance_try_details(DAG, run_id, single, 1).try_number == 1
    assert client.tasks.get_task_instance_dependencies(DAG, run_id, single).dependencies == []
    log = client.tasks.get_log(DAG, run_id, single, 1)
    assert log.continuation_token is None
    assert len(log.content.actual_instance) > 2
    batch = airflow.TaskInstancesBatchBody(dag_ids=[DAG], state=["success", None])
    assert client.tasks.get_task_instances_batch("~", "~", batch).total_entries == sum(task.state == "success" for task in tasks)

    cleared = client.tasks.post_clear_task_instances(DAG, airflow.ClearTaskInstancesBody(dag_run_id=run_id, only_failed=False))
    assert cleared.total_entries == len(tasks)
    assert client.runs.get_dag_run(DAG, run_id).state == "success"
    body = airflow.ClearTaskInstancesBody(dag_run_id=run_id, only_failed=False, dry_run=False)
    client.tasks.post_clear_task_instances(DAG, body)
    until(lambda: client.runs.get_dag_run(DAG, run_id).state == "success", 60, "the cleared run ends", 0.05)
    assert client.tasks.get_task_instance_tries(DAG, run_id, single).total_entries == 2
    marked = client.tasks.patch_task_instance(DAG, run_id, single, airflow.PatchTaskInstanceBody(new_state="failed", note="by hand"))
    assert (marked.task_instances[0].state, marked.task_instances[0].note) == ("failed", "by hand")
    assert client.runs.patch_dag_run(DAG, run_id, airflow.DAGRunPatchBody(state="failed")).state == "failed"
    assert {event.event for event in client.events.get_event_logs(dag_id=DAG).event_logs} >= {"trigger_dag_run", "clear_task_instances"}
    client.runs.delete_dag_run(DAG, run_id)
    assert status(lambda: client.runs.get_dag_run(DAG, run_id)) == 404


def test_triggers_that_are_refused(client: Client) -> None:
    body = airflow.TriggerDAGRunPostBody
    assert status(lambda: client.runs.trigger_dag_run(DAG, body(logical_date=None, conf={"n": "many"}))) == 400
    day = datetime(2024, 1, 1, tzinfo=timezone.utc)
    client.runs.trigger_dag_run(DAG, body(logical_date=day))
    assert status(lambda: client.runs.trigger_dag_run(DAG, body(logical_date=day))) == 409
    assert status(lambda: client.runs.trigger_dag_run("missing", body(logical_date=None))) == 404


def test_xcoms_variables_connections_pools(client: Client) -> None:
    run_id = client.finished(DAG)
    at: dict[str, str] = {"dag_id": DAG, "dag_run_id": run_id, "task_id": "parts"}
    client.xcoms.create_xcom_entry(**at, x_com_create_body=airflow.XComCreateBody(key="k", value={"a": [1]}))
    assert client.xcoms.get_xcom_entry(**at, xcom_key="k").actual_instance.value == {"a": [1]}
    client.xcoms.update_xcom_entry(**at, xcom_key="k", x_com_update_body=airflow.XComUpdateBody(value=2))
    client.xcoms.delete_xcom_entry(**at, xcom_key="k")
    assert client.xcoms.get_xcom_entries(**at).total_entries == 1

    client.variables.post_variable(airflow.VariableBody(key="team/limit", value={"n": 1}))
    assert client.variables.get_variable("team/limit").value == '{"n": 1}'
    assert client.variables.patch_variable("team/limit", airflow.VariableBody(key="team/limit", value="z")).value == "z"
    client.variables.delete_variable("team/limit")
    assert client.variables.get_variables().total_entries == 0

    client.connections.post_connection(airflow.ConnectionBody(connection_id="c", conn_type="http", password="p"))
    assert client.connections.get_connection("c").password == "***"
    assert client.connections.patch_connection("c", airflow.ConnectionBody(connection_id="c", conn_type="ftp")).conn_type == "ftp"
    client.connections.delete_connection("c")

    client.pools.post_pool(airflow.PoolBody(name="p", slots=3))
    assert client.pools.patch_pool("p", airflow.PoolPatchBody(pool="p", slots=4, include_deferred=False)).open_slots == 4
    client.pools.delete_pool("p")
    assert [pool.name for pool in client.pools.get_pools().pools] == ["default_pool"]


def test_the_installation(client: Client) -> None:
    assert airflow.MonitorApi(client.api).get_health().scheduler.status == "healthy"
    assert airflow.VersionApi(client.api).get_version().version
    assert {job.job_type for job in airflow.JobApi(client.api).get_jobs(is_alive=True).jobs} >= {"SchedulerJob", "DagProcessorJob"}
    assert airflow.PluginApi(client.api).get_plugins().total_entries == 0
    assert airflow.ProviderApi(client.api).get_providers().total_entries == 0
    assert status(lambda: airflow.ConfigApi(client.api).get_config()) == 403
