"""Timetables that are classes of the user's make their runs, once each, over a power cut; bad ones tell why and stop nobody."""
from __future__ import annotations

import urllib.error
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from measure import Product, until

Start = Callable[..., Product]
# Every working day from the first of January to the 29th of February 2024.
EXPECTED = [day for number in range(60) if (day := date(2024, 1, 1) + timedelta(number)).weekday() < 5]


def dates(product: Product, dag_id: str) -> list[str]:
    return sorted(r["logical_date"] for r in product.runs(dag_id) if r["run_type"] == "scheduled")


def warnings(product: Product, dag_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = product.call("GET", f"/api/v2/dagWarnings?dag_id={dag_id}")["dag_warnings"]
    return [warning for warning in found if warning["warning_type"] == "timetable error"]


def test_own_timetables_make_their_runs_over_a_power_cut(start: Start) -> None:
    product = start("own_timetables.py", env={"AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "8"})
    until(lambda: product.dag("workdays") is not None, 30, "the DAG is there", 0.05)
    assert product.dag("workdays")["timetable_description"] == "After each working day"  # type: ignore[index]
    told = product.call("GET", "/api/v2/tradewind/dags/workdays/unpausePreview")
    assert (told["count"], told["exact"]) == (len(EXPECTED), True), told
    product.ready("workdays")
    product.ready("endless")
    product.ready("naive")
    until(lambda: len(dates(product, "workdays")) >= 5, 60, "its first runs are there", 0.01)
    product.kill()
    product.start()
    product.sign_in()
    until(lambda: len(dates(product, "workdays")) >= len(EXPECTED), 240, "all its runs are there", 0.05)
    until(lambda: all(r["state"] == "success" for r in product.runs("workdays")), 60, "and have succeeded", 0.05)
    assert [text[:10] for text in dates(product, "workdays")] == [str(day) for day in EXPECTED]
    last = product.runs("workdays")[-1]
    assert (last["data_interval_start"], last["data_interval_end"]) == ("2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z")
    assert last["dag_run_id"] == "scheduled__2024-03-01T00:00:00+00:00"
    # A class that never answers and one that answers nonsense are told about; the others have not noticed.
    until(lambda: warnings(product, "endless") and warnings(product, "naive"), 60, "the bad ones are told about", 0.1)
    assert "longer than 8 s" in warnings(product, "endless")[0]["message"]
    assert "has no time zone" in warnings(product, "naive")[0]["message"]
    assert not dates(product, "endless")
    assert not dates(product, "naive")


def test_a_class_may_build_on_a_built_in_one_and_runs_by_hand_have_its_interval(start: Start) -> None:
    product = start("own_timetables.py")
    product.ready("shifted")
    until(lambda: len(dates(product, "shifted")) == 2, 60, "its runs are there", 0.05)
    first = product.runs("shifted")[0]
    assert (first["logical_date"], first["run_after"]) == ("2024-01-01T02:00:00Z", "2024-01-02T03:00:00Z")
    body = {"logical_date": "2024-05-07T12:34:00Z"}
    by_hand = product.call("POST", "/api/v2/dags/workdays/dagRuns", body)
    assert (by_hand["data_interval_start"], by_hand["data_interval_end"]) == ("2024-05-06T00:00:00Z", "2024-05-07T00:00:00Z")
    done = product.cli("dags", "next-execution", "workdays", "-n", "3")
    assert done.stdout.split() == [f"2024-01-0{day}T00:00:00+00:00" for day in (1, 2, 3)], done.stderr
    with pytest.raises(urllib.error.HTTPError) as refused:
        product.call("GET", "/api/v2/tradewind/dags/naive/unpausePreview")
    assert refused.value.code == 400
