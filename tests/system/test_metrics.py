"""Metrics as a StatsD server and Prometheus get them, and health that means working."""
from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from conftest import binary
from measure import Product, free_port, until

Start = Callable[..., Product]

# What a run of three tasks tells at least, besides what depends on a failure.
NAMES = {
    "schedulerjob_start", "dagprocessorjob_start", "workerjob_start", "apiserverjob_start", "scheduler_heartbeat", "dag_processor_heartbeat",
    "triggererjob_start", "triggerer_heartbeat", "triggers.running.metrics-host", "triggerer.capacity_left.metrics-host",
    "scheduler.scheduler_loop_duration", "scheduler.critical_section_duration", "scheduler.critical_section_query_duration",
    "scheduler.tasks.executable", "scheduler.tasks.starving", "scheduler.dagruns.running", "executor.open_slots.LocalExecutor",
    "executor.queued_tasks.LocalExecutor", "executor.running_tasks.LocalExecutor", "pool.open_slots.default_pool", "pool.running_slots.default_pool",
    "pool.queued_slots.default_pool", "pool.deferred_slots.default_pool", "pool.scheduled_slots.default_pool", "ti_successes",
    "dagrun.dependency-check.chain3", "dagrun.duration.success.chain3", "dagrun.first_task_start_delay", "dagbag_size",
    "dag_processing.import_errors", "dag_processing.total_parse_time", "dag_processing.file_path_queue_size", "dag_processing.processes",
    "dag_processing.last_run.seconds_ago.bench", "dag_processing.last_duration.dags-folder.bench"}


class Statsd:
    """Keeps the lines that arrive."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.lines: list[str] = []
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self) -> None:
        while packet := self.socket.recv(65536):
            self.lines += packet.decode().splitlines()

    def names(self) -> set[str]:
        return {line.split(":")[0].removeprefix("airflow.") for line in self.lines}


def test_a_run_is_told_to_statsd_and_to_prometheus(start: Start) -> None:
    statsd = Statsd()
    port = str(statsd.socket.getsockname()[1])
    product = start("bench.py", env={
        "AIRFLOW__TRADEWIND__HOSTNAME": "metrics-host",
        "AIRFLOW__METRICS__STATSD_ON": "True", "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1", "AIRFLOW__METRICS__STATSD_PORT": port,
        "AIRFLOW__SCHEDULER__TI_METRICS_INTERVAL": "1", "AIRFLOW__SCHEDULER__DAGRUN_METRICS_INTERVAL": "1"})
    product.ready("chain3")
    run_id = product.trigger("chain3")
    product.finish("chain3", run_id, 0.05)
    tasks = [task["task_id"] for task in product.tasks("chain3", run_id)]
    wanted = NAMES | {f"ti.start.chain3.{task}" for task in tasks} | {f"ti.finish.chain3.{task}.success" for task in tasks}
    wanted |= {f"dag.chain3.{task}.{what}" for task in tasks for what in ("duration", "queued_duration", "scheduled_duration")}
    until(lambda: wanted <= statsd.names(), 40, f"told: {sorted(wanted - statsd.names())} are missing", 0.1)
    shape = re.compile(r"airflow\.[A-Za-z0-9_./-]+:-?[0-9.]+\|(c|g|ms)")
    assert [line for line in statsd.lines if not shape.fullmatch(line)] == []

    with urllib.request.urlopen(f"{product.base}/metrics", timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text = answer.read().decode()
    for task in tasks:
        assert f'airflow_ti_start_total{{dag_id="chain3",task_id="{task}"}} 1\n' in text
    assert 'airflow_pool_open_slots{pool_name="default_pool"} 128.0\n' in text
    assert re.search(r'airflow_dagrun_duration_success_seconds_count\{dag_id="chain3",run_type="manual"\} 1\n', text)
    assert text.endswith("# EOF\n")


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_health_means_working(start: Start, tmp_path: Path) -> None:
    """A scheduler of its own, paused and woken, beside a web server."""
    product = start(env={"AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "2"})
    product.stop()
    port = free_port()
    env = os.environ | product.env | {
        "TRADEWIND_HOME": str(product.home), "AIRFLOW__CORE__DAGS_FOLDER": str(product.dags), "AIRFLOW__API__PORT": str(product.port),
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True", "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(port)}
    with (tmp_path / "log").open("ab") as log:
        web, scheduler = (subprocess.Popen([binary(), role], env=env, stdout=log, stderr=log) for role in ("api-server", "scheduler"))
    try:
        def health() -> str:
            try:
                return str(product.call("GET", "/health")["scheduler"]["status"])
            except OSError:
                return "no answer"

        until(lambda: health() == "healthy", 30, "the scheduler is healthy", 0.05)
        until(lambda: status(f"http://127.0.0.1:{port}/health") == 200, 30, "its own port says so", 0.05)
        assert status(f"http://127.0.0.1:{port}/metrics") == 200

        def kinds() -> set[str]:
            return {member["kind"] for member in product.call("GET", "/api/v2/tradewind/cluster")["members"] if member["healthy"]}

        until(lambda: {"scheduler", "worker", "dag_processor", "api_server"} <= kinds(), 30, "all of them are healthy", 0.05)
        check = ("jobs", "check", "--job-type", "SchedulerJob", "--local")
        assert product.cli(*check).stdout == "Found one alive job.\n"
        scheduler.send_signal(signal.SIGSTOP)
        until(lambda: health() == "unhealthy", 30, "the pause is seen", 0.05)
        until(lambda: product.cli(*check).returncode == 1, 30, "and by the command line", 0.05)
        scheduler.send_signal(signal.SIGCONT)
        until(lambda: health() == "healthy", 30, "it works again", 0.05)
    finally:
        for process in (web, scheduler):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
