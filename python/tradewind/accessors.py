"""``var`` and ``conn`` of the template context."""

from __future__ import annotations

from typing import Any

_NOT_GIVEN = object()


class VariableAccessor:
    """``var.value.NAME`` and ``var.json.NAME``; ``.get(name, default)`` does not fail."""

    def __init__(self, deserialize_json: bool) -> None:
        self._deserialize_json = deserialize_json

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        from airflow.sdk import Variable

        return Variable.get(name, deserialize_json=self._deserialize_json)

    def get(self, name: str, default: Any = _NOT_GIVEN, **old: Any) -> Any:
        """The variable, or ``default`` (also spelt ``default_var``) when it does not exist."""
        from airflow.sdk import Variable

        fallback = old.get("default_var") if default is _NOT_GIVEN else default
        return Variable.get(name, default=fallback, deserialize_json=self._deserialize_json)

    def __repr__(self) -> str:
        return f"<variables as {'JSON' if self._deserialize_json else 'text'}>"


class ConnectionAccessor:
    """``conn.NAME``; ``conn.get(name, default)`` does not fail."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Any:
        from airflow.sdk import Connection

        return Connection.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The connection, or ``default`` when it does not exist."""
        from airflow.sdk.exceptions import AirflowNotFoundException

        try:
            return self[name]
        except AirflowNotFoundException:
            return default

    def __repr__(self) -> str:
        return "<connections>"
