"""Waiting for a file."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from typing import Any

from airflow.providers.standard.hooks.filesystem import FSHook
from airflow.sdk.bases.sensor import BaseSensorOperator, deferrable_or_default
from airflow.sdk.exceptions import AirflowException


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
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        # The path below its connection is known when the task runs: its attempt defers at once.
        self.deferrable = start_from_trigger or deferrable_or_default(deferrable)
        self.trigger_kwargs = trigger_kwargs or {}

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

    def execute(self, context: Any) -> Any:
        """Poke, or wait in a trigger unless the file is there."""
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return None
        from airflow.providers.standard.triggers.file import FileTrigger

        arguments = {"filepath": self.path, "recursive": self.recursive, "poke_interval": self.poke_interval}
        trigger = FileTrigger(**{**arguments, **self.trigger_kwargs})
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=self.trigger_timeout())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The file is there."""
        if not event:
            raise AirflowException(f"{self.task_id} task failed as {self.filepath} was not found.")
        self.log.info("%s completed successfully as %s found.", self.task_id, self.filepath)
