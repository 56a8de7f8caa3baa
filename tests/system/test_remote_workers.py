"""Workers on machines of their own: they reach the control plane by HTTP alone, and outlive it for a while."""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster import SECRET, Cluster
from conftest import ROOT, URL, binary
from measure import until
from servers import Database, SqliteFile

Make = Callable[..., Cluster]
#: Longer than the control plane is away, on a busy machine too.
LONG_LEASE = {"TRADEWIND__TRADEWIND__WORKER_LEASE": "60"}


@pytest.fixture
def cluster(tmp_path: Path, database: Callable[[], Database | SqliteFile]) -> Iterator[Make]:
    made: list[Cluster] = []

    def make(env: dict[str, str] | None = None) -> Cluster:
        dags = tmp_path / "dags"
        dags.mkdir()
        shutil.copy(ROOT / "tests" / "dags" / "held.py", dags)
        found = Cluster(binary(), tmp_path, dags, {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", URL: database().url, **(env or {})})
        made.append(found)
        found.start()
        return found

    yield make
    for one in made:
        one.stop()


def two_workers(cluster: Cluster) -> None:
    for _ in range(2):
        cluster.worker().start()
    until(lambda: len(cluster.jobs("WorkerJob")) == 2, 30, "both workers are registered", 0.05)


def test_a_worker_is_killed_and_another_goes_on(cluster: Make) -> None:
    plane = cluster()
    two_workers(plane)
    plane.ready("held")
    run = plane.trigger("held")
    until(lambda: plane.started("hold") == 8, 60, "both workers are full", 0.05)
    plane.workers[0].kill()
    plane.worker().start()
    # Its four tasks begin again: after the end of its lease (6 s), when nothing of it is left.
    until(lambda: plane.started("hold") == 12, 30, "what the dead worker ran begins again", 0.02)
    (plane.folder / "ledger" / "go").touch()
    plane.finish("held", run, 0.05)
    plane.check_ledger()
    assert plane.xcom("held", run, "total") == 28
    tries = [(t["try_number"], t["max_tries"]) for t in plane.tasks("held", run) if t["task_id"] == "hold"]
    assert sorted(tries) == [(1, 0)] * 4 + [(2, 1)] * 4, "a lost worker spends no retry"


def test_the_control_plane_is_killed_in_the_middle_and_no_task_notices(cluster: Make) -> None:
    plane = cluster(LONG_LEASE)
    two_workers(plane)
    plane.ready("held")
    run = plane.trigger("held")
    until(lambda: plane.started("hold") == 8, 60, "all tasks run", 0.05)
    for process in (plane.scheduler, *plane.webs):
        process.kill()
    # The tasks end while nobody is there.
    (plane.folder / "ledger" / "go").touch()
    until(lambda: sum(what == "end" for what, *_ in plane.ledger()) == 8, 20, "all tasks have ended", 0.02)
    # A result behind a call that the task has sent and that nobody has answered yet waits in its process, the others on the disk.
    journals = "worker?/worker/results/*.results"
    until(lambda: any(file.stat().st_size for file in plane.folder.glob(journals)), 20, "results wait with the workers", 0.02)
    for process in (plane.scheduler, *plane.webs):
        process.start()
    plane.healthy_again()
    plane.finish("held", run, 0.05)
    assert {(t["state"], t["try_number"]) for t in plane.tasks("held", run)} == {("success", 1)}
    plane.check_ledger()


def test_servers_come_and_go_under_many_short_tasks(cluster: Make) -> None:
    plane = cluster(LONG_LEASE)
    two_workers(plane)
    plane.ready("short")
    runs = [plane.trigger("short") for _ in range(3)]
    until(lambda: plane.started("work") > 8, 60, "tasks run", 0.05)
    plane.webs[1].kill()
    until(lambda: plane.started("work") > 20, 60, "work goes on by the other server", 0.05)
    plane.webs[1].start()
    plane.scheduler.kill()
    plane.scheduler.start()
    for run in runs:
        plane.finish("short", run, 0.05)
        assert {(t["state"], t["try_number"]) for t in plane.tasks("short", run)} == {("success", 1)}
    plane.check_ledger()


def test_a_worker_without_contact_ends_its_tasks_before_its_lease_ends(cluster: Make) -> None:
    plane = cluster()
    plane.worker().start()
    until(lambda: len(plane.jobs("WorkerJob")) == 1, 30, "the worker is registered", 0.05)
    plane.ready("held")
    run = plane.trigger("held")
    until(lambda: plane.started("hold") == 4, 60, "the worker is full", 0.05)
    for web in plane.webs:
        assert web.process is not None
        os.kill(web.process.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    until(lambda: time.monotonic() - max(at for what, *_, at in plane.ledger() if what == "beat") > 1, 20, "its tasks are ended", 0.05)
    last = max(at for what, *_, at in plane.ledger() if what == "beat")
    assert last - stopped < 6, "the lease was given before the servers stopped"
    for web in plane.webs:
        assert web.process is not None
        os.kill(web.process.pid, signal.SIGCONT)
    until(lambda: plane.started("hold") >= 8, 60, "the worker registers anew and begins again", 0.05)
    (plane.folder / "ledger" / "go").touch()
    plane.finish("held", run, 0.05)
    plane.check_ledger()


def test_the_log_of_a_remote_worker_is_read_while_it_is_written(cluster: Make) -> None:
    plane = cluster()
    worker = plane.worker().start()
    plane.ready("held")
    run = plane.trigger("held")
    until(lambda: plane.started("hold") == 4, 60, "tasks run", 0.05)
    index = next(index for what, _, index, *_ in plane.ledger() if what == "start")
    path = f"dags/held/dagRuns/{run}/taskInstances/hold/logs/1"

    def log() -> str:
        return json.dumps(plane.call("GET", f"/api/v2/{path}?map_index={index}")["content"])

    until(lambda: f"line {index} of a task that holds" in log(), 20, "its line is seen", 0.1)
    lines = plane.call("GET", f"/api/v2/tradewind/{path}/lines?map_index={index}")
    assert lines["exists"]
    assert lines["open"]
    assert any(f"line {index} of" in line["event"] for line in lines["lines"])
    assert not list((plane.home / "logs").rglob("attempt=1.log")), "nothing of it lies with the web server"
    (plane.folder / "ledger" / "go").touch()
    plane.finish("held", run, 0.05)
    assert "of a task that holds" in log()
    worker.kill()
    with pytest.raises(urllib.error.HTTPError) as refused:
        log()
    assert refused.value.code == 502
    detail = json.load(refused.value)["detail"]
    assert "does not answer" in detail
    assert "http://127.0.0.1:" in detail


def test_a_worker_stops_in_order_and_knows_no_database(cluster: Make) -> None:
    plane = cluster()
    worker = plane.worker("--queues", "default,other", concurrency=8).start()
    plane.ready("held")
    run = plane.trigger("held")
    until(lambda: plane.started("hold") == 8, 60, "tasks run", 0.05)
    assert worker.process is not None
    environment = Path(f"/proc/{worker.process.pid}/environ").read_text()
    assert not any(key in environment for key in ("SQL_ALCHEMY_CONN", "FERNET_KEY"))
    assert not (plane.folder / "worker0" / "tradewind.db").exists()
    assert not (plane.folder / "worker0" / "secrets").exists()
    worker.process.terminate()
    (plane.folder / "ledger" / "go").touch()
    assert worker.process.wait(30) == 0, worker.said()
    until(lambda: plane.jobs("WorkerJob") == [], 10, "its lease is given back", 0.05)
    held = [t for t in plane.tasks("held", run) if t["task_id"] == "hold"]
    assert {(t["state"], t["try_number"]) for t in held} == {("success", 1)}
    plane.worker().start()
    plane.finish("held", run, 0.05)


def worker_says(home: Path, *words: str, env: dict[str, str]) -> tuple[int, str]:
    known = {key: value for key, value in os.environ.items() if "SECRET" not in key} | {"TRADEWIND_HOME": str(home)} | env
    done = subprocess.run([binary(), "worker", *words], env=known, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def test_what_is_wrong_is_said_at_the_start(cluster: Make, tmp_path: Path) -> None:
    plane = cluster()
    home = tmp_path / "wrong"
    home.mkdir()
    server = ("--server", plane.addresses[0])
    code, said = worker_says(home, *server, env={})
    assert code != 0
    assert "AIRFLOW__CORE__INTERNAL_API_SECRET_KEY" in said
    secret = "AIRFLOW__CORE__INTERNAL_API_SECRET_KEY"
    code, said = worker_says(home, *server, env={secret: "another"})
    assert code != 0
    assert "must be the same here and on the web servers" in said
    assert "another" not in said
    code, said = worker_says(home, env={secret: SECRET})
    assert code != 0
    assert "--server" in said
    code, said = worker_says(home, "--server", "web-1:8080", env={secret: SECRET})
    assert code != 0
    assert "`web-1:8080` is no address" in said
    memory = {**plane.control_env, "TRADEWIND__TRADEWIND__QUEUE": "memory"}
    done = subprocess.run([binary(), "scheduler", "--no-local-workers"], env=memory, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "queue = database" in done.stderr
