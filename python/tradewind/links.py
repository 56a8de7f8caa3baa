"""Where the links of an operator lead: the attempt says so when it ends, in XComs that the web server reads."""

from __future__ import annotations

import inspect
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from tradewind.taskinstance import TaskInstance

log = logging.getLogger("airflow.task")


def key(name: str) -> str:
    """The XCom that holds the address of the link with this name."""
    return f"_link_{name}"


def page(dag_id: str, run_id: str | None = None) -> str:
    """The page of a DAG, or of a run, below the address of the web server."""
    parts = ["dags", dag_id] if run_id is None else ["dags", dag_id, "runs", run_id]
    return "/" + "/".join(quote(part, safe="") for part in parts)


def keep(task: Any, ti: TaskInstance) -> None:
    """Store the addresses of the links of ``task``. One that cannot say where it leads costs its link only."""
    for link in task.operator_extra_links or ():
        name = getattr(link, "name", None)
        if not isinstance(name, str):
            continue
        try:
            address = _address(link, task, ti)
            if address:
                ti.runtime.xcom_set(key(name), json.dumps(str(address)))
        except Exception:
            log.warning("The link %r of task %s says not where it leads", name, ti.task_id, exc_info=True)


def _address(link: Any, task: Any, ti: TaskInstance) -> Any:
    if "ti_key" in inspect.signature(link.get_link).parameters:
        return link.get_link(task, ti_key=ti.key)
    # Links of 1.10 and 2.2 take the logical date.
    return link.get_link(task, ti.logical_date)
