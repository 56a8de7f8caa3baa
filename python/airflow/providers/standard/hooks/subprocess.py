"""Running commands from hooks."""

from __future__ import annotations

import tempfile
from typing import Any

from airflow.providers.standard.operators._subprocess import CommandRunner, SubprocessResult
from airflow.sdk.bases.hook import BaseHook

__all__ = ["SubprocessHook", "SubprocessResult"]


class SubprocessHook(BaseHook):
    """Runs a command in a process group of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._runner = CommandRunner(self.log)

    @property
    def sub_process(self) -> Any:
        """The running process."""
        return self._runner.process

    def run_command(
        self, command: list[str], env: dict[str, str] | None = None, output_encoding: str = "utf-8", cwd: str | None = None
    ) -> SubprocessResult:
        """Run ``command`` to its end, in a temporary folder unless ``cwd`` is given."""
        with tempfile.TemporaryDirectory(prefix="airflowtmp") as folder:
            return self._runner.run(command, env, cwd or folder, output_encoding)

    def send_sigterm(self) -> None:
        """Stop the command."""
        self._runner.stop()
