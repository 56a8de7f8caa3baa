"""The attempt process: one attempt of one task (or one callback request), then ``os._exit``."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import select
import signal
import sys
from typing import Any

from airflow._runtime import set_runtime
from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowException
from tradewind import interrupts, logs, outcome, process
from tradewind.execute import Execution
from tradewind.frames import Connection, FrameError
from tradewind.runtime import SocketRuntime

log = logging.getLogger("airflow.task")

#: How long a task may clean up after its worker has gone, seconds; then the kernel ends it.
GONE_GRACE = 5


class TaskKilled(AirflowException):
    """The task process got SIGTERM."""


def run(start: dict[str, Any], dags: dict[str, Any] | None) -> None:
    """Body of a freshly forked attempt process. ``dags`` are those of the loaded file, ``None`` when it must be loaded here."""
    os.setsid()
    connection = process.connect("attempt", start["attempt_id"])
    process.detach_input()
    os.environ.update({name: str(value) for name, value in (start.get("env") or {}).items()})
    conf.install(start.get("config") or {})
    logs.install(conf.get("logging", "logging_level", fallback="INFO").upper())
    own_pid = os.getpid()
    runtime = SocketRuntime(connection)
    runtime.prefetch(start["dag_id"], start["run_id"], start.get("xcom") or {})
    set_runtime(runtime)
    execution: Execution | None = None
    try:
        dag = _dag(start, dags)
        execution = Execution(start, dag, runtime)
        _watch(connection, execution)
        result = execution.run()
    except BaseException as error:
        # Not the task's fault in most cases (file gone, DAG gone): retried when retries are left.
        result = outcome.failure(error)
        if execution is not None:
            execution.error = error
    if os.getpid() != own_pid:
        # The task forked and came back from execute() twice; the connection belongs to the first of the two.
        os._exit(0)
    _end(runtime, execution, result)


def _dag(start: dict[str, Any], dags: dict[str, Any] | None) -> Any:
    if dags is None:
        from tradewind import loader

        loaded = loader.load(start["path"], start["dags_folder"])
        dags = loaded.dags
        for error in loaded.errors:
            raise AirflowException(f"DAG file {error.filename} cannot be loaded:\n{error.stacktrace}")
    dag = dags.get(start["dag_id"])
    if dag is None:
        raise AirflowException(f"DAG {start['dag_id']!r} is not in {start.get('path')}; the file has {sorted(dags) or 'no DAG'}")
    return dag


def _end(runtime: SocketRuntime, execution: Execution | None, result: dict[str, Any]) -> None:
    """Report, then run the callbacks of the state that the answer names."""
    interrupts.forget()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    if execution is not None and not execution.heeds(result["state"]):
        result["ack"] = False
    try:
        ack = _report(runtime, execution, result)
    except OSError as error:
        log.error("The result could not be reported: %s", error)
        return
    if ack is not None and execution is not None and ack.get("accepted", True):
        execution.after(str(ack.get("state")))


def _report(runtime: SocketRuntime, execution: Execution | None, result: dict[str, Any]) -> Any:
    try:
        return runtime.finish(result)
    except FrameError as error:
        # The return value is too large for a frame.
        if execution is not None:
            execution.error = error
        return runtime.finish(outcome.failure(error))


def _watch(connection: Connection, execution: Execution) -> None:
    """End the task by SIGTERM, and when the worker has gone: an attempt without its worker must not go on (it is fenced)."""

    def terminated() -> None:
        log.error("The task process got SIGTERM")
        execution.kill()
        raise TaskKilled("The task process got SIGTERM")

    interrupts.on(signal.SIGTERM, terminated)
    interrupts.on(signal.SIGIO, lambda: _check_gone(connection))
    signal.siginterrupt(signal.SIGIO, False)
    fd = connection.fileno()
    fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)


def _check_gone(connection: Connection) -> None:
    """SIGIO says that something happened on the connection; only its end matters here."""
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN | select.POLLRDHUP)
    events = poller.poll(0)
    if not any(event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR) for _, event in events):
        return
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, GONE_GRACE)
    os.kill(os.getpid(), signal.SIGTERM)
