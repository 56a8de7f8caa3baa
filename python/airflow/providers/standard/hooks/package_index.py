"""Indexes of Python packages as connections."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.sdk.bases.hook import BaseHook


class PackageIndexHook(BaseHook):
    """The URL of a package index, with user and password."""

    conn_name_attr = "pi_conn_id"
    default_conn_name = "package_index_default"
    conn_type = "package_index"
    hook_name = "Package Index (Python)"

    def __init__(self, pi_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pi_conn_id = pi_conn_id

    def get_connection_url(self) -> str:
        """The URL for pip."""
        connection = self.get_connection(self.pi_conn_id)
        host = connection.host or ""
        parts = urlsplit(host if "://" in host else f"https://{host}")
        user = quote(connection.login or "", safe="")
        if connection.password:
            user += f":{quote(connection.password, safe='')}"
        return parts._replace(netloc=f"{user}@{parts.netloc}" if user else parts.netloc).geturl()

    def get_conn(self) -> str:
        """The URL for pip."""
        return self.get_connection_url()
