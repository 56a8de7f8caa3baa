"""An installation of several processes on one machine: a scheduler, web servers, workers in homes of their own that know no database."""
from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from measure import Product, free_port, until

SECRET = "what the web servers and the workers have in common"
# What would lead a worker to the database, or to a secret of the control plane.
KEYS = ("SQL_ALCHEMY_CONN", "FERNET_KEY", "JWT_SECRET")


class Process:
    """One role."""

    def __init__(self, cluster: Cluster, name: str, words: list[str], env: dict[str, str]) -> None:
        self.cluster, self.name, self.words, self.env = cluster, name, words, env
        self.process: subprocess.Popen[bytes] | None = None
        self.log = cluster.folder / f"{name}.log"

    def start(self) -> Process:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.cluster.binary, *self.words], env=self.env, stdout=log, stderr=log, start_new_session=True)
        return self

    def kill(self) -> None:
        """The process alone, as the kernel would; what it started must end by itself."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self, hurry: bool = False) -> int:
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.terminate()
        if hurry:
            time.sleep(0.2)
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def said(self) -> str:
        return self.log.read_text()


class Cluster(Product):
    """The REST client of `Product` over processes of their own."""

    def __init__(self, binary: str, folder: Path, dags: Path, env: dict[str, str] | None = None) -> None:
        home = folder / "control"
        home.mkdir()
        (folder / "ledger").mkdir()
        super().__init__(binary, home, dags, env)
        self.folder = folder
        self.shared = {
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "LEDGER": str(folder / "ledger"),
            "AIRFLOW__CORE__INTERNAL_API_SECRET_KEY": SECRET, "TRADEWIND__TRADEWIND__WORKER_LEASE": "6",
            "TRADEWIND__TRADEWIND__WORKER_RENEW": "1", "TRADEWIND__TRADEWIND__QUEUE": "database"}
        self.control_env = os.environ | self.shared | {"TRADEWIND_HOME": str(home)} | self.env
        self.scheduler = Process(self, "scheduler", ["scheduler", "--no-local-workers"], self.control_env)
        self.webs: list[Process] = []
        self.addresses: list[str] = []
        self.workers: list[Process] = []
        for number in range(2):
            port = free_port()
            self.addresses.append(f"http://127.0.0.1:{port}")
            self.webs.append(Process(self, f"web{number}", ["api-server", "--port", str(port)], self.control_env))
        self.speak_to(0)

    def speak_to(self, number: int) -> None:
        self.port = int(self.addresses[number].rsplit(":", 1)[1])
        self.base = self.addresses[number]
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def start(self) -> float:
        began = time.monotonic()
        self.cli("db", "migrate")
        made = self.cli("users", "create", "--username", "admin", "--password", "admin-of-tests", "--role", "Admin", "--firstname", "A",
                        "--lastname", "B", "--email", "a@b.example")
        assert made.returncode == 0, made.stderr
        for process in (self.scheduler, *self.webs):
            process.start()
        self.healthy_again()
        return time.monotonic() - began

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([self.binary, *words], env=self.control_env, capture_output=True, text=True, timeout=60, check=False)

    def healthy_again(self) -> None:
        until(self.answers, 60, "scheduler, processor and web server are healthy", 0.05)
        self.token = self.call("POST", "/auth/token", {"username": "admin", "password": "admin-of-tests"})["access_token"]

    def answers(self) -> bool:
        try:
            health = self.call("GET", "/api/v2/monitor/health")
        except (OSError, http.client.HTTPException):
            return False
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def worker(self, *words: str, concurrency: int = 4) -> Process:
        """A worker as on another machine: it has a home, the DAG files and the secret, and no word about the database."""
        number = len(self.workers)
        home = self.folder / f"worker{number}"
        home.mkdir()
        known = {key: value for key, value in os.environ.items() if not any(part in key for part in KEYS)}
        known |= self.shared | {"TRADEWIND_HOME": str(home)}
        arguments = ["worker", "--server", ",".join(self.addresses), "--concurrency", str(concurrency), "--hostname", "127.0.0.1",
                     "--log-port", "0", *words]
        process = Process(self, f"worker{number}", arguments, known)
        self.workers.append(process)
        return process

    def jobs(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/api/v2/jobs?job_type={kind}&is_alive=true")["jobs"]
        return found

    def ledger(self) -> list[tuple[str, str, int, int, str, float]]:
        """What, task, map index, try, attempt, when."""
        path = self.folder / "ledger" / "ledger"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(what, task, int(index), int(number), attempt, float(at)) for what, task, index, number, attempt, at in map(str.split, lines)]

    def started(self, task: str) -> int:
        return sum(what == "start" and name == task for what, name, *_ in self.ledger())

    def check_ledger(self) -> None:
        """No attempt starts twice, and no two attempts of one task instance are there at the same moment."""
        lives: dict[str, list[float]] = defaultdict(list)
        starts: dict[str, int] = defaultdict(int)
        of: dict[tuple[str, int], set[str]] = defaultdict(set)
        for what, task, index, _, attempt, at in self.ledger():
            lives[attempt].append(at)
            starts[attempt] += what == "start"
            of[task, index].add(attempt)
        assert max(starts.values()) == 1, "no attempt starts twice"
        for key, attempts in of.items():
            spans = sorted((min(lives[attempt]), max(lives[attempt])) for attempt in attempts)
            for (_, end), (begin, _) in zip(spans, spans[1:]):
                assert end <= begin, f"two attempts of {key} overlap by {end - begin:.3f} s"

    def stop(self) -> None:
        (self.folder / "ledger" / "go").touch()
        for process in (*self.workers, self.scheduler, *self.webs):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.stop(hurry=process in self.workers)
