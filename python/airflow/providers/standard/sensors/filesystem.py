"""Waiting for a file."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import Any

from airflow.providers.standard.hooks.filesystem import FSHook
from airflow.sdk.bases.sensor import BaseSensorOperator


class FileSensor(BaseSensorOperator):
    """Waits for a file, or for a folder that holds one; the path is a glob below the connection's path."""

    template_fields: Sequence[str] = ("filepath", "fs_conn_id")
    ui_color = "#91818a"

    def __init__(
        self,
        *,
        filepath: Any,
        fs_conn_id: str = "fs_default",
        recursive: bool = False,
        deferrable: bool = False,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        self.deferrable = deferrable

    @property
    def path(self) -> str:
        """The whole path."""
        return os.path.join(FSHook(self.fs_conn_id).get_path(), os.fspath(self.filepath))

    def poke(self, context: Any) -> bool:
        """Whether the file is there."""
        self.log.info("Poking for file %s", self.path)
        for found in glob.glob(self.path, recursive=self.recursive):
            if os.path.isfile(found):
                self.log.info("Found file %s", found)
                return True
            if any(files for _, _, files in os.walk(found)):
                return True
        return False
