"""The file system of the worker."""

from __future__ import annotations

from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.definitions.connection import ConnectionNotFound


class FSHook(BaseHook):
    """A folder named by a connection of type ``fs``: the ``path`` of its extra."""

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: str) -> None:
        super().__init__(**kwargs)
        self.fs_conn_id = fs_conn_id
        try:
            self.basepath = self.get_connection(fs_conn_id).extra_dejson.get("path", "")
        except ConnectionNotFound:
            # The default connection need not be defined: paths then count from the root.
            if fs_conn_id != self.default_conn_name:
                raise
            self.basepath = "/"

    def get_conn(self) -> None:
        """Nothing: files need no client."""

    def get_path(self) -> str:
        """The folder."""
        return str(self.basepath)
