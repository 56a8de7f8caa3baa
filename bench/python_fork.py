#!/usr/bin/env python3
"""What the Python side costs by itself: forks attempts from a warm template and plays the Rust side over the real socket.

    python bench/python_fork.py [--attempts 500] [--dag FILE --dag-id ID --task-id ID] [--json]

Prints attempts per second for 1, 2 and 4 at a time, and the medians of: run sent to result (what a chain of tasks pays),
run sent to hello (fork and connect), result to reaped, and the processor time of template and attempt. The driver is Python too, so the figures are a lower bound.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python" / "tests" / "runtime"))

from rust_side import Driver, Peer, make_start  # noqa: E402

DAG = """
from datetime import datetime
from airflow.sdk import DAG, task

def fibo(n):
    return n if n <= 1 else fibo(n - 1) + fibo(n - 2)

with DAG("bench", schedule=None, start_date=datetime(2023, 1, 1)):
    @task
    def body():
        return fibo(10)
    body()
"""


class Timed(Driver):
    """Notes when the frames of each attempt arrive."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.moments: dict[str, dict[str, float]] = {}

    def _frames(self, peer: Peer) -> None:
        known = (bool(peer.hello), len(peer.frames), len(self.exits))
        super()._frames(peer)
        now = time.perf_counter()
        attempt = self.moments.get(peer.hello.get("id", ""))
        if attempt is not None and not known[0] and peer.hello:
            attempt["hello"] = now
        if attempt is not None and any(frame["type"] == "result" for frame in peer.frames[known[1] :]):
            attempt["result"] = now
        for frame in self.exits[known[2] :]:
            self.moments[frame["id"]]["exited"] = now

    def forget(self, attempt_id: str) -> None:
        """Close what belongs to an ended attempt."""
        peer = self.by_id(attempt_id)
        if peer is not None:
            self.drain(peer)
            if not peer.closed:
                self._selector.unregister(peer.sock)
            peer.sock.close()
            if peer.pipe is not None:
                os.close(peer.pipe)
            self.peers.remove(peer)


def measure(driver: Timed, template: Peer, path: Path, args: argparse.Namespace, together: int) -> dict[str, Any]:
    """Run all attempts, ``together`` at a time; the next one starts as soon as a result is in."""
    driver.moments.clear()
    driver.exits.clear()
    open_attempts: list[str] = []
    ended: list[str] = []
    sent = 0
    processor_before = processor_seconds(template.hello["pid"])
    began = time.perf_counter()
    while sent < args.attempts or open_attempts:
        while sent < args.attempts and len(open_attempts) < together:
            attempt_id = driver.next_id("attempt")
            driver.moments[attempt_id] = {"sent": time.perf_counter()}
            template.send({"type": "run", "attempt": make_start(attempt_id, path, args.dag_id, args.task_id)})
            open_attempts.append(attempt_id)
            sent += 1
        driver.pump(5)
        for attempt_id in [a for a in open_attempts if "result" in driver.moments[a]]:
            open_attempts.remove(attempt_id)
            ended.append(attempt_id)
        for attempt_id in [a for a in ended if "exited" in driver.moments[a] and driver.by_id(a)]:
            driver.forget(attempt_id)
    seconds = time.perf_counter() - began
    driver.wait(lambda: all("exited" in m for m in driver.moments.values()), "the last exits")
    processor = processor_seconds(template.hello["pid"]) - processor_before
    for attempt_id in list(driver.moments):
        driver.forget(attempt_id)
    moments = list(driver.moments.values())

    def median(a: str, b: str) -> float:
        return round(statistics.median((m[b] - m[a]) * 1000 for m in moments), 2)

    return {
        "together": together,
        "attempts": sent,
        "per_second": round(sent / seconds, 1),
        "run_to_result_ms": median("sent", "result"),
        "run_to_hello_ms": median("sent", "hello"),
        "result_to_reaped_ms": median("result", "exited"),
        "processor_ms": round(processor / sent * 1000, 2),
    }


def processor_seconds(pid: int) -> float:
    """Processor time of a process and its reaped children: what wall time on a busy machine does not tell."""
    with open(f"/proc/{pid}/schedstat") as file:
        own = int(file.read().split()[0]) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return own + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def bare_fork_ms(count: int = 200) -> float:
    """Reference: fork, exit and reap of this process."""
    began = time.perf_counter()
    for _ in range(count):
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
    return round((time.perf_counter() - began) / count * 1000, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--attempts", type=int, default=500)
    parser.add_argument("--dag", type=Path)
    parser.add_argument("--dag-id", default="bench")
    parser.add_argument("--task-id", default="body")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = args.dag or folder / "bench_dag.py"
        if args.dag is None:
            path.write_text(DAG)
        with Timed(folder) as driver:
            template = driver.template(path.resolve())
            if template.frames[0]["type"] != "loaded":
                sys.exit(template.frames[0]["stacktrace"])
            rows = [measure(driver, template, path, args, together) for together in (1, 2, 4)]
            rss = int(Path(f"/proc/{template.hello['pid']}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    report = {"fork_of_driver_ms": bare_fork_ms(), "template_rss_mib": round(rss / 2**20, 1), "rows": rows}
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"template {report['template_rss_mib']} MiB; fork, exit and reap of the driver itself {report['fork_of_driver_ms']} ms")
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
