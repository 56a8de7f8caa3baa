"""The template process: has imported one DAG file and forks its attempts."""

from __future__ import annotations

import gc
import os
import stat
import threading
import time
from typing import Any

from airflow._runtime import RuntimeCallError, set_runtime
from airflow.configuration import conf
from tradewind import attempt, expand, loader, logs, process, rendering
from tradewind.frames import Frame
from tradewind.nursery import Nursery
from tradewind.runtime import Runtime


class NoLookups(Runtime):
    """Notes that a file asks for something, and refuses."""

    method: str | None = None

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Refuse."""
        self.method = self.method or f"{method} {params.get('key') or params.get('conn_id') or ''}".strip()
        raise RuntimeCallError("unavailable", f"{method} is answered only in an attempt")

    def tell(self, method: str, params: dict[str, Any]) -> None:
        """Nothing."""


def run(frame: Frame) -> None:
    """Body of a freshly forked template process; ends when told to, or when the Rust side has gone."""
    connection = process.connect("template", frame["id"])
    process.detach_input()
    apply_environment(frame)
    logs.install(conf.get("logging", "logging_level", fallback="INFO").upper())
    before = socket_fds()
    began = time.monotonic()
    asked = NoLookups()
    set_runtime(asked)
    loaded = loader.load(frame["path"], frame["dags_folder"])
    set_runtime(None)
    if asked.method:
        # Its values may change, and they belong to an attempt: each attempt loads the file itself.
        message = f"the file asks for {asked.method} while it is loaded"
        connection.send({"type": "load_failed", "id": frame["id"], "stacktrace": message})
        return
    if loaded.errors:
        connection.send({"type": "load_failed", "id": frame["id"], "stacktrace": loaded.errors[0].stacktrace})
        return
    warm(loaded.dags)
    reason = unsafe_reason(before)
    answer = {"type": "loaded", "id": frame["id"], "dag_ids": list(loaded.dags), "safe": reason is None}
    answer["seconds"] = time.monotonic() - began
    if reason is not None:
        answer["reason"] = reason
    gc.collect()
    gc.freeze()
    nursery = Nursery(connection)
    connection.send(answer)

    def handle(request: Frame) -> bool:
        if request["type"] == "run":
            start = request["attempt"]
            nursery.spawn(start["attempt_id"], lambda: attempt.run(start, loaded.dags))
            return True
        return bool(request["type"] != "shutdown")

    nursery.serve(handle)


def apply_environment(frame: dict[str, Any]) -> None:
    """Environment and configuration that a command brought along."""
    os.environ.update({name: str(value) for name, value in (frame.get("env") or {}).items()})
    conf.install(frame.get("config") or {})


def warm(dags: dict[str, Any]) -> None:
    """Compute once what every attempt would compute again after its fork."""
    for dag in dags.values():
        expand.mapped_sources(dag)
        if dag.tasks:
            rendering.environment(dag.tasks[0])
        for task in dag.tasks:
            # Makes the logger of its class.
            getattr(task, "log", None)


def socket_fds() -> set[int]:
    """Open sockets of this process."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.add(int(name))
        except OSError:
            continue
    return found


def unsafe_reason(known_sockets: set[int]) -> str | None:
    """Why this process must not be forked: threads and connections do not survive it."""
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        names = sorted(t.name for t in threading.enumerate() if t is not threading.main_thread())
        return f"the file started {threads - 1} thread(s) while it was imported" + (f": {', '.join(names)}" if names else "")
    opened = socket_fds() - known_sockets
    if opened:
        return f"the file opened {len(opened)} socket(s) while it was imported"
    return None
