"""What installed provider packages say of themselves, read once per process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

from airflow import _entry_points

log = logging.getLogger("airflow.providers_manager")

GROUP = "apache_airflow_provider"
STANDARD = "apache-airflow-providers-standard"
STANDARD_VERSION = "1.21.0"

#: Our own standard provider; it is used even where the one from PyPI is installed as well.
_OWN: dict[str, Any] = {
    "package-name": STANDARD,
    "name": "Standard",
    "description": "Operators, sensors, hooks and decorators that come with Tradewind",
    "connection-types": [
        {
            "connection-type": "fs",
            "hook-class-name": "airflow.providers.standard.hooks.filesystem.FSHook",
            "hook-name": "File (path)",
            "conn-fields": {"path": {"label": "Path", "schema": {"type": ["string", "null"]}}},
            "ui-field-behaviour": {"hidden-fields": ["host", "schema", "port", "login", "password", "extra"]},
        },
        {
            "connection-type": "package_index",
            "hook-class-name": "airflow.providers.standard.hooks.package_index.PackageIndexHook",
            "hook-name": "Package Index (Python)",
            "ui-field-behaviour": {
                "hidden-fields": ["schema", "port", "extra"],
                "relabeling": {"host": "Package Index URL"},
                "placeholders": {"host": "Example: https://my-package-mirror.net/pypi/repo-name/simple"},
            },
        },
    ],
    "extra-links": [
        "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunLink",
        "airflow.providers.standard.sensors.external_task.ExternalDagLink",
    ],
    "task-decorators": [],
}


@cache
def infos() -> dict[str, dict[str, Any]]:
    """Each package's description of itself by the name of the package; one that cannot be read is left out, with a line in the log."""
    found = {STANDARD: _OWN}
    for _, value in _entry_points.entry_points(GROUP):
        if value.startswith("airflow.providers.standard."):
            continue
        try:
            describe: Any = _entry_points.load(value)
            info = describe()
            found[info["package-name"]] = info
        except Exception as error:
            log.warning("The provider package behind %s is left out: %s: %s", value, type(error).__name__, error)
    return dict(sorted(found.items()))


def entries(key: str) -> Iterator[tuple[str, Any]]:
    """All entries of one kind (``extra-links``, ``notifications`` ...), each with the package that has it."""
    for package, info in infos().items():
        for item in info.get(key) or ():
            yield package, item


def connection_types() -> dict[str, tuple[str, dict[str, Any]]]:
    """Package and description of each type of connection; packages of before 2.2 list only the classes of their hooks."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for package, item in entries("connection-types"):
        found.setdefault(item["connection-type"], (package, item))
    return found
