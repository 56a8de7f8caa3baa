"""Assets in running tasks: what a task says of its outlets, and what it learns of its inlets and of what made its run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from memory import MemoryRuntime

from airflow._runtime import set_runtime
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, AssetAlias, AssetWatcher, Metadata, asset, task
from airflow.sdk.definitions.asset import Dataset
from tradewind import xcom
from tradewind.execute import Execution
from tradewind.form import dag_form

ONE = Asset("one", "s3://bucket/one", extra={"team": "a"})
TWO = Asset("two", "s3://bucket/two")
ALIAS = AssetAlias("daily")


@pytest.fixture
def runtime() -> Iterator[MemoryRuntime]:
    made = MemoryRuntime()
    set_runtime(made)
    yield made
    set_runtime(None)


def run(dag: DAG, task_id: str, runtime: MemoryRuntime, run_type: str = "manual") -> dict[str, Any]:
    frame = {"run_type": run_type, "run_after": "2024-01-01T00:00:00Z"}
    start = {
        "dag_id": dag.dag_id,
        "run_id": "r",
        "task_id": task_id,
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "dag_run": frame,
    }
    return Execution(start, dag, runtime).run()


def events(result: dict[str, Any]) -> list[tuple[str, dict[str, Any], list[str]]]:
    assert result["state"] == "success", result
    json.dumps(result)
    return [(e["asset"]["name"], e["extra"], e.get("aliases", [])) for e in result.get("asset_events", [])]


def event(number: int, name: str, at: str, **more: Any) -> dict[str, Any]:
    source = {"source_dag_id": "maker", "source_run_id": "m1", "source_task_id": "make", "source_map_index": -1}
    known = {"name": name, "uri": f"s3://bucket/{name}", "group": "asset", "extra": {}}
    return {"id": number, "asset": known, "timestamp": at, "extra": {"n": number}, "aliases": [], **source, **more}


def test_each_outlet_has_an_event_with_what_the_task_says_of_it(runtime: MemoryRuntime) -> None:
    with DAG("d", schedule=None) as dag:

        @task(outlets=[ONE, TWO, Asset.ref(name="three")])
        def make(*, outlet_events: Any) -> int:
            outlet_events[ONE].extra = {"rows": 3}
            outlet_events["s3://bucket/two"].extra["by"] = "uri"
            return 1

        make()
        EmptyOperator(task_id="empty", outlets=[TWO])
        EmptyOperator(task_id="nothing")
    result = run(dag, "make", runtime)
    assert result["asset_events"].pop() == {"asset_ref": {"name": "three"}, "extra": {}}
    assert events(result) == [("one", {"rows": 3}, []), ("two", {"by": "uri"}, [])]
    assert result["asset_events"][0]["asset"] == {
        "name": "one",
        "uri": "s3://bucket/one",
        "group": "asset",
        "extra": {"team": "a"},
    }
    assert events(run(dag, "empty", runtime)) == [("two", {}, [])]
    assert "asset_events" not in run(dag, "nothing", runtime)


def test_aliases_name_assets_at_run_time(runtime: MemoryRuntime) -> None:
    with DAG("d", schedule=None) as dag:

        @task(outlets=[ALIAS, AssetAlias("weekly"), ONE])
        def make(*, outlet_events: Any) -> None:
            outlet_events[ALIAS].add(TWO, {"n": 1})
            outlet_events[AssetAlias("weekly")].add(TWO, {"n": 1})
            outlet_events[ALIAS].add(Asset("late"))
            outlet_events[ONE].add(TWO)

        make()
    assert events(run(dag, "make", runtime)) == [
        ("one", {}, []),
        ("two", {"n": 1}, ["daily", "weekly"]),
        ("late", {}, ["daily"]),
    ]


def test_a_task_may_yield_metadata_and_return_assets(runtime: MemoryRuntime) -> None:
    with DAG("d", schedule=None) as dag:

        @task(outlets=[ONE, ALIAS])
        def make() -> Iterator[Any]:
            yield Metadata(ONE, {"rows": 1})
            yield Metadata(TWO, extra={"rows": 2}, alias=ALIAS)
            yield "something else"
            return 7

        @task
        def returns() -> list[Asset]:
            return [ONE, TWO]

        make()
        returns()
    result = run(dag, "make", runtime)
    assert events(result) == [("one", {"rows": 1}, []), ("two", {"rows": 2}, ["daily"])]
    assert result["return_value"] == "7"
    result = run(dag, "returns", runtime)
    assert events(result) == [("one", {}, []), ("two", {}, [])]
    assert xcom.decode(result["return_value"]) == [ONE, TWO]


def test_a_failure_or_an_extra_that_is_no_json_updates_nothing(runtime: MemoryRuntime) -> None:
    with DAG("d", schedule=None) as dag:

        @task(outlets=[ONE])
        def fails() -> None:
            raise ValueError("no")

        @task(outlets=[ONE])
        def says(*, outlet_events: Any) -> None:
            outlet_events[ONE].extra = {"at": datetime(2024, 1, 1)}

        fails()
        says()
    assert "asset_events" not in run(dag, "fails", runtime)
    refused = run(dag, "says", runtime)
    assert refused["state"] == "failed"
    assert "extra of an event of Asset(name='one'" in refused["error"]["message"]


def test_inlets_have_their_events(runtime: MemoryRuntime) -> None:
    runtime.answers["asset.events"] = {
        "events": [event(2, "one", "2024-01-02T00:00:00Z"), event(1, "one", "2024-01-01T00:00:00Z")]
    }
    runtime.xcoms["make", "return_value"] = {-1: "42"}
    with DAG("d", schedule=None) as dag:

        @task(inlets=[ONE, ALIAS])
        def read(*, inlet_events: Any) -> list[Any]:
            found = inlet_events[ONE]
            with pytest.raises(KeyError, match="not among the inlets"):
                inlet_events[TWO]
            assert len(inlet_events) == 2
            pulled = found[-1].source_task_instance.xcom_pull()
            return [found[-1].extra["n"], found[0].timestamp.year, [e.id for e in inlet_events[0]], found[-1].uri, pulled]

        @task(inlets=[ALIAS, Dataset("s3://bucket/one")])
        def bounded(*, inlet_events: Any) -> int:
            since = datetime(2024, 1, 1, tzinfo=timezone.utc)
            assert "s3://bucket/one" in [key.uri for key in inlet_events if isinstance(key, Dataset)]
            list(inlet_events["s3://bucket/one"])
            return len(inlet_events[ALIAS].after(since).ascending().limit(2))

        read()
        bounded()
    result = run(dag, "read", runtime)
    assert json.loads(result["return_value"]) == [2, 2024, [1, 2], "s3://bucket/one", 42]
    asked = [params for method, params in runtime.calls if method == "asset.events"]
    assert asked[0] == {"name": "one", "uri": "s3://bucket/one", "ascending": False}
    assert len(asked) == 2, "each is asked for once"
    runtime.calls.clear()
    assert run(dag, "bounded", runtime)["return_value"] == "2"
    asked = [params for method, params in runtime.calls if method == "asset.events"]
    assert asked == [
        {"uri": "s3://bucket/one", "ascending": False},
        {"alias": "daily", "after": "2024-01-01T00:00:00Z", "ascending": True, "limit": 2},
    ]


def test_what_made_the_run_is_known_by_asset_and_by_uri(runtime: MemoryRuntime) -> None:
    took = [event(1, "one", "2024-01-01T00:00:00Z"), event(2, "two", "2024-01-01T00:00:01Z", aliases=["daily"])]
    runtime.answers["dag_run.asset_events"] = {"events": took}
    maker = {"dag_id": "maker", "run_id": "m1", "data_interval_start": "2023-12-31T00:00:00Z"}
    runtime.answers["dag_run.get"] = {"found": True, "dag_run": maker}
    with DAG("d", schedule=[ONE, TWO]) as dag:

        @task
        def new(*, triggering_asset_events: Any, dag_run: Any) -> Any:
            assert [e.id for e in dag_run.consumed_asset_events] == [1, 2]
            by_alias = triggering_asset_events[ALIAS][0].id
            return [
                by_alias,
                triggering_asset_events[ONE][0].extra,
                sorted(type(key).__name__ for key in triggering_asset_events),
            ]

        @task
        def old(*, triggering_dataset_events: Any) -> Any:
            first = next(iter(triggering_dataset_events.values()))[0]
            return [list(triggering_dataset_events), first.source_dag_run.data_interval_start.year, first.dataset.uri]

        @task.bash
        def template() -> str:
            return "echo {{ (triggering_asset_events.values() | first | first).source_dag_run.data_interval_start.day }}"

        new()
        old()
        template()
    found = run(dag, "new", runtime, "asset_triggered")
    assert json.loads(found["return_value"]) == [2, {"n": 1}, ["Asset", "Asset", "AssetAlias"]]
    assert len([1 for method, _ in runtime.calls if method == "dag_run.asset_events"]) == 1, "all of them ask once"
    assert json.loads(run(dag, "old", runtime)["return_value"]) == [
        ["s3://bucket/one", "s3://bucket/two"],
        2023,
        "s3://bucket/one",
    ]
    assert json.loads(run(dag, "template", runtime)["return_value"]) == "31"


def test_an_asset_function_gets_assets_by_the_names_of_its_parameters(runtime: MemoryRuntime) -> None:
    known = {"name": "raw", "uri": "s3://bucket/raw", "group": "asset", "extra": {"x": 1}}
    runtime.answers["asset.get"] = {"found": True, "asset": known}

    @asset(schedule=None, uri="s3://bucket/prices", dag_id="makes_prices")
    def prices(self: Any, context: Any, raw: Any, outlet_events: Any, factor: int = 2) -> Any:
        outlet_events[self].extra = {"from": raw.uri, "factor": factor, "in": context["dag"].dag_id}

    result = run(prices.dag, "prices", runtime)
    assert events(result) == [("prices", {"from": "s3://bucket/raw", "factor": 2, "in": "makes_prices"}, [])]
    assert dag_form(prices.dag)["tasks"][0]["inlets"] == [{"asset_ref": {"name": "raw"}}]

    @asset.multi(schedule=None, outlets=[ONE, TWO])
    def both(context: Any) -> Any:
        yield Metadata(TWO, {"n": 2})

    assert events(run(both, "both", runtime)) == [("one", {}, []), ("two", {"n": 2}, [])]


def test_a_test_run_hands_events_on_to_later_inlets() -> None:
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)) as dag:

        @task(outlets=[ONE])
        def make(*, outlet_events: Any) -> None:
            outlet_events[ONE].extra = {"rows": 3}

        @task(inlets=[ONE])
        def read(*, inlet_events: Any) -> None:
            assert inlet_events[ONE][-1].extra == {"rows": 3}

        make() >> read()
    assert dag.test().state == "success"


def test_watchers_are_told_not_to_run() -> None:
    with DAG("d", schedule=Asset("in", watchers=[AssetWatcher("w", trigger=None)])) as dag:
        EmptyOperator(task_id="t")
    assert "update in" in dag_form(dag)["warnings"][-1]["message"]


def test_the_form_names_assets() -> None:
    with DAG("d", schedule=(Asset("in", extra={"x": 1}) | ALIAS)) as dag:
        EmptyOperator(
            task_id="t", inlets=[Asset("in", extra={"y": 2}), "a text of 1.10"], outlets=[ONE, AssetAlias("out", group="g")]
        )
        BashOperator.partial(task_id="m", outlets=[TWO]).expand(bash_command=["a", "b"])
    form = dag_form(dag)
    assert [(known["name"], known["extra"]) for known in form["assets"]] == [
        ("in", {"x": 1, "y": 2}),
        ("one", {"team": "a"}),
        ("two", {}),
    ]
    first, mapped = form["tasks"]
    assert first["inlets"] == [{"asset": {"name": "in", "uri": "in", "group": "asset"}}]
    assert first["outlets"][1] == {"alias": {"name": "out", "group": "g"}}
    assert mapped["outlets"] == [{"asset": {"name": "two", "uri": "s3://bucket/two", "group": "asset"}}]
