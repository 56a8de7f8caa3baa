"""Settings that DAG files read."""

from __future__ import annotations

import os
from typing import Any

from airflow.configuration import AIRFLOW_HOME, conf

__all__ = ["AIRFLOW_HOME", "DAGS_FOLDER"]

DAGS_FOLDER = os.path.expanduser(conf.get("core", "dags_folder"))


def __getattr__(name: str) -> Any:
    if name == "TIMEZONE":
        from airflow.sdk import timezone

        return timezone.default_timezone()
    if name in ("Session", "engine"):
        raise AttributeError(
            f"airflow.settings.{name} is not available: DAG files and tasks have no database session; use Variable, Connection, "
            "XCom or the REST API"
        )
    raise AttributeError(f"module 'airflow.settings' has no attribute {name!r}")
