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
    "logging.logging_level": "INFO",
    "logging.remote_logging": "False",
    "logging.remote_base_log_folder": "",
    "logging.remote_log_conn_id": "",
    "logging.encrypt_s3_logs": "False",
    "core.dag_discovery_safe_mode": "True",
    "core.dags_are_paused_at_creation": "True",
    "core.execution_api_server_url": "",
    "core.fernet_key": "",
    "core.hostname_callable": "airflow.utils.net.getfqdn",
    "core.killed_task_cleanup_time": "60",
    "core.security": "",
    "core.xcom_backend": "airflow.sdk.execution_time.xcom.BaseXCom",
    "api.base_url": "http://localhost:8080",
    "api.secret_key": "",
    "webserver.dag_orientation": "LR",
    "database.sql_alchemy_conn": "",
    "database.sql_alchemy_schema": "",
    "celery.worker_concurrency": "16",
    "celery.broker_url": "",
    "celery.result_backend": "",
    "email.email_backend": "airflow.utils.email.send_email_smtp",
    "email.from_email": "",
    "smtp.smtp_mail_from": "airflow@example.com",
    "metrics.statsd_on": "False",
    "secrets.backend": "",
    "secrets.backend_kwargs": "",
    "scheduler.child_process_log_directory": os.path.join("~", "tradewind", "logs", "scheduler"),
    "scheduler.dag_dir_list_interval": "300",
    "scheduler.min_file_process_interval": "30",
    "kubernetes_executor.worker_container_repository": "",
    "kubernetes_executor.worker_container_tag": "",
    "kubernetes_executor.delete_worker_pods": "True",
    "kubernetes_executor.in_cluster": "True",
    "kubernetes_executor.pod_template_file": "",
}

#: Where settings were in 1.10 and 2.x, and where they are.
_MOVED = {
    **{
        f"core.{key}": f"logging.{key}"
        for key in (
            "base_log_folder",
            "logging_level",
            "remote_logging",
            "remote_base_log_folder",
            "remote_log_conn_id",
            "encrypt_s3_logs",
            "log_format",
            "simple_log_format",
            "logging_config_class",
        )
    },
    "core.sql_alchemy_conn": "database.sql_alchemy_conn",
    "core.sql_alchemy_schema": "database.sql_alchemy_schema",
    "core.dag_concurrency": "core.max_active_tasks_per_dag",
    "core.non_pooled_task_slot_count": "core.default_pool_task_slot_count",
    "webserver.secret_key": "api.secret_key",
    "webserver.base_url": "api.base_url",
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
        moved = _MOVED.get(name) or (f"kubernetes_executor.{name[11:]}" if name.startswith("kubernetes.") else None)
        if moved is None:
            return None
        section, _, key = moved.partition(".")
        return self._find(section, key)

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

    def getlist_or_none(self, section: str, key: str) -> list[str] | None:
        """A setting as a list of texts, ``None`` when it is not set."""
        return self.getlist(section, key) if self.has_option(section, key) else None

    def getmandatorylist(self, section: str, key: str, **kwargs: Any) -> list[str]:
        """A setting as a list; an error when it is not set."""
        return self.getlist(section, key)

    def get_mandatory_value(self, section: str, key: str, **_: Any) -> str:
        """The text of a setting; an error when it is not set."""
        return str(self.get(section, key))

    get_mandatory_list_value = getmandatorylist

    def getenum(self, section: str, key: str, enum_class: Any, **kwargs: Any) -> Any:
        """A setting as a member of an enumeration."""
        value = self.get(section, key, **kwargs)
        try:
            return enum_class[value]
        except KeyError:
            raise AirflowConfigException(
                f"[{section}] {key} = {value!r} has to be one of {', '.join(enum_class.__members__)}"
            ) from None

    def set(self, section: str, option: str, value: str) -> None:
        """Change a setting for this process."""
        self._installed[f"{section}.{option}".lower()] = value

    def remove_option(self, section: str, option: str, **_: Any) -> None:
        """Forget a change made by :meth:`set`."""
        self._installed.pop(f"{section}.{option}".lower(), None)

    def sections(self) -> list[str]:
        """The sections that have settings."""
        return sorted(self.as_dict())

    def has_section(self, section: str) -> bool:
        """Whether a section has settings."""
        return section.lower() in self.as_dict()

    def options(self, section: str) -> list[str]:
        """The keys of a section."""
        return sorted(self.getsection(section) or ())

    def as_dict(self, *_: Any, **__: Any) -> dict[str, dict[str, Any]]:
        """All known settings by section."""
        found: dict[str, dict[str, Any]] = {}
        for name in (*_DEFAULTS, *self._merged(), *self._installed):
            section, _dot, key = name.rpartition(".")
            found.setdefault(section, {})[key] = self._find(section, key)
        return found

    def getsection(self, section: str, **_: Any) -> dict[str, Any] | None:
        """All known settings of one section."""
        prefix = f"{section}.".lower()
        keys = {name[len(prefix) :] for name in (*_DEFAULTS, *self._merged(), *self._installed) if name.startswith(prefix)}
        return {key: self._find(section, key) for key in sorted(keys)} or None


def _to_bool(value: str) -> bool:
    text = str(value).split("#")[0].strip().lower()
    if text in ("t", "true", "1", "yes", "on"):
        return True
    if text in ("f", "false", "0", "no", "off"):
        return False
    raise ValueError(value)


conf = Configuration()

AirflowConfigParser = Configuration

as_dict = conf.as_dict
get = conf.get
getboolean = conf.getboolean
getfloat = conf.getfloat
getint = conf.getint
getlist = conf.getlist
getsection = conf.getsection
has_option = conf.has_option


def get_airflow_home() -> str:
    """The home folder: ``TRADEWIND_HOME``, else ``AIRFLOW_HOME``, else ``~/tradewind``."""
    home = os.environ.get("TRADEWIND_HOME") or os.environ.get("AIRFLOW_HOME") or os.path.join("~", "tradewind")
    return os.path.expanduser(os.path.expandvars(home))


def get_airflow_config(airflow_home: str | None = None) -> str:
    """The path of the configuration file: ``AIRFLOW_CONFIG``, else ``airflow.cfg`` in the home folder."""
    path = os.environ.get("AIRFLOW_CONFIG") or os.path.join(airflow_home or get_airflow_home(), "airflow.cfg")
    return os.path.expanduser(os.path.expandvars(path))


AIRFLOW_HOME = get_airflow_home()
AIRFLOW_CONFIG = get_airflow_config(AIRFLOW_HOME)
