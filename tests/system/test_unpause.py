"""Before a DAG is unpaused: the preview counts what will start, and "from now" starts none of it, beside a scheduler at work."""
from __future__ import annotations

import subprocess
from collections.abc import Callable

from measure import Product, until

Start = Callable[..., Product]
PREVIEW = "/api/v2/tradewind/dags/catchup_backlog/unpausePreview"
FROM_NOW = "/api/v2/dags/catchup_backlog?update_mask=is_paused&from_now=true"


def scheduled(product: Product) -> set[str]:
    return {r["dag_run_id"] for r in product.runs("catchup_backlog") if r["run_type"] == "scheduled"}


def dry_run(product: Product) -> str:
    done: subprocess.CompletedProcess[str] = product.cli("dags", "unpause", "catchup_backlog", "--dry-run")
    return done.stdout


def settled(product: Product) -> bool:
    return all(r["state"] == "success" for r in product.runs("catchup_backlog"))


def test_the_preview_tells_what_then_starts(start: Start) -> None:
    product = start("catchup_backlog.py")
    until(lambda: product.dag("catchup_backlog") is not None, 30, "the DAG is there", 0.05)
    told = product.call("GET", PREVIEW)
    assert told["exact"], told
    assert told["count"] in (12, 13), told
    assert f"Unpausing starts {told['count']} runs" in dry_run(product)
    assert not scheduled(product)
    product.ready("catchup_backlog")
    until(lambda: len(scheduled(product)) >= told["count"] and settled(product), 60, "the backlog is done", 0.05)
    dates = sorted(r["logical_date"] for r in product.runs("catchup_backlog"))
    assert (dates[0], dates[told["count"] - 1]) == (told["first"]["logical_date"], told["last"]["logical_date"])


def test_from_now_starts_nothing_that_was_missed(start: Start) -> None:
    product = start("catchup_backlog.py", "depends_on_past.py")
    until(lambda: product.dag("catchup_backlog") is not None, 30, "the DAG is there", 0.05)
    expected = product.call("GET", PREVIEW)["from_now"]["next"]["logical_date"]
    dag = product.call("PATCH", FROM_NOW, {"is_paused": False})
    assert not dag["is_paused"]
    assert dag["next_dagrun_logical_date"] >= expected
    # The scheduler has gone through the due DAGs when it has made runs of another, and through runs by hand of this one.
    product.ready("past_ignored")
    until(lambda: len(product.runs("past_ignored")) >= 3, 30, "the other DAG has its runs", 0.05)
    product.finish("catchup_backlog", product.trigger("catchup_backlog"), 0.05)
    late = [r for r in product.runs("catchup_backlog") if r["run_type"] == "scheduled" and r["logical_date"] < expected]
    assert not late


def test_from_now_in_the_middle_of_a_backlog_ends_it(start: Start) -> None:
    product = start("catchup_backlog.py")
    product.ready("catchup_backlog")
    until(lambda: len(scheduled(product)) >= 1, 30, "the backlog has begun", 0.01)
    next_date = product.call("PATCH", FROM_NOW, {"is_paused": False})["next_dagrun_logical_date"]
    made = scheduled(product)
    product.finish("catchup_backlog", product.trigger("catchup_backlog"), 0.05)
    until(lambda: settled(product), 60, "what was made is done", 0.05)
    more = [r for r in product.runs("catchup_backlog") if r["dag_run_id"] in scheduled(product) - made]
    assert all(r["logical_date"] >= next_date for r in more), more
    assert "no run at once" in dry_run(product)
