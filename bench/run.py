#!/usr/bin/env python3
"""Measures the promises on this machine: a table as text on the screen, the same as JSON in a file.

usage: run.py [--binary PATH] [--json FILE] [--quick] [--db sqlite|postgres|mariadb]

With `--db` the metadata lies in a private server that the benchmark starts, on the same cores, with the durability that it has by default.

Each figure stands beside two references taken in the same minute, since machines are shared and noisy: the fork of a warm Python
process, and the commit of a single row in the database.
"""
from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import Product, cpu_seconds, default_python, memory_mib, reference_commit, reference_fork, seconds, until

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "system"))

from servers import KINDS, server_of  # noqa: E402 - the tests' private servers


class Table:
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def at_most(self, what: str, value: float, promise: float, unit: str) -> None:
        self.add(what, value, promise, unit, value <= promise, "or less")

    def at_least(self, what: str, value: float, promise: float, unit: str) -> None:
        self.add(what, value, promise, unit, value >= promise, "or more")

    def add(self, what: str, value: float, promise: float, unit: str, holds: bool, sense: str) -> None:
        row = {"what": what, "value": round(value, 4), "unit": unit, "promise": promise, "sense": sense, "holds": holds}
        self.rows.append(row)
        print(f"  {what:<62} {value:>10.3f} {unit:<8} promise {promise:g} {sense:<8} {'holds' if holds else 'MISSED'}", flush=True)


def chain(product: Product, table: Table) -> None:
    walls, gaps = [], []
    for _ in range(5):
        began = time.monotonic()
        run_id = product.trigger("chain_40")
        product.finish("chain_40", run_id, 0.005)
        walls.append(time.monotonic() - began)
        tis = sorted(product.tasks("chain_40", run_id), key=lambda t: t["start_date"])
        gaps += [seconds(b["start_date"]) - seconds(a["end_date"]) for a, b in zip(tis, tis[1:])]
    table.at_most("chain of 40 tiny Python tasks, trigger to success, median", statistics.median(walls), 1.0, "s")
    table.at_most("end of a task to the start of the next one, median", statistics.median(gaps) * 1000, 10, "ms")


def latency(product: Product, table: Table, runs: int) -> None:
    walls = []
    for _ in range(runs):
        began = time.monotonic()
        product.finish("chain_3", product.trigger("chain_3"), 0.002)
        walls.append(time.monotonic() - began)
    table.at_most("run of 3 tiny Python tasks, one after another, median", statistics.median(walls) * 1000, 60, "ms")


def throughput(product: Product, runs: int) -> float:
    began = time.monotonic()
    ids = [product.trigger("chain_3") for _ in range(runs)]
    for run_id in reversed(ids):
        product.finish("chain_3", run_id, 0.02)
    return 3 * runs / (time.monotonic() - began)


def batch(product: Product, table: Table, runs: int) -> None:
    table.at_least(f"{runs} runs of 3 tasks at once", throughput(product, runs), 250, "tasks/s")


def side_by_side(product: Product, table: Table, runs: int) -> None:
    """The same work with a second scheduler, by turns, since the machine may change meanwhile."""
    alone, together = [], []
    for _ in range(3):
        alone.append(throughput(product, runs))
        with product.second_scheduler():
            together.append(throughput(product, runs))
    table.at_least("two schedulers compared with one, same work", statistics.median(together) / statistics.median(alone), 0.9, "times")


def fan(product: Product, table: Table) -> None:
    rates = []
    for _ in range(5):
        began = time.monotonic()
        product.finish("empty_1000", product.trigger("empty_1000"), 0.001)
        rates.append(1001 / (time.monotonic() - began))
    table.at_least("1,000-task fan-out without processes, trigger to success seen", statistics.median(rates), 5000, "tasks/s")


def visible(product: Product, table: Table) -> None:
    source = "from datetime import datetime\nfrom airflow.sdk import DAG\nwith DAG('seen_{n}', schedule=None, description='{d}'):\n    pass\n"
    new, changed = [], []
    for n in range(5):
        file = product.dags / f"seen_{n}.py"
        for text, times in (("first", new), ("second", changed)):
            began = time.monotonic()
            file.write_text(source.format(n=n, d=text))
            until(lambda n=n, text=text: (product.dag(f"seen_{n}") or {}).get("description") == text, 30, f"{file.name} is seen", 0.005)
            times.append(time.monotonic() - began)
    table.at_most("new DAG file visible, worst of 5", max(new), 1.0, "s")
    table.at_most("changed DAG file visible, worst of 5", max(changed), 1.0, "s")


def idle(work: Path, binary: str, table: Table, window: float, env: dict[str, str]) -> None:
    home, dags = work / "idle", work / "idle_dags"
    home.mkdir()
    dags.mkdir()
    text = (HERE / "dags" / "idle_template.py.txt").read_text()
    for n in range(100):
        (dags / f"idle_{n:03d}.py").write_text(text.replace("NUMBER", f"{n:03d}"))
    product = Product(binary, home, dags, env=env)
    try:
        product.start()
        product.sign_in()
        until(lambda: product.call("GET", "/api/v2/dags?limit=1")["total_entries"] == 100, 120, "100 DAGs are listed", 0.2)
        # The newest missed tick of each has run by now; the processes kept for their files end after a minute without work.
        until(lambda: len(product.pids()) <= 2, 120, "only the product and its Python host are left", 1)
        pids = product.pids()
        before = cpu_seconds(pids)
        time.sleep(window)
        table.at_most("idle with 100 DAGs: memory with Python (PSS)", memory_mib(product.pids()), 100, "MiB")
        table.at_most("idle with 100 DAGs: share of one core", 100 * (cpu_seconds(pids) - before) / window, 1.0, "%")
        product.stop()
        table.at_most("start to healthy on that database", product.start(), 1.0, "s")
    finally:
        product.stop()


def killed(product: Product, table: Table) -> None:
    """Everything is killed in the middle of 100 runs and started again."""
    ids = [product.trigger("chain_3") for _ in range(100)]
    product.kill()
    began = time.monotonic()
    product.start()
    for run_id in ids:
        product.finish("chain_3", run_id, 0.02)
    took = time.monotonic() - began
    spent = 0
    for run_id in ids:
        # A lost worker gives a try more than it takes.
        spent += sum(t["try_number"] - t["max_tries"] > 1 for t in product.tasks("chain_3", run_id))
    table.at_most("killed amid 100 runs, started again: until all have ended", took, 30, "s")
    table.at_most("... of them tasks that spent a retry for it", spent, 0, "tasks")


def measure(binary: str, quick: bool, kind: str) -> Table:
    table = Table()
    work = Path(tempfile.mkdtemp(prefix="tradewind-bench-"))
    python = default_python()
    print("references of this machine, now:")
    fork, commit = reference_fork(python), reference_commit(work)
    print(f"  fork, exit and wait of a warm Python {fork * 1000:.2f} ms, commit of one row in SQLite {commit * 1e6:.0f} us")
    table.rows.append({"what": "reference: fork of a warm Python", "value": fork * 1000, "unit": "ms"})
    table.rows.append({"what": "reference: commit of one row", "value": commit * 1e6, "unit": "us"})
    server = server_of(kind, work / "server")

    def on(name: str) -> dict[str, str]:
        return {} if server is None else {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": server.database(name).url}

    try:
        print(f"metadata in {kind}:")
        home, dags = work / "home", work / "dags"
        home.mkdir()
        shutil.copytree(HERE / "dags", dags)
        product = Product(binary, home, dags, env=on("bench"))
        busy(product, table, quick)
        idle(work, binary, table, 5 if quick else 20, on("idle"))
    finally:
        if server is not None:
            server.stop()
    shutil.rmtree(work, ignore_errors=True)
    return table


def busy(product: Product, table: Table, quick: bool) -> None:
    try:
        print(f"first start to healthy: {product.start():.2f} s")
        product.sign_in()
        for dag_id in ("chain_3", "chain_40", "empty_1000"):
            product.ready(dag_id)
        product.finish("chain_3", product.trigger("chain_3"), 0.005)
        parts: list[Callable[[], None]] = [
            lambda: chain(product, table), lambda: latency(product, table, 10 if quick else 50),
            lambda: batch(product, table, 30 if quick else 100), lambda: fan(product, table), lambda: visible(product, table),
            lambda: killed(product, table)]
        if product.env:
            parts.insert(3, lambda: side_by_side(product, table, 30 if quick else 100))
        for part in parts:
            part()
    finally:
        product.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(HERE.parent / "target" / "release" / "tradewind"))
    parser.add_argument("--json", default=None, help="write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--db", default="sqlite", choices=KINDS, help="where the metadata lies")
    args = parser.parse_args()
    table = measure(args.binary, args.quick, args.db)
    if args.json:
        Path(args.json).write_text(json.dumps(table.rows, indent=2) + "\n")
        print(f"written to {args.json}")


if __name__ == "__main__":
    main()
