"""Settings that DAG files read."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow._server_tables import session_class, table
from airflow.configuration import AIRFLOW_HOME, conf

__all__ = ["AIRFLOW_HOME", "DAGS_FOLDER"]

#: What needs the database.
_SERVER = frozenset(["AsyncSession", "async_engine", "configure_orm", "engine", "reconfigure_orm"])
_CONFIGURED = {
    "LOG_FORMAT": ("logging", "log_format"),
    "PLUGINS_FOLDER": ("core", "plugins_folder"),
    "SIMPLE_LOG_FORMAT": ("logging", "simple_log_format"),
    "SQL_ALCHEMY_CONN": ("database", "sql_alchemy_conn"),
    "BASE_LOG_FOLDER": ("logging", "base_log_folder"),
}
_FALLBACKS = {
    "PLUGINS_FOLDER": os.path.join(AIRFLOW_HOME, "plugins"),
    "LOG_FORMAT": "%(asctime)s %(levelname)s - %(message)s",
    "SIMPLE_LOG_FORMAT": "%(asctime)s %(levelname)s - %(message)s",
}
_NUMBERS = {"MIN_SERIALIZED_DAG_UPDATE_INTERVAL": 30, "MIN_SERIALIZED_DAG_FETCH_INTERVAL": 10}

STATE_COLORS = {
    "deferred": "mediumpurple",
    "failed": "red",
    "queued": "gray",
    "removed": "lightgrey",
    "restarting": "violet",
    "running": "lime",
    "scheduled": "tan",
    "skipped": "hotpink",
    "success": "green",
    "up_for_reschedule": "turquoise",
    "up_for_retry": "gold",
    "upstream_failed": "orange",
}


def initialize() -> None:
    """Nothing is left to do: importing ``airflow`` is enough."""


def configure_logging() -> None:
    """Nothing is left to do: the process has its log."""


def configure_vars() -> None:
    """Nothing is left to do: settings are read when they are asked for."""


def get_airflow_context_vars(context: Any) -> dict[str, str]:
    """What the installation adds to the environment of tasks."""
    from tradewind import policies

    return {name: value for hook in policies.functions("get_airflow_context_vars") for name, value in hook(context).items()}


def pod_mutation_hook(pod: Any) -> None:
    """Let the installation change a pod."""
    from tradewind import policies

    for hook in policies.functions("pod_mutation_hook"):
        hook(pod)


DAGS_FOLDER = os.path.expanduser(conf.get("core", "dags_folder"))


def __getattr__(name: str) -> Any:
    if name == "TIMEZONE":
        from airflow.sdk import timezone

        return timezone.default_timezone()
    if name in ("NonScopedSession", "Session"):
        globals()[name] = session_class(name, __name__)
        return globals()[name]
    if name in _SERVER:
        return table(name, __name__)
    if name in _CONFIGURED:
        section, key = _CONFIGURED[name]
        return os.path.expanduser(os.path.expandvars(conf.get(section, key, fallback="") or _FALLBACKS.get(name, "")))
    if name in _NUMBERS:
        return conf.getint("core", name.lower(), fallback=_NUMBERS[name])
    if name == "Stats":
        from airflow.stats import Stats

        return Stats
    if name == "json":
        return json
    raise AttributeError(f"module 'airflow.settings' has no attribute {name!r}")
