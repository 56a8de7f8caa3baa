"""The pieces of the benchmark: the product as a process, a REST client, and the references of this machine.

Only the standard library, so that a benchmark needs nothing but the product and a Python.
"""
from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Product:
    """`tradewind standalone` in a home of its own."""

    def __init__(self, binary: str, home: Path, dags: Path, env: dict[str, str] | None = None) -> None:
        self.binary, self.home, self.dags, self.env = binary, home, dags, env or {}
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.process: subprocess.Popen[bytes] | None = None
        self.token: str | None = None
        # Looks into the metadata database, where a test has brought one.
        self.rows: Callable[[str], list[tuple[Any, ...]]] | None = None

    def spawn(self, *words: str) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "TRADEWIND_HOME": str(self.home), "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags), "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", **self.env}
        with (self.home / "product.log").open("ab") as log:
            return subprocess.Popen([self.binary, *words], env=env, stdout=log, stderr=log, start_new_session=True)

    def start(self) -> float:
        """Starts the product and returns the seconds until every part of it is healthy."""
        began = time.monotonic()
        self.process = self.spawn("standalone")
        until(lambda: self.healthy(), 30, "the product is healthy", 0.005)
        return time.monotonic() - began

    @contextlib.contextmanager
    def second_scheduler(self) -> Iterator[None]:
        """Another scheduler with a worker of its own on the same database."""
        def schedulers() -> int:
            found = self.call("GET", "/api/v2/jobs?job_type=SchedulerJob&is_alive=true&limit=1")["total_entries"]
            return int(found)

        before = schedulers()
        process = self.spawn("scheduler", "--no-dag-processor")
        try:
            until(lambda: schedulers() > before, 30, "the second scheduler is there", 0.02)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def healthy(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise SystemExit(f"the product ended; see {self.home}/product.log")
        try:
            health = self.call("GET", "/api/v2/monitor/health")
        except (OSError, http.client.HTTPException):
            return False
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def sign_in(self) -> None:
        password = (self.home / "standalone_admin_password.txt").read_text().strip()
        self.token = self.call("POST", "/auth/token", {"username": "admin", "password": password})["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request on the connection that is kept, since the client shares the cores with what it measures."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            # A product that was killed has left its connection behind; the next request opens another.
            self.connection.close()
            raise
        if answer.status >= 400:
            raise urllib.error.HTTPError(self.base + path, answer.status, answer.reason, answer.headers, io.BytesIO(data))
        return json.loads(data) if data else None

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.call("GET", f"/api/v2/dags/{dag_id}")
        except urllib.error.HTTPError as e:
            if e.code == 404:
                return None
            raise
        return found

    def ready(self, dag_id: str) -> None:
        until(lambda: self.dag(dag_id) is not None, 30, f"{dag_id} is listed", 0.01)
        self.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        body: dict[str, Any] = {"logical_date": None}
        if conf is not None:
            body["conf"] = conf
        return str(self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        return found

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """All runs of a DAG, oldest first."""
        found: list[dict[str, Any]] = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=run_after")["dag_runs"]
        return found

    def finish(self, dag_id: str, run_id: str, poll: float, state: str = "success") -> dict[str, Any]:
        last: dict[str, Any] = {}

        def done() -> bool:
            last.update(self.run(dag_id, run_id))
            return last["state"] in ("success", "failed")

        until(done, 300, f"{dag_id} {run_id} ends", poll)
        if last["state"] != state:
            raise SystemExit(f"{dag_id} {run_id} ended as {last['state']}, not {state}")
        return last

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100&offset={len(rows)}")
            rows += page["task_instances"]
            if not page["task_instances"] or len(rows) >= page["total_entries"]:
                return rows

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value") -> Any:
        return self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}")["value"]

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line on the same home."""
        env = dict(os.environ, TRADEWIND_HOME=str(self.home), AIRFLOW__CORE__DAGS_FOLDER=str(self.dags), **self.env)
        return subprocess.run([self.binary, *words], env=env, capture_output=True, text=True, timeout=60, check=False)

    def pids(self) -> list[int]:
        """The product's process and all its descendants."""
        assert self.process is not None
        children: dict[int, list[int]] = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    stat = Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                children.setdefault(int(stat[1]), []).append(int(entry))
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            queue += children.get(pid, [])
        return found

    def kill(self) -> None:
        """Ends the product and everything it started at once, as a power cut would."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def until(condition: Callable[[], bool], limit: float, what: str, poll: float) -> None:
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited {limit:.0f} s in vain until {what}")
        time.sleep(poll)


def cpu_seconds(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_mib(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def reference_fork(python: str) -> float:
    """Median seconds of fork, exit and wait of a Python that has imported what a task needs."""
    code = """
import gc, json, os, statistics, time
import asyncio, datetime, decimal, jinja2, json, logging, subprocess, uuid
gc.freeze()
times = []
for _ in range(200):
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    times.append(time.perf_counter() - began)
print(statistics.median(times))
"""
    return float(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)


def reference_commit(folder: Path) -> float:
    """Median seconds of a single-row commit in SQLite with the product's settings (WAL, synchronous NORMAL)."""
    database = sqlite3.connect(folder / "reference.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT)")
    database.execute("INSERT INTO t VALUES (1, 'a')")
    times = []
    for i in range(500):
        began = time.perf_counter()
        database.execute("UPDATE t SET state = ? WHERE id = 1", (str(i),))
        times.append(time.perf_counter() - began)
    database.close()
    return statistics.median(times)


def default_python() -> str:
    return os.environ.get("TRADEWIND_PYTHON", sys.executable)
