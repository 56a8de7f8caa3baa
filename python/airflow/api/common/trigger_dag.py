"""Starting a run of a DAG from a running task."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from airflow._runtime import RuntimeCallError, require_runtime
from airflow.sdk.exceptions import AirflowException, DagNotFound, DagRunAlreadyExists


def trigger_dag(
    dag_id: str,
    run_id: str | None = None,
    conf: dict[str, Any] | str | None = None,
    execution_date: dt.datetime | None = None,
    replace_microseconds: bool = True,
    *,
    logical_date: dt.datetime | None = None,
    **_: Any,
) -> dict[str, Any] | None:
    """Start a run of ``dag_id``; the run as a dict. Works inside a running task."""
    from airflow.sdk import timezone

    runtime = require_runtime("trigger_dag")
    moment = logical_date or execution_date or timezone.utcnow()
    if replace_microseconds:
        moment = moment.replace(microsecond=0)
    settings: dict[str, Any] = json.loads(conf) if isinstance(conf, str) else conf or {}
    try:
        made = runtime.dag_run_trigger(dag_id=dag_id, run_id=run_id, logical_date=moment, conf=settings)
    except RuntimeCallError as error:
        kinds = {"conflict": DagRunAlreadyExists, "not_found": DagNotFound}
        raise kinds.get(error.code, AirflowException)(f"triggering a run of DAG {dag_id!r} failed: {error}") from error
    return runtime.dag_run_get(dag_id, made)
