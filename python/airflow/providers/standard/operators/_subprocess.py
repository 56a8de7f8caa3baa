"""Running a command in a process group of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import Callable
from typing import NamedTuple


class SubprocessResult(NamedTuple):
    """How a command ended: its exit code (negative for a signal) and its output's last line."""

    exit_code: int
    output: str


class CommandRunner:
    """Runs one command at a time and can stop it with everything it has started."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def run(
        self,
        command: list[str],
        env: dict[str, str] | None,
        cwd: str | None,
        encoding: str = "utf-8",
        on_line: Callable[[str], None] | None = None,
    ) -> SubprocessResult:
        """Run ``command``, pass each line of its output to ``on_line`` (else the log), and wait for its end."""
        self.log.info("Running command: %s", command)
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd, env=env, start_new_session=True
        )
        assert self.process.stdout is not None
        show = on_line or (lambda text: self.log.info("%s", text))
        self.log.info("Output:")
        line = ""
        for raw in self.process.stdout:
            line = raw.decode(encoding, errors="backslashreplace").rstrip()
            show(line)
        exit_code = self.process.wait()
        self.log.info("Command exited with return code %s", exit_code)
        return SubprocessResult(exit_code, line)

    def stop(self) -> None:
        """Ask the command's whole process group to end."""
        if self.process is not None and self.process.poll() is None:
            self.log.info("Sending SIGTERM signal to process group")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(os.getpgid(self.process.pid), signal.SIGTERM)
