"""Waiting for a command to succeed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from airflow.providers.standard.operators._subprocess import CommandRunner
from airflow.sdk.bases.sensor import BaseSensorOperator
from airflow.sdk.exceptions import AirflowFailException


class BashSensor(BaseSensorOperator):
    """Runs a bash command until it exits with 0."""

    template_fields: Sequence[str] = ("bash_command", "env")

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code

    @cached_property
    def _runner(self) -> CommandRunner:
        return CommandRunner(self.log)

    def poke(self, context: Any) -> bool:
        """Run the command once; with ``retry_exit_code`` any other failure is final."""
        command = [shutil.which("bash") or "bash", "-c", self.bash_command]
        env = dict(os.environ) if self.env is None else self.env
        with tempfile.TemporaryDirectory(prefix="airflowtmp") as folder:
            result = self._runner.run(command, env, folder, self.output_encoding)
        if result.exit_code == 0:
            return True
        if self.retry_exit_code is not None and result.exit_code != self.retry_exit_code:
            raise AirflowFailException(f"Command exited with return code {result.exit_code}")
        self.log.info("Non-zero return code %s: retrying later", result.exit_code)
        return False

    def on_kill(self) -> None:
        """Stop the command."""
        self._runner.stop()
