"""Assets start runs, once each, over every way that leads there."""
from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from measure import Product, until

Start = Callable[..., Product]


@pytest.fixture
def product(start: Start) -> Product:
    made = start("assets.py", unpause=True)
    made.ready("report")
    return made


def made(product: Product, dag_id: str) -> list[dict[str, Any]]:
    """Runs by assets, the oldest first."""
    runs = [run for run in product.runs(dag_id) if run["run_type"] == "asset_triggered"]
    return sorted(runs, key=lambda run: str(run["run_after"]))


def wait_made(product: Product, dag_id: str, count: int) -> list[dict[str, Any]]:
    until(lambda: len(made(product, dag_id)) >= count, 60, f"{dag_id} has {count} runs by assets", 0.05)
    runs = made(product, dag_id)
    assert len(runs) == count
    for run in runs:
        product.finish(dag_id, run["dag_run_id"], 0.05)
    return made(product, dag_id)


def produce(product: Product, dag_id: str, conf: dict[str, Any] | None = None) -> None:
    product.finish(dag_id, product.trigger(dag_id, conf), 0.05)


def asset_id(product: Product, name: str) -> int:
    found = product.call("GET", f"/api/v2/assets?name_pattern={name}&only_active=false")["assets"]
    return int(next(asset["id"] for asset in found if asset["name"] == name))


def told(product: Product, dag_id: str, run: dict[str, Any], task_id: str = "read") -> Any:
    return product.xcom(dag_id, run["dag_run_id"], task_id)


def test_a_condition_that_is_met_makes_one_run_with_all_events(product: Product) -> None:
    produce(product, "makes_orders", {"rows": 1})
    produce(product, "makes_orders", {"rows": 2})
    produce(product, "makes_prices")
    (run,) = wait_made(product, "wants_both", 1)
    assert run["dag_run_id"].startswith("asset_triggered__")
    assert (run["triggered_by"], run["logical_date"], run["data_interval_start"]) == ("asset", None, None)
    assert told(product, "wants_both", run) == [["orders", {"rows": 1}, 1], ["orders", {"rows": 2}, 2], ["prices", {}, 1]]
    (other,) = wait_made(product, "wants_any", 1)
    assert told(product, "wants_any", other) == [["prices", {}, 1]]
    events = product.call("GET", f"/api/v2/dags/wants_both/dagRuns/{run['dag_run_id']}/upstreamAssetEvents")
    assert [event["name"] for event in events["asset_events"]] == ["orders", "orders", "prices"]
    assert {taker["dag_id"] for taker in events["asset_events"][2]["created_dagruns"]} == {"wants_both", "wants_any"}
    # Two updates of the orders made one or two runs of the report, whose tasks were given the asset by its name.
    reports = made(product, "report")
    assert 1 <= len(reports) <= 2
    product.finish("report", reports[-1]["dag_run_id"], 0.05)
    assert told(product, "report", reports[-1], "report")[:2] == ["s3://shop/report", "s3://shop/orders"]
    run_id = product.trigger("looks_back")
    product.finish("looks_back", run_id, 0.05)
    assert product.xcom("looks_back", run_id, "look") == [{"rows": 1}, {"rows": 2}]


def test_an_alias_leads_to_the_assets_that_tasks_name(product: Product) -> None:
    produce(product, "makes_daily", {"part": 7})
    (run,) = wait_made(product, "wants_daily", 1)
    assert told(product, "wants_daily", run) == [["part_7", {"part": 7}, None]] * 2, "by asset and by alias"
    # The part belongs to the alias from now on, whoever updates it.
    event = {"asset_id": asset_id(product, "part_7"), "extra": {"by": "hand"}}
    product.call("POST", "/api/v2/assets/events", event)
    runs = wait_made(product, "wants_daily", 2)
    assert told(product, "wants_daily", runs[1]) == [["part_7", {"by": "hand", "from_rest_api": True}, None]]


def test_events_by_api_and_the_queue(product: Product) -> None:
    rates = asset_id(product, "rates")
    answer = product.call("POST", "/api/v2/assets/events", {"asset_id": rates, "extra": {"n": 1}})
    assert (answer["uri"], answer["extra"], answer["source_task_id"]) == ("s3://shop/rates", {"n": 1, "from_rest_api": True}, None)
    wait_made(product, "wants_any", 1)
    wait_made(product, "by_name_or_time", 1)
    orders = asset_id(product, "orders")
    product.call("POST", "/api/v2/assets/events", {"asset_id": orders, "extra": {}})
    queued = product.call("GET", "/api/v2/dags/wants_both/assets/queuedEvents")
    assert [(event["asset_id"], event["dag_id"]) for event in queued["queued_events"]] == [(orders, "wants_both")]
    product.call("DELETE", f"/api/v2/dags/wants_both/assets/{orders}/queuedEvents")
    assert product.call("GET", f"/api/v2/assets/{orders}/queuedEvents")["total_entries"] == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        product.call("DELETE", "/api/v2/dags/wants_both/assets/queuedEvents")
    produce(product, "makes_prices")
    wait_made(product, "wants_any", 2)
    assert made(product, "wants_both") == [], "what was forgotten does not count"
    run = product.call("POST", f"/api/v2/assets/{orders}/materialize", {"conf": {"rows": 5}})
    assert (run["dag_id"], run["run_type"], run["dag_run_id"][:23]) == ("makes_orders", "asset_materialization", "asset_materialization__")
    product.finish("makes_orders", run["dag_run_id"], 0.05)
    (both,) = wait_made(product, "wants_both", 1)
    assert ["orders", {"rows": 5}, 5] in told(product, "wants_both", both)
    listed = json.loads(product.cli("assets", "list", "-o", "json").stdout)
    assert {"orders", "prices", "rates", "report"} <= {asset["name"] for asset in listed}
    details = json.loads(product.cli("assets", "details", "--name", "orders", "-o", "json").stdout)
    assert details[0]["producing_tasks"] == "makes_orders.make"


def test_a_kill_between_event_and_run_loses_and_doubles_nothing(start: Start) -> None:
    product = start("assets.py", unpause=True)
    product.ready("report")
    orders, prices = asset_id(product, "orders"), asset_id(product, "prices")
    for number in range(6):
        product.call("POST", "/api/v2/assets/events", {"asset_id": orders, "extra": {"n": number}})
        product.call("POST", "/api/v2/assets/events", {"asset_id": prices, "extra": {"n": number}})
        product.kill()
        product.start()
        product.sign_in()
    assert product.rows is not None
    left = "SELECT COUNT(*) FROM asset_queue WHERE dag_id = 'wants_both'"
    until(lambda: product.rows(left) == [(0,)], 60, "all that was queued is taken", 0.05)
    taken = product.rows(
        "SELECT c.event_id, COUNT(*) FROM dag_run_asset_event c JOIN dag_run r ON r.id = c.run_pk WHERE r.dag_id = 'wants_both' GROUP BY c.event_id"
    )
    assert len(taken) == 12
    assert {count for _, count in taken} == {1}, "each event is in one run"
    for run in made(product, "wants_both"):
        product.finish("wants_both", run["dag_run_id"], 0.05)
    assert 1 <= len(made(product, "wants_both")) <= 6
