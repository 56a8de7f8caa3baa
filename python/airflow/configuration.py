"""Read access to the configuration for DAG files and operators.

The process side installs the merged values (:meth:`Configuration.install`); environment variables ``AIRFLOW__SECTION__KEY``
win over them, so a DAG file run by hand sees the same.
"""

from __future__ import annotations

import json
import os
from typing import Any

from airflow.sdk.exceptions import AirflowConfigException

_UNSET = object()

_DEFAULTS = {
    "core.default_timezone": "utc",
    "core.dags_folder": os.path.join("~", "tradewind", "dags"),
    "core.max_active_tasks_per_dag": "16",
    "core.max_active_runs_per_dag": "16",
    "core.max_consecutive_failed_dag_runs_per_dag": "0",
    "core.default_task_retries": "0",
    "core.default_task_retry_delay": "300",
    "core.max_task_retry_delay": "86400",
    "core.default_task_weight_rule": "downstream",
    "core.default_task_execution_timeout": "",
    "core.default_pool_task_slot_count": "128",
    "core.max_map_length": "1024",
    "core.dag_run_conf_overrides_params": "True",
    "core.load_examples": "False",
    "core.unit_test_mode": "False",
    "core.executor": "LocalExecutor",
    "core.parallelism": "32",
    "core.default_impersonation": "",
    "operators.default_owner": "airflow",
    "operators.default_queue": "default",
    "operators.default_deferrable": "False",
    "email.default_email_on_retry": "True",
    "email.default_email_on_failure": "True",
    "scheduler.catchup_by_default": "False",
    "scheduler.create_cron_data_intervals": "False",
    "kubernetes.namespace": "default",
    "kubernetes_executor.namespace": "default",
    "sensors.default_timeout": "604800",
    "smtp.smtp_host": "localhost",
    "smtp.smtp_port": "25",
    "logging.base_log_folder": os.path.join("~", "tradewind", "logs"),
}


class Configuration:
    """Settings by section and key, as text."""

    def __init__(self) -> None:
        self._base: dict[str, str] | None = None
        self._installed: dict[str, str] = {}

    def install(self, values: dict[str, str]) -> None:
        """Put these before the values of the process's configuration file; keys are ``section.key``."""
        self._installed = {name.lower(): str(value) for name, value in values.items()}

    def _find(self, section: str, key: str) -> str | None:
        name = f"{section}.{key}".lower()
        variable = f"AIRFLOW__{section.replace('.', '_').upper()}__{key.upper()}"
        for source in (os.environ.get(variable), self._installed.get(name), self._merged().get(name), _DEFAULTS.get(name)):
            if source is not None:
                return source
        return None

    def _merged(self) -> dict[str, str]:
        """What the program merged from airflow.cfg, environment and flags, as JSON in a file it names; read once."""
        if self._base is None:
            path = os.environ.get("TRADEWIND_CONFIG_FILE")
            try:
                with open(path or os.devnull, encoding="utf-8") as file:
                    self._base = json.loads(file.read() or "{}")
            except OSError:
                self._base = {}
        return self._base

    def get(self, section: str, key: str, fallback: Any = _UNSET, **_: Any) -> Any:
        """The text of a setting, or ``fallback``; without one a missing setting is an ``AirflowConfigException``."""
        value = self._find(section, key)
        if value is not None:
            return value
        if fallback is _UNSET:
            raise AirflowConfigException(f"section/key [{section}/{key}] not found in config")
        return fallback

    def _convert(self, section: str, key: str, fallback: Any, convert: Any, what: str) -> Any:
        value = self.get(section, key, fallback=fallback)
        if value is fallback:
            return fallback
        try:
            return convert(value)
        except ValueError:
            raise AirflowConfigException(f"[{section}] {key} = {value!r} is not {what}") from None

    def getboolean(self, section: str, key: str, fallback: Any = _UNSET, **_: Any) -> bool:
        """A setting as true or false."""
        return bool(self._convert(section, key, fallback, _to_bool, "a boolean (True or False)"))

    def getint(self, section: str, key: str, fallback: Any = _UNSET, **_: Any) -> int:
        """A setting as a whole number."""
        return self._convert(section, key, fallback, int, "a whole number")  # type: ignore[no-any-return]

    def getfloat(self, section: str, key: str, fallback: Any = _UNSET, **_: Any) -> float:
        """A setting as a number."""
        return self._convert(section, key, fallback, float, "a number")  # type: ignore[no-any-return]

    def getlist(self, section: str, key: str, fallback: Any = _UNSET, delimiter: str = ",", **_: Any) -> list[str]:
        """A setting as a list of texts."""
        value = self.get(section, key, fallback=fallback)
        return value if value is fallback else [part.strip() for part in value.split(delimiter) if part.strip()]

    def getjson(self, section: str, key: str, fallback: Any = _UNSET, **_: Any) -> Any:
        """A setting read as JSON."""
        return self._convert(section, key, fallback, json.loads, "JSON")

    def gettimedelta(self, section: str, key: str, fallback: Any = None, **_: Any) -> Any:
        """A setting in seconds as a ``timedelta``; empty means ``fallback``."""
        from datetime import timedelta

        value = self._find(section, key)
        if not value:
            return fallback
        try:
            return timedelta(seconds=int(value))
        except ValueError:
            raise AirflowConfigException(f"[{section}] {key} = {value!r} is not a number of seconds") from None

    def getimport(self, section: str, key: str, **_: Any) -> Any:
        """The object whose dotted path a setting names, or ``None`` when it is empty."""
        path = self.get(section, key, fallback="")
        if not path:
            return None
        from airflow.utils.module_loading import import_string

        return import_string(path)

    def has_option(self, section: str, option: str, **_: Any) -> bool:
        """Whether a setting has a value."""
        return self._find(section, option) is not None

    def getsection(self, section: str, **_: Any) -> dict[str, Any] | None:
        """All known settings of one section."""
        prefix = f"{section}.".lower()
        keys = {name[len(prefix) :] for name in (*_DEFAULTS, *self._installed) if name.startswith(prefix)}
        return {key: self._find(section, key) for key in sorted(keys)} or None


def _to_bool(value: str) -> bool:
    text = str(value).split("#")[0].strip().lower()
    if text in ("t", "true", "1", "yes", "on"):
        return True
    if text in ("f", "false", "0", "no", "off"):
        return False
    raise ValueError(value)


conf = Configuration()

get = conf.get
getboolean = conf.getboolean
getfloat = conf.getfloat
getint = conf.getint
getsection = conf.getsection
has_option = conf.has_option


def get_airflow_home() -> str:
    """The home folder: ``TRADEWIND_HOME``, else ``AIRFLOW_HOME``, else ``~/tradewind``."""
    home = os.environ.get("TRADEWIND_HOME") or os.environ.get("AIRFLOW_HOME") or os.path.join("~", "tradewind")
    return os.path.expanduser(os.path.expandvars(home))


AIRFLOW_HOME = get_airflow_home()
