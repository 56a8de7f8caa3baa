"""Which hook class serves which type of connection, as installed provider packages say."""

from __future__ import annotations

import inspect
from typing import Any

from airflow import _providers
from airflow.sdk.exceptions import AirflowException
from airflow.utils.module_loading import import_string


def hook_class(conn_type: str) -> tuple[Any, str]:
    """The hook class of a type of connection, and the name of its argument for the connection id."""
    known = _providers.connection_types().get(conn_type)
    if known is None:
        raise AirflowException(f"Unknown hook type {conn_type!r}: install the provider package that has it")
    found = import_string(known[1]["hook-class-name"])
    id_parameter = getattr(found, "conn_name_attr", None)
    if not id_parameter:
        names = [name for name in inspect.signature(found.__init__).parameters if name.endswith("conn_id")]
        id_parameter = names[0] if names else "conn_id"
    return found, id_parameter
