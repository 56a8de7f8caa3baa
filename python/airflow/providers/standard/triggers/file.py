"""Waiting for files."""

from __future__ import annotations

import asyncio
import glob
import os
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent


class FileTrigger(BaseTrigger):
    """Fires when a file, or a folder that holds one, fits ``filepath``."""

    def __init__(self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **_: Any) -> None:
        super().__init__()
        self.filepath, self.recursive, self.poke_interval = filepath, recursive, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments."""
        arguments = {"filepath": self.filepath, "recursive": self.recursive, "poke_interval": self.poke_interval}
        return f"{__name__}.{type(self).__name__}", arguments

    def _found(self) -> bool:
        for path in glob.glob(self.filepath, recursive=self.recursive):
            if os.path.isfile(path) or any(files for _, _, files in os.walk(path)):
                return True
        return False

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every ``poke_interval`` seconds."""
        while not self._found():
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent(True)


class DirectoryFileDeleteTrigger(BaseEventTrigger):
    """Fires for each file that fits ``filename`` (a pattern) in a folder, and removes it."""

    def __init__(self, *, directory: str, filename: str = "*", poke_interval: float = 5.0, **_: Any) -> None:
        super().__init__()
        self.directory, self.filename, self.poke_interval = directory, filename, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments."""
        names = ("directory", "filename", "poke_interval")
        return f"{__name__}.{type(self).__name__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every ``poke_interval`` seconds."""
        while True:
            for path in sorted(glob.glob(os.path.join(self.directory, self.filename))):
                if os.path.isfile(path):
                    os.remove(path)
                    yield TriggerEvent({"file": path})
            await asyncio.sleep(self.poke_interval)


class FileDeleteTrigger(BaseEventTrigger):
    """Fires when a file is there, and removes it."""

    def __init__(self, filepath: str, poke_interval: float = 5.0, **_: Any) -> None:
        super().__init__()
        self.filepath, self.poke_interval = filepath, poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments."""
        return f"{__name__}.{type(self).__name__}", {"filepath": self.filepath, "poke_interval": self.poke_interval}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every ``poke_interval`` seconds."""
        while not os.path.isfile(self.filepath):
            await asyncio.sleep(self.poke_interval)
        os.remove(self.filepath)
        yield TriggerEvent(True)
