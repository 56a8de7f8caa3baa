"""Settings that DAG files read."""

from __future__ import annotations

import os
from typing import Any

from airflow._server_tables import table
from airflow.configuration import AIRFLOW_HOME, conf

__all__ = ["AIRFLOW_HOME", "DAGS_FOLDER"]

DAGS_FOLDER = os.path.expanduser(conf.get("core", "dags_folder"))


def __getattr__(name: str) -> Any:
    if name == "TIMEZONE":
        from airflow.sdk import timezone

        return timezone.default_timezone()
    if name in ("Session", "engine"):
        return table(name, __name__)
    raise AttributeError(f"module 'airflow.settings' has no attribute {name!r}")
