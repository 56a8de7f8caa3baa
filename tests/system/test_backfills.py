"""Backfills: told beforehand, run under their own limit, exactly once over a power cut, paused and cancelled."""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from measure import Product, until

Start = Callable[..., Product]
RANGE = {"dag_id": "backfilled", "from_date": "2024-02-01T00:00:00Z", "to_date": "2024-03-01T00:00:00Z"}
DAYS = 30


def backfills(product: Product) -> list[dict[str, Any]]:
    return [r for r in product.runs("backfilled") if r["run_type"] == "backfill"]


def states(product: Product) -> Counter[str]:
    return Counter(r["state"] for r in backfills(product))


def test_a_backfill_runs_each_date_once_over_a_power_cut(start: Start) -> None:
    product = start("backfilled.py")
    product.ready("backfilled")
    told = product.call("POST", "/api/v2/backfills/dry_run", RANGE)
    assert told["total_entries"] == DAYS
    made = product.call("POST", "/api/v2/backfills", {**RANGE, "max_active_runs": 4, "dag_run_conf": {"n": 7}})
    until(lambda: states(product)["success"] >= 3, 60, "its first runs have ended", 0.01)
    assert states(product)["running"] <= 4
    product.kill()
    product.start()
    product.sign_in()
    until(lambda: states(product) == {"success": DAYS}, 120, "all its runs have succeeded", 0.05)
    until(lambda: product.call("GET", f"/api/v2/backfills/{made['id']}")["completed_at"], 30, "it has ended", 0.05)
    dates = sorted(r["logical_date"] for r in backfills(product))
    assert dates == [run["logical_date"] for run in told["backfills"]]
    assert product.xcom("backfilled", backfills(product)[0]["dag_run_id"], "load") == "7"
    assert product.rows is not None
    ended = product.rows("SELECT run_pk, COUNT(*) FROM attempt WHERE state = 'success' GROUP BY run_pk")
    assert {count for _, count in ended if count > 1} == set(), "nothing succeeds twice"


def test_failed_dates_run_again_by_the_command_line(start: Start) -> None:
    product = start("backfilled.py")
    until(lambda: product.dag("backfilled") is not None, 30, "the DAG is there", 0.05)
    words = ["--dag-id", "backfilled", "--from-date", "2024-02-01", "--to-date", "2024-02-04"]
    dry = product.cli("backfill", "create", *words, "--dry-run", "--run-backwards")
    assert [line[:10] for line in dry.stdout.split()] == ["2024-02-04", "2024-02-03", "2024-02-02", "2024-02-01"], dry.stderr
    # The DAG is paused: everything waits.
    made = product.cli("backfill", "create", *words)
    assert made.returncode == 0, made.stderr
    assert "paused" in made.stderr
    second = product.cli("backfill", "create", *words)
    assert (second.returncode, "has a backfill already" in second.stderr) == (1, True)
    assert product.cli("backfill", "cancel", "1").returncode == 0
    assert states(product) == {"failed": 4}
    product.ready("backfilled")
    again = product.cli("dags", "backfill", "backfilled", "-s", "2024-02-01", "-e", "2024-02-05", "--rerun-failed-tasks")
    assert again.returncode == 0, again.stderr
    until(lambda: states(product) == {"success": 5}, 60, "failed and new dates have run", 0.05)
    listed = json.loads(product.cli("backfill", "list", "--dag-id", "backfilled", "-o", "json").stdout)
    assert [row["reprocess_behavior"] for row in listed] == ["failed", "none"]
