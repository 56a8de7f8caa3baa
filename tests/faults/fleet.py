"""Processes of the product as several machines would run them, on one database: started, killed, paused and stopped one by one."""
from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
for folder in ("bench", "tests/system"):
    sys.path.insert(0, str(ROOT / folder))

from measure import free_port  # noqa: E402 - the benchmark and these tests drive the same product
from servers import Server  # noqa: E402

PARALLELISM, NARROW = 24, 5
# A machine of its own, as far as processes can tell: they see only their own.
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]


class Process:
    """One role of the product, in a home of its own unless it shares one; `apart`: as if on a machine of its own."""

    def __init__(self, binary: str, name: str, words: list[str], home: Path, env: dict[str, str], apart: bool = False) -> None:
        self.command, self.name, self.home, self.env, self.apart = [binary, *words], name, home, env, apart
        self.child: subprocess.Popen[bytes] | None = None
        self.starts = 0
        home.mkdir(exist_ok=True, parents=True)

    @property
    def pid(self) -> int:
        assert self.child is not None
        if not self.apart:
            return self.child.pid
        children = f"/proc/{self.child.pid}/task/{self.child.pid}/children"
        until(lambda: Path(children).read_text() != "", 20, f"{self.name} has begun", 0.01)
        return int(Path(children).read_text().split()[0])

    def start(self) -> None:
        command = [*APART, *self.command] if self.apart else self.command
        with (self.home / f"{self.name}.log").open("ab") as log:
            self.child = subprocess.Popen(command, env=os.environ | self.env, stdout=log, stderr=log, start_new_session=True)
        self.starts += 1

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def signal(self, number: int) -> None:
        """To the process alone, as the system or a careless operator would."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self.child is not None:
            self.child.wait()

    def end(self, patience: float = 20) -> None:
        if not self.alive():
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        assert self.child is not None
        try:
            self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        return (self.home / f"{self.name}.log").read_text(errors="replace")


class Fleet:
    """Schedulers with their local workers, DAG processors, web servers."""

    def __init__(self, binary: str, server: Server, folder: Path, schedulers: int = 3, processors: int = 1, webs: int = 1,
                 env: dict[str, str] | None = None, apart: bool = False) -> None:
        """`apart`: each process is as if on a machine of its own; nobody sees another end."""
        self.server, self.folder, self.binary, self.apart = server, folder, binary, apart
        self.ledger, dags = folder / "ledger", folder / "dags"
        dags.mkdir()
        shutil.copy(ROOT / "tests" / "dags" / "ledger.py", dags)
        secret = base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode()
        self.env = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": server.url, "AIRFLOW__CORE__DAGS_FOLDER": str(dags), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", "AIRFLOW__CORE__PARALLELISM": str(PARALLELISM),
            "AIRFLOW__CORE__FERNET_KEY": secret, "AIRFLOW__API_AUTH__JWT_SECRET": secret, "AIRFLOW__API__SECRET_KEY": secret,
            # Workers are killed far more often here than anybody's budget for that allows.
            "AIRFLOW__TRADEWIND__WORKER_LOSSES": "50",
            "FAULT_LEDGER": str(self.ledger), **(env or {})}
        self.cli("db", "migrate")
        self.cli("pools", "set", "narrow", str(NARROW), "for the judge")
        self.cli("users", "create", "-u", "judge", "-r", "Admin", "-e", "judge@example.com", "-f", "J", "-l", "J", "-p", "judge")
        self.schedulers = [self.make(f"scheduler-{n}", ["scheduler", "--no-dag-processor"]) for n in range(1, schedulers + 1)]
        self.processors = [self.make(f"processor-{n}", ["dag-processor"]) for n in range(1, processors + 1)]
        self.ports = [free_port() for _ in range(webs)]
        self.webs = [self.make(f"web-{n}", ["api-server", "--port", str(port)]) for n, port in enumerate(self.ports, 1)]
        self.token: str | None = None

    def make(self, name: str, words: list[str]) -> Process:
        home = self.folder / name
        return Process(self.binary, name, words, home, self.env | {"TRADEWIND_HOME": str(home), "AIRFLOW__TRADEWIND__HOSTNAME": name}, self.apart)

    def all(self) -> list[Process]:
        return [*self.webs, *self.processors, *self.schedulers]

    def start(self) -> None:
        for process in self.all():
            process.start()
        until(lambda: self.answers(), 60, "the web server answers")
        names = ["lanes", "few", "single", "ticks", "long"]
        until(lambda: all(self.try_call("GET", f"/api/v2/dags/{name}") for name in names), 60, "all DAGs are listed")

    def end(self) -> None:
        for process in self.all():
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        for process in self.all():
            process.end()

    def cli(self, *words: str) -> str:
        home = self.folder / "cli"
        home.mkdir(exist_ok=True)
        done = subprocess.run([self.binary, *words], env=os.environ | self.env | {"TRADEWIND_HOME": str(home)}, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def answers(self) -> bool:
        if self.token is None:
            answer = self.try_call("POST", "/auth/token", {"username": "judge", "password": "judge"})
            self.token = answer and answer["access_token"]
        return self.token is not None

    def try_call(self, method: str, path: str, body: Any = None) -> Any:
        """`None` when no web server could do it now."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        for port in self.ports:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
                answer = connection.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException):
                continue
            finally:
                connection.close()
            if answer.status < 400:
                return json.loads(data) if data else {}
            if answer.status in (404, 409):
                return {} if answer.status == 409 else None
            if answer.status < 500:
                raise urllib.error.HTTPError(path, answer.status, data.decode(), answer.headers, None)
        return None

    def trigger(self, dag_id: str, run_id: str) -> bool:
        """Asking twice makes one run: its name is its key."""
        return self.try_call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": None}) is not None

    def open_runs(self) -> bool:
        return self.rows("SELECT COUNT(*) FROM dag_run WHERE state IN ('queued', 'running')") != [["0"]]

    def rows(self, sql: str) -> list[list[str]]:
        return [line.split("\t") for line in self.server.sql(sql, "tradewind").splitlines() if line]


def until(condition: Callable[[], bool], limit: float, what: str, poll: float = 0.1) -> float:
    """Waits for a condition; gives the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < limit, f"waited {limit:.0f} s in vain until {what}"
        time.sleep(poll)
    return time.monotonic() - began
