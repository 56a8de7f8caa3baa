"""One scheduler at a time: standbys that take over by themselves, and the controller that starts one over ssh."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import binary
from measure import until
from post import MailServer
from servers import Postgres, Server
from sshd import Sshd

A, B = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Postgres(tmp_path_factory.mktemp("server") / "files")
    yield server
    server.stop()


class Site:
    """Processes of one installation."""

    def __init__(self, folder: Path, url: str, **settings: str) -> None:
        self.folder = folder
        (folder / "dags").mkdir()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TRADEWIND_PYTHON": os.environ.get("TRADEWIND_PYTHON", ""),
            "TRADEWIND_HOME": str(folder / "home"), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
            "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"), **settings}
        self.processes: list[subprocess.Popen[bytes]] = []
        (folder / "home").mkdir()
        self.call("db", "migrate")

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary(), *words], env=self.env, capture_output=True, text=True, timeout=60, check=False)

    def begin(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([binary(), *words], env=self.env | settings, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def seen(self, process: str, role: str) -> list[dict[str, Any]]:
        rows = self.call("failover", "status", "-o", "json").stdout
        return [row for row in json.loads(rows or "[]") if row["process"] == process and row["role"] == role]

    def active(self, process: str = "scheduler") -> str | None:
        """The host of the one that acts."""
        found = self.seen(process, "active")
        assert len(found) <= 1, found
        return found[0]["hostname"] if found else None

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def site(tmp_path: Path, server: Server) -> Iterator[Site]:
    site = Site(tmp_path, server.url, AIRFLOW__SCHEDULER__HA_MODE="active_standby")
    yield site
    site.close()


def test_a_standby_takes_over(site: Site) -> None:
    def scheduler(name: str) -> subprocess.Popen[bytes]:
        home = site.folder / name
        home.mkdir(exist_ok=True)
        return site.begin("scheduler", TRADEWIND_HOME=str(home), TRADEWIND__TRADEWIND__HOSTNAME=name)

    first = scheduler("one")
    until(lambda: site.active() == "one", 30, "the first one works", 0.05)
    second = scheduler("two")
    until(lambda: [row["hostname"] for row in site.seen("scheduler", "standby")] == ["two"], 30, "the second one stands by", 0.05)
    assert site.call("jobs", "check", "--job-type", "SchedulerJob").stdout == "Found one alive job.\n"
    first.kill()
    until(lambda: site.active() == "two", 30, "the second one has taken over", 0.05)
    third = scheduler("three")
    until(lambda: [row["hostname"] for row in site.seen("scheduler", "standby")] == ["three"], 30, "the third one stands by", 0.05)
    # A pause longer than its lease: when it wakes, the seat is another's and it waits in line.
    second.send_signal(signal.SIGSTOP)
    until(lambda: site.active() == "three", 30, "the third one has taken over", 0.05)
    second.send_signal(signal.SIGCONT)
    until(lambda: [row["hostname"] for row in site.seen("scheduler", "standby")] == ["two"], 30, "the second one stands by again", 0.05)
    assert site.active() == "three"
    # A farewell hands over at once.
    third.terminate()
    until(lambda: site.active() == "two", 30, "the second one is back", 0.05)


class Nodes(Site):
    """Two machines that a scheduler may run on, reached over ssh."""

    def __init__(self, folder: Path, url: str) -> None:
        self.mail, self.sshd = MailServer(folder / "mail"), Sshd(folder / "ssh", A, B)
        self.mail.start()
        self.starts, self.pids = folder / "starts", folder / "pids"
        exports = f"export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN={url} AIRFLOW__CORE__DAGS_FOLDER={folder}/dags"
        python = os.environ.get("TRADEWIND_PYTHON", "")
        self.start_command = (
            f"host=$TRADEWIND__TRADEWIND__HOSTNAME; echo $host >> {self.starts}; mkdir -p {folder}/$host; {exports} TRADEWIND_PYTHON={python} "
            f"TRADEWIND_HOME={folder}/$host; nohup {binary()} scheduler >> {folder}/$host.log 2>&1 < /dev/null & echo $! >> {self.pids}")
        section = {
            "scheduler_nodes_in_cluster": f"{A},{B}", "poll_frequency": "1", "scheduler_restart_sleep_time": "120",
            "airflow_scheduler_start_command": self.start_command, "ssh_options": f"-F {folder}/ssh/client.conf",
            "retry_count_before_alerting": "2", "alert_to_email": "ops@example.com"}
        super().__init__(folder, url, **self.mail.env(), **{f"AIRFLOW__SCHEDULER_FAILOVER__{key.upper()}": value for key, value in section.items()})

    def started(self) -> list[str]:
        """Nodes where the start command ran, in order."""
        return self.starts.read_text().split() if self.starts.exists() else []

    def kill_scheduler(self) -> None:
        os.kill(int(self.seen("scheduler", "active")[0]["pid"]), signal.SIGKILL)

    def close(self) -> None:
        super().close()
        for pid in self.pids.read_text().split() if self.pids.exists() else []:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.sshd.close()
        self.mail.stop()


@pytest.fixture
def nodes(tmp_path: Path, server: Server) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path, server.url)
    yield nodes
    nodes.close()


def test_the_controller_keeps_one_scheduler_on_one_of_two_nodes(nodes: Nodes) -> None:
    assert nodes.call("failover", "test-connection").returncode == 0
    first = nodes.begin("failover", "start", TRADEWIND__TRADEWIND__HOSTNAME="controller-1")
    until(lambda: nodes.active() == A, 120, "the scheduler runs on the first node", 0.1)
    nodes.begin("failover", "start", TRADEWIND__TRADEWIND__HOSTNAME="controller-2")
    until(lambda: nodes.seen("controller", "standby") != [], 30, "the second controller stands by", 0.1)
    assert (nodes.active("controller"), nodes.started()) == ("controller-1", [A])
    assert nodes.call("failover", "is-scheduler-running").stdout == f"{A}: True\n{B}: False\n"
    told = nodes.call("failover", "metadata").stdout
    assert told.startswith(f"active_failover_node: controller-1\nactive_scheduler_node: {A}\nlast_failover_heartbeat: 2")

    # The machine dies: neither its scheduler nor its sshd is there any more.
    nodes.sshd.stop(A)
    nodes.kill_scheduler()
    until(lambda: nodes.active() == B, 120, "the scheduler runs on the other node", 0.1)
    assert nodes.started() == [A, B]
    assert nodes.call("failover", "test-connection").returncode == 1

    # It comes back with a scheduler, which is one too many.
    nodes.sshd.start(A)
    extra = nodes.begin("scheduler", TRADEWIND__TRADEWIND__HOSTNAME=A, TRADEWIND_HOME=str(nodes.folder / "extra"))
    until(lambda: extra.poll() is not None, 60, "the extra scheduler was stopped", 0.1)
    until(lambda: nodes.active() == B, 30, "the other one goes on", 0.1)

    # The controller that acts dies, then the scheduler.
    first.kill()
    until(lambda: nodes.active("controller") == "controller-2", 30, "the second controller acts", 0.1)
    nodes.kill_scheduler()
    until(lambda: nodes.started() == [A, B, B], 120, "it is started where it was", 0.1)
    until(lambda: nodes.active() == B, 120, "it runs again", 0.1)
    assert nodes.mail.mails() == []

    # Nothing can be reached: people are told once, and it goes on by itself.
    nodes.sshd.stop(A)
    nodes.sshd.stop(B)
    nodes.kill_scheduler()
    until(lambda: nodes.mail.mails() != [], 90, "a mail has come", 0.1)
    nodes.sshd.start(A)
    until(lambda: nodes.active() == A or nodes.active() == B, 90, "a scheduler runs again", 0.1)
    mails = nodes.mail.mails()
    assert [mail.to for mail in mails] == [["ops@example.com"]]
    text = mails[0].text()
    assert [word for word in (A, B, "controller-2") if word not in text] == []


def test_the_test_mail_arrives(nodes: Nodes) -> None:
    sent = nodes.call("failover", "send-test-email")
    assert sent.stdout == "The test message was sent to ops@example.com.\n", sent.stderr
    assert "this is a test" in nodes.mail.mails()[0].text()
