"""The base of hooks: clients of other systems, configured by a connection."""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk.definitions.connection import Connection
from airflow.utils.log.logging_mixin import LoggingMixin


class BaseHook(LoggingMixin):
    """Subclasses implement :meth:`get_conn`."""

    def __init__(self, source: Any = None, logger_name: str | None = None) -> None:
        super().__init__()
        self._logger_name = logger_name

    @property
    def log(self) -> logging.Logger:
        """The logger of the hook."""
        name = getattr(self, "_logger_name", None) or f"{type(self).__module__}.{type(self).__qualname__}"
        return logging.getLogger(f"airflow.task.hooks.{name}")

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """The connection of this id."""
        return Connection.get(conn_id)

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """The connection of this id in a list, as 1.10 has it."""
        return [Connection.get(conn_id)]

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook for a connection, by its type."""
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    def get_conn(self) -> Any:
        """The client itself."""
        raise NotImplementedError(f"{type(self).__name__} does not implement get_conn()")
