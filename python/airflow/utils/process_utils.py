"""Other programs and their environment."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)

DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM = 60


@contextmanager
def patch_environ(new_env_variables: dict[str, str]) -> Iterator[None]:
    """Environment variables for the time of a block."""
    before = {name: os.environ.get(name) for name in new_env_variables}
    os.environ.update(new_env_variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def execute_in_subprocess(cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None) -> None:
    """Run a program; its output goes to the log, and a code other than 0 is an error."""
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd, env=env)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: Any) -> None:
    """The same, with more arguments for ``subprocess.Popen``."""
    log.info("Executing cmd: %s", shlex.join(cmd))
    with subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=True, **kwargs) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.info("%s", line.decode(errors="replace").rstrip())
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, cmd)


def set_new_process_group() -> None:
    """Make this process the leader of a group, unless it leads a session already."""
    if os.getpid() != os.getsid(0):
        os.setpgid(0, 0)


def reap_process_group(
    process_group_id: int, logger: Any, sig: int = signal.SIGTERM, timeout: int = DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM
) -> dict[int, int]:
    """Send ``sig`` to a group of child processes, and SIGKILL after ``timeout``; the codes by process id."""
    import time

    codes: dict[int, int] = {}
    for number, wait in ((sig, timeout), (signal.SIGKILL, 5)):
        try:
            os.killpg(process_group_id, number)
        except ProcessLookupError:
            return codes
        ends = time.monotonic() + wait
        while time.monotonic() < ends:
            try:
                pid, status = os.waitpid(-process_group_id, os.WNOHANG)
            except ChildProcessError:
                return codes
            if pid:
                codes[pid] = os.waitstatus_to_exitcode(status)
            else:
                time.sleep(0.02)
        logger.warning("process group %s did not end on %s", process_group_id, signal.Signals(number).name)
    return codes
