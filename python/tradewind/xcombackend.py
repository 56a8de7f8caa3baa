"""XComs through the class that ``[core] xcom_backend`` names: what is stored is what it makes of a value."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace
from typing import Any

from airflow import _hooks
from airflow.configuration import conf
from airflow.sdk.bases.xcom import BaseXCom
from airflow.sdk.exceptions import AirflowConfigException
from tradewind import xcom


def backend() -> type[BaseXCom] | None:
    """The class of the installation; ``None`` for ours, which needs no detour."""
    return _named(conf.get("core", "xcom_backend", fallback="") or "")


@cache
def _named(path: str) -> type[BaseXCom] | None:
    if not path or path.endswith(".BaseXCom"):
        return None
    found = conf.getimport("core", "xcom_backend")
    if not isinstance(found, type) or not issubclass(found, BaseXCom):
        raise AirflowConfigException(f"[core] xcom_backend = {path}: has to be a class derived from BaseXCom")
    return None if found is BaseXCom else found


def text(value: Any, key: str, ti: Any) -> str:
    """The JSON text that is stored for what ``ti`` pushes under ``key``."""
    own = backend()
    if own is None:
        return xcom.encode(value)
    made = _hooks.call(
        own.serialize_value, value=value, key=key, task_id=ti.task_id, dag_id=ti.dag_id, run_id=ti.run_id, map_index=ti.map_index
    )
    if isinstance(made, (bytes, bytearray)):
        # Backends of 2.x give the bytes of JSON.
        try:
            return json.dumps(json.loads(made), ensure_ascii=False)
        except ValueError as error:
            raise TypeError(f"{own.__qualname__}.serialize_value gave bytes that are no JSON for XCom {key!r}: {error}") from None
    return json.dumps(made, ensure_ascii=False)


def value(stored: str, key: str, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> Any:
    """The value of a stored text."""
    own = backend()
    if own is None:
        return xcom.decode(stored)
    row = SimpleNamespace(value=json.loads(stored), key=key, dag_id=dag_id, run_id=run_id, task_id=task_id, map_index=map_index)
    return own.deserialize_value(row)


def deleted(stored: str | None, key: str, ti: Any) -> None:
    """A task deletes an XCom of its own: the backend may remove what it keeps elsewhere."""
    own = backend()
    if own is not None and stored is not None:
        own.purge(
            SimpleNamespace(
                value=json.loads(stored), key=key, dag_id=ti.dag_id, run_id=ti.run_id, task_id=ti.task_id, map_index=ti.map_index
            )
        )
