"""The DAG files that a newcomer brings, in the styles of 1.10, 2.x and 3.x, unchanged."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from measure import Product, until

Start = Callable[..., Product]


def states(product: Product, dag_id: str, run_id: str) -> dict[str, str | None]:
    return {t["task_id"]: t["state"] for t in product.tasks(dag_id, run_id)}


def when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_every_file_is_listed(start: Start) -> None:
    product = start("catchup_backlog.py", "depends_on_past.py", "report_mail.py", "taskflow_etl.py", "bench.py", "chaos.py")
    expected = {"catchup_backlog", "past_waits", "past_ignored", "report_mail", "taskflow_etl", "chain3", "bench_40", "bench_10", "fan_100", "chaos"}
    until(lambda: {d["dag_id"] for d in product.call("GET", "/api/v2/dags")["dags"]} == expected, 30, "every DAG is listed", 0.05)
    assert product.call("GET", "/api/v2/importErrors")["total_entries"] == 0


def test_catchup_makes_every_past_interval_three_at_once_in_order(start: Start) -> None:
    product = start("catchup_backlog.py")
    product.ready("catchup_backlog")
    most = 0

    def caught_up() -> bool:
        nonlocal most
        runs = product.runs("catchup_backlog")
        most = max(most, sum(r["state"] in ("queued", "running") for r in runs))
        return len(runs) >= 12 and all(r["state"] == "success" for r in runs)

    until(caught_up, 60, "the backlog is done", 0.02)
    runs = product.runs("catchup_backlog")
    assert most <= 3
    dates = [when(r["logical_date"]) for r in runs]
    assert all(b - a == timedelta(hours=1) for a, b in zip(dates, dates[1:]))
    assert all(when(r["data_interval_end"]) - when(r["data_interval_start"]) == timedelta(hours=1) for r in runs)
    begun = [when(r["start_date"]) for r in runs]
    assert begun == sorted(begun), "runs start in the order of their dates"
    log = product.call("GET", f"/api/v2/dags/catchup_backlog/dagRuns/{runs[0]['dag_run_id']}/taskInstances/load/logs/1")
    assert runs[0]["data_interval_start"][:19] in json.dumps(log).replace(" ", "T")


def test_depends_on_past_stops_with_a_reason_and_goes_on_after_the_repair(start: Start, tmp_path: Path) -> None:
    repaired = tmp_path / "repaired"
    product = start("depends_on_past.py", env={"DEPENDS_ON_PAST_REPAIRED": str(repaired)})
    product.ready("past_waits")
    product.ready("past_ignored")
    until(lambda: len(product.runs("past_ignored")) >= 3 and all(r["state"] != "running" for r in product.runs("past_ignored")),
          60, "past_ignored has run", 0.05)
    assert [r["state"] for r in product.runs("past_ignored")][:3] == ["failed", "success", "success"]

    until(lambda: len(product.runs("past_waits")) == 2 and states(product, "past_waits", product.runs("past_waits")[1]["dag_run_id"]).get("first")
          == "success", 60, "past_waits stands at its second run", 0.05)
    first, second = (r["dag_run_id"] for r in product.runs("past_waits"))
    assert states(product, "past_waits", first) == {"first": "success", "middle": "failed", "last": "upstream_failed"}
    path = f"/api/v2/dags/past_waits/dagRuns/{second}/taskInstances/middle/dependencies"
    reasons = product.call("GET", path)["dependencies"]
    assert any(first in r["reason"] and "middle" in r["reason"] and "failed" in r["reason"] for r in reasons), reasons
    said = product.cli("tasks", "failed-deps", "past_waits", "middle", second).stdout
    assert "Task instance dependencies not met" in said
    assert first in said

    repaired.touch()
    product.call("POST", "/api/v2/dags/past_waits/clearTaskInstances",
                 {"dry_run": False, "dag_run_id": first, "only_failed": True, "include_downstream": True})
    until(lambda: [r["state"] for r in product.runs("past_waits")][:3] == ["success"] * 3, 60, "past_waits has gone on", 0.05)


@pytest.mark.parametrize(("n", "total", "report"), [(4, 14, "report.big"), (0, None, None), (50, 40425, "report.big")])
def test_taskflow_maps_sums_and_branches(start: Start, n: int, total: int | None, report: str | None) -> None:
    product = start("taskflow_etl.py")
    product.ready("taskflow_etl")
    run_id = product.trigger("taskflow_etl", {"n": n})
    product.finish("taskflow_etl", run_id, 0.02)
    tis = product.tasks("taskflow_etl", run_id)
    squares = [t for t in tis if t["task_id"] == "square"]
    if n == 0:
        assert [(t["map_index"], t["state"]) for t in squares] == [(-1, "skipped")]
        assert states(product, "taskflow_etl", run_id)["total"] == "skipped"
        return
    assert sorted(t["map_index"] for t in squares) == list(range(n))
    assert product.xcom("taskflow_etl", run_id, "total") == total
    by_task = states(product, "taskflow_etl", run_id)
    assert by_task[str(report)] == "success"
    assert by_task["report.small"] == "skipped"
    assert by_task["done"] == "success"


def test_params_outside_their_schema_are_refused(start: Start) -> None:
    product = start("taskflow_etl.py")
    product.ready("taskflow_etl")
    with pytest.raises(Exception, match="400"):
        product.trigger("taskflow_etl", {"n": 51})


def test_report_mail_passes_its_xcoms_and_runs_at_two_in_seoul(start: Start) -> None:
    product = start("report_mail.py")
    product.ready("report_mail")
    until(lambda: any(r["state"] == "success" for r in product.runs("report_mail")), 60, "the newest missed interval has run", 0.05)
    run: dict[str, Any] = product.runs("report_mail")[0]
    assert product.xcom("report_mail", run["dag_run_id"], "collect") == 3
    assert [row["n"] for row in product.xcom("report_mail", run["dag_run_id"], "collect", "rows")] == [0, 1, 2]
    # A run by hand has a date too: the DAG was written for `ds`.
    product.finish("report_mail", product.trigger("report_mail"), 0.02)
    upcoming = product.dag("report_mail")
    assert upcoming is not None
    assert upcoming["next_dagrun_run_after"][11:16] == "17:00"
    said = product.cli("dags", "next-execution", "report_mail").stdout
    assert "17:00:00" in said
