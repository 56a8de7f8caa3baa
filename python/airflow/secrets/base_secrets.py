"""The base of secrets backends."""

from __future__ import annotations

from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin


class BaseSecretsBackend(LoggingMixin):
    """Subclasses say where a variable, a connection or a setting is; ``None`` when they do not know."""

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """The name of a secret below a prefix."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str, *args: Any, **kwargs: Any) -> str | None:
        """A connection as a URI or as JSON."""
        return None

    def get_conn_uri(self, conn_id: str) -> str | None:
        """A connection as a URI, as old backends say it."""
        return None

    def deserialize_connection(self, conn_id: str, value: str) -> Any:
        """A connection from its URI or JSON."""
        from airflow.sdk.definitions.connection import Connection

        text = value.strip()
        return Connection.from_json(text, conn_id) if text.startswith("{") else Connection.from_uri(text, conn_id)

    def get_connection(self, conn_id: str, *args: Any, **kwargs: Any) -> Any:
        """A connection."""
        value = self.get_conn_value(conn_id) or self.get_conn_uri(conn_id)
        return self.deserialize_connection(conn_id, value) if value else None

    def get_connections(self, conn_id: str) -> list[Any]:
        """A connection in a list, as 1.10 has it."""
        found = self.get_connection(conn_id)
        return [found] if found else []

    def get_variable(self, key: str, *args: Any, **kwargs: Any) -> str | None:
        """A variable's text."""
        return None

    def get_config(self, key: str) -> str | None:
        """A setting's text."""
        return None
