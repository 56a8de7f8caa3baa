"""Runs the DAGs of files with real Airflow's ``dag.test()`` and says what became of each task."""
from __future__ import annotations

import traceback
from typing import Any

import forks
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.xcom import XComModel

from airflow import settings
from airflow.utils.session import create_session

BUNDLE = "dags-folder"


def states(dag: Any) -> dict[str, Any]:
    run = dag.test()
    tasks = {}
    for ti in run.get_task_instances():
        name = ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"
        tasks[name] = None if ti.state is None else str(ti.state)
    with create_session() as session:
        found = session.query(XComModel).filter(XComModel.dag_id == run.dag_id, XComModel.run_id == run.run_id, XComModel.key == "return_value")
        values = {x.task_id if x.map_index < 0 else f"{x.task_id}[{x.map_index}]": x.value for x in found}
    return {"run": str(run.state), "tasks": tasks, "values": values}


def work(path: str) -> dict[str, Any]:
    settings.reconfigure_orm()
    bag = DagBag(path, bundle_name=BUNDLE)
    found: dict[str, Any] = {"errors": {str(name): text for name, text in bag.import_errors.items()}, "dags": {}}
    sync_bag_to_db(bag, BUNDLE, None)
    for dag_id, dag in bag.dags.items():
        try:
            found["dags"][dag_id] = states(dag)
        except BaseException:
            found["dags"][dag_id] = {"error": traceback.format_exc()[-1500:]}
    return found


DagBundlesManager().sync_bundles_to_db()
settings.dispose_orm()
forks.main(work)
