"""DAG files that a real scheduler has run, run by the whole product: runs, states, tries, XComs and callbacks have to be the same."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, binary
from measure import Product, until

VECTORS = json.loads((ROOT / "python/tests/runtime/vectors/live_runs.json").read_text())
CASES: dict[str, dict[str, Any]] = {case["case"]: case for case in VECTORS["cases"]}

#: Where we do what the user means: a branch or condition that skips something keeps its return value.
KEPT = {
    "branch_one": {"br": "a"},
    "branch_empty": {"br": []},
    "branch_far": {"br": "a2"},
    "short_false_all": {"sc": False},
    "short_false_direct": {"sc": False},
    "short_zero_all": {"sc": 0},
    "short_list_all": {"sc": []},
    "st_branch": {"br": "a"},
    "latest_only_catchup": {"lo": []},
}
#: XComs that are notes of the server to itself and differ in name only.
INTERNAL = ("_link_", "skipmixin_key")


def expected_runs(case: dict[str, Any]) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = case["3.3.2"]["runs"]
    return runs


def by_hand(case: dict[str, Any]) -> bool:
    return any(run["run_type"] == "manual" for run in expected_runs(case))


def write_files(dags: Path) -> None:
    for name, case in CASES.items():
        source = case["source"]
        if by_hand(case):
            source = source.replace(f"dag('{name}'", f"dag('{name}', schedule=None", 1)
        for file, text in {name: source, **(case.get("other_dags") or {})}.items():
            (dags / f"lv_{file}.py").write_text(f"{VECTORS['prelude']}\n{text}\n")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product that runs all cases at once."""
    folder = tmp_path_factory.mktemp("live")
    home, dags, notes = folder / "home", folder / "dags", folder / "notes"
    for made in (home, dags, notes):
        made.mkdir()
    product = Product(binary(), home, dags, env={"TMPDIR": str(notes), "AIRFLOW__CORE__PARALLELISM": "16"})
    product.start()
    try:
        product.sign_in()
        product.call("POST", "/api/v2/pools", {"name": "lv_one", "slots": 1, "include_deferred": False})
        write_files(dags)
        for name, case in CASES.items():
            until(lambda name=name: product.dag(f"lv_{name}") is not None, 60, f"lv_{name} is listed", 0.05)
            if by_hand(case):
                product.trigger(f"lv_{name}")
        yield product
    finally:
        product.stop()


def observed(product: Product, dag_id: str) -> list[dict[str, Any]]:
    found = []
    for run in product.runs(dag_id):
        tasks = {}
        for ti in product.tasks(dag_id, run["dag_run_id"]):
            label = ti["task_id"] if ti["map_index"] < 0 else f"{ti['task_id']}[{ti['map_index']}]"
            tasks[label] = {key: ti[key] for key in ("state", "try_number", "max_tries")}
        found.append({"run_id": run["dag_run_id"], "state": run["state"], "run_type": run["run_type"], "tasks": tasks})
    return found


def comparable(runs: list[dict[str, Any]], either: list[str]) -> list[dict[str, Any]]:
    out = []
    for run in runs:
        tasks = {task: dict(values) for task, values in run["tasks"].items()}
        for values in tasks.values():
            if values["state"] == "scheduled":
                # There a try counts from here on, with us when it is queued.
                del values["try_number"]
        for task in either:
            tasks[task] = {"state": "either"}
        named = "(manual)" if run["run_type"] == "manual" else run["run_id"]
        out.append({"run_id": named, "state": run["state"], "run_type": run["run_type"], "tasks": tasks})
    return out


def xcoms(product: Product, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    base = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
    for entry in product.call("GET", f"{base}/~/xcomEntries?limit=100")["xcom_entries"]:
        task, key, index = entry["task_id"], entry["key"], entry["map_index"]
        if key.startswith(INTERNAL):
            continue
        label = task if index < 0 else f"{task}[{index}]"
        value = product.call("GET", f"{base}/{task}/xcomEntries/{key}?map_index={index}&deserialize=false&stringify=false")["value"]
        found.setdefault(label, {})[key] = value
    return found


def expected_xcoms(name: str, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for task, values in (run.get("xcom") or {}).items():
        kept = {key: value for key, value in values.items() if not key.startswith(INTERNAL)}
        if kept:
            out[task] = kept
    for task, value in KEPT.get(name, {}).items():
        out.setdefault(task, {})["return_value"] = value
    if name == "xcom_pull":
        out["pull"]["return_value"]["default"] = "d"  # the default of xcom_pull counts here
    return out


def noted(product: Product, dag_id: str) -> list[str]:
    """What the callbacks of a DAG wrote, without its id."""
    path = Path(product.env["TMPDIR"]) / "lv_callbacks.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return sorted(line.removeprefix(f"{dag_id} ") for line in lines if line.startswith(f"{dag_id} "))


@pytest.mark.parametrize("name", sorted(name for name, case in CASES.items() if case["3.3.2"] and case["3.3.2"].get("runs")))
def test_case(product: Product, name: str) -> None:
    case, dag_id = CASES[name], f"lv_{name}"
    expected = comparable(expected_runs(case), case.get("depends_on_finish_order") or [])
    found: list[dict[str, Any]] = []

    def as_expected() -> bool:
        found[:] = comparable(observed(product, dag_id), case.get("depends_on_finish_order") or [])
        return found == expected

    try:
        until(as_expected, 60, f"{dag_id} is as expected", 0.1)
    except SystemExit:
        assert found == expected
    for run, ours in zip(expected_runs(case), product.runs(dag_id)):
        assert xcoms(product, dag_id, ours["dag_run_id"]) == expected_xcoms(name, run)
    callbacks = sorted(case["3.3.2"].get("callbacks") or [])
    if callbacks:
        until(lambda: len(noted(product, dag_id)) >= len(callbacks), 20, f"the callbacks of {dag_id} were called", 0.05)
        assert noted(product, dag_id) == callbacks


def test_what_waits_for_ever_still_waits(product: Product) -> None:
    for name in ("wait_for_downstream", "pool_missing", "pool_too_small"):
        def found(name: str = name) -> list[dict[str, Any]]:
            return comparable(observed(product, f"lv_{name}"), [])

        expected = comparable(expected_runs(CASES[name]), [])
        until(lambda: found() == expected, 60, f"lv_{name} is where it waits", 0.1)  # noqa: B023 - called before the next name
        assert found() == expected, name


def test_the_other_dags_ran_as_well(product: Product) -> None:
    case = CASES["trigger_failing_child"]
    for name, there in case["3.3.2 other_dags"].items():
        found = comparable(observed(product, f"lv_{name}"), [])
        assert found == comparable(there["runs"], [])
