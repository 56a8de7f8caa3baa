"""Variables and connections in files: JSON, YAML, or ``KEY=value`` lines."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow.sdk.definitions.connection import Connection
from airflow.sdk.exceptions import AirflowException
from airflow.secrets.base_secrets import BaseSecretsBackend


def _parse(path: str) -> dict[str, Any]:
    if not os.path.exists(path):
        raise AirflowException(f"File {path} was not found. Check the configuration of your secrets backend.")
    extension = os.path.splitext(path)[1].lower().lstrip(".")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        if extension == "json":
            found = json.loads(text or "{}")
        elif extension in ("yaml", "yml"):
            from airflow.sdk import yaml

            found = yaml.safe_load(text) or {}
        elif extension == "env":
            found = _lines(text, path)
        else:
            raise AirflowException(f"{path}: the extension has to be json, yaml, yml or env, not {extension!r}")
    except ValueError as error:
        raise AirflowException(f"Failed to load the secrets file {path}: {error}") from error
    if not isinstance(found, dict):
        raise AirflowException(f"The file {path} has to hold an object of names and values")
    return found


def _lines(text: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise AirflowException(f"{path}:{number}: a line has to be KEY=value, not {line!r}")
        found[name.strip()] = value.strip()
    return found


def _one(name: str, value: Any, path: str) -> Any:
    values = value if isinstance(value, list) else [value]
    if len(values) != 1:
        raise AirflowException(f"{path}: {name!r} has {len(values)} values; it has to have one")
    return values[0]


def load_variables(file_path: str) -> dict[str, str]:
    """The variables of a file."""
    found = {name: _one(name, value, file_path) for name, value in _parse(file_path).items()}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}


def load_connections_dict(file_path: str) -> dict[str, Connection]:
    """The connections of a file by id."""
    return {name: _connection(name, _one(name, value, file_path)) for name, value in _parse(file_path).items()}


def _connection(conn_id: str, value: Any) -> Connection:
    if isinstance(value, str):
        return BaseSecretsBackend().deserialize_connection(conn_id, value)  # type: ignore[no-any-return]
    if not isinstance(value, dict):
        raise AirflowException(f"connection {conn_id!r} has to be a URI or an object of fields, not {type(value).__name__}")
    fields = dict(value)
    extra = fields.pop("extra_dejson", None)
    if extra is not None:
        fields["extra"] = extra
    if fields.pop("conn_id", conn_id) != conn_id:
        raise AirflowException(f"connection {conn_id!r} names another conn_id inside")
    try:
        return Connection(conn_id=conn_id, **fields)
    except TypeError as error:
        raise AirflowException(f"connection {conn_id!r} has a field that connections do not have: {error}") from None


class LocalFilesystemBackend(BaseSecretsBackend):
    """Reads ``variables_file_path`` and ``connections_file_path``, each time it is made."""

    def __init__(self, variables_file_path: str | None = None, connections_file_path: str | None = None) -> None:
        super().__init__()
        self.variables_file = variables_file_path
        self.connections_file = connections_file_path
        self._variables = load_variables(variables_file_path) if variables_file_path else {}
        self._connections = load_connections_dict(connections_file_path) if connections_file_path else {}

    def get_connection(self, conn_id: str, *args: Any, **kwargs: Any) -> Any:
        """The connection of the file."""
        return self._connections.get(conn_id)

    def get_variable(self, key: str, *args: Any, **kwargs: Any) -> str | None:
        """The variable of the file."""
        return self._variables.get(key)
