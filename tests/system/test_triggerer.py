"""Tasks that wait: deferred, between pokes, for people."""
from __future__ import annotations

import os
import signal
import subprocess
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from measure import Product, until

Start = Callable[..., Product]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "seen"
    found.mkdir()
    return found


@pytest.fixture
def product(start: Start, folder: Path) -> Product:
    # Of the twelve waits of `waiting` this process takes six.
    env = {"WAITING_FOLDER": str(folder), "AIRFLOW__TRIGGERER__CAPACITY": "6"}
    return start("waiting.py", env=env)


def rows(product: Product, sql: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = product.rows(sql)
    return found


def states(product: Product, dag_id: str, run_id: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in product.tasks(dag_id, run_id)}


def log(product: Product, dag_id: str, run_id: str, task_id: str) -> str:
    path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/1?full_content=true"
    try:
        return str(product.call("GET", path)["content"])
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return ""  # Nothing written yet.


@pytest.fixture
def triggerer(product: Product) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts further triggerers."""
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        env = os.environ | {"TRADEWIND_HOME": str(product.home), "AIRFLOW__CORE__DAGS_FOLDER": str(product.dags), **product.env}
        with (product.home / "triggerer.log").open("ab") as out:
            command = [product.binary, "triggerer", "--capacity", "100"]
            started.append(subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_triggers_are_shared_and_those_of_a_killed_triggerer_are_taken_over(
    product: Product, folder: Path, triggerer: Callable[[], subprocess.Popen[bytes]]
) -> None:
    product.ready("waiting")
    other = triggerer()
    run_id = product.trigger("waiting")
    held = "SELECT triggerer, COUNT(*) FROM deferral WHERE event IS NULL AND triggerer IS NOT NULL GROUP BY triggerer"
    until(lambda: states(product, "waiting", run_id).get("native_time") == "success", 60, "the one that waits for a second has ended", 0.1)
    until(lambda: len(rows(product, held)) == 2 and sum(n for _, n in rows(product, held)) == 11, 60, "two triggerers share the triggers", 0.1)
    waiting = states(product, "waiting", run_id)
    assert {state for name, state in waiting.items() if name != "native_time"} == {"deferred"}
    assert product.call("GET", "/api/v2/monitor/health")["triggerer"]["status"] == "healthy"
    pool = product.call("GET", "/api/v2/pools/default_pool")
    assert (pool["occupied_slots"], pool["deferred_slots"]) == (0, sum(state == "deferred" for state in waiting.values()))

    other.send_signal(signal.SIGKILL)
    other.wait()
    (folder / "now").touch()
    product.finish("waiting", run_id, 0.1)
    tasks = product.tasks("waiting", run_id)
    assert {task["state"] for task in tasks} == {"success"}
    assert {task["try_number"] for task in tasks} == {1}, "waiting spends no try"
    now = str(folder / "now")
    assert product.xcom("waiting", run_id, "python_3") == [now, 2024, "kept"]
    assert product.xcom("waiting", run_id, "from_the_start") == now
    assert product.xcom("waiting", run_id, "ended_by_trigger") == "ended"
    told = log(product, "waiting", run_id, "python_3")
    assert told.index("Pausing task as DEFERRED") < told.index(f"looking for {now}") < told.index("fired")
    fired = rows(product, "SELECT COUNT(*) FROM attempt WHERE task_id = 'python_3' AND start_date IS NOT NULL")
    assert fired == [(2,)], "one attempt defers, one goes on"


def test_a_wait_ends_in_time(product: Product) -> None:
    product.ready("limited")
    run_id = product.trigger("limited")
    product.finish("limited", run_id, 0.1, "failed")
    assert states(product, "limited", run_id) == {"too_late": "failed", "soft": "skipped", "no_such_run": "failed"}
    assert "TaskDeferralTimeout" in log(product, "limited", run_id, "too_late")
    assert "AirflowSensorTimeout" in log(product, "limited", run_id, "no_such_run")


def test_a_trigger_that_blocks_holds_up_no_other(product: Product, folder: Path) -> None:
    product.ready("blocking")
    run_id = product.trigger("blocking")
    until(lambda: "has blocked" in log(product, "blocking", run_id, "blocks"), 60, "the block is found", 0.1)
    (folder / "quiet").touch()
    until(lambda: states(product, "blocking", run_id)["quiet"] == "success", 15, "the other goes on elsewhere", 0.1)
    assert states(product, "blocking", run_id)["blocks"] == "deferred"
    product.finish("blocking", run_id, 0.2)
    assert product.xcom("blocking", run_id, "blocks")[0] == 20


def test_a_sensor_between_pokes_survives_a_restart(product: Product, folder: Path) -> None:
    product.ready("poking")
    run_id = product.trigger("poking")
    count = "SELECT COUNT(*) FROM task_reschedule"
    until(lambda: rows(product, count)[0][0] >= 2, 60, "it has poked twice", 0.05)
    until(lambda: states(product, "poking", run_id)["pokes"] == "up_for_reschedule", 30, "it waits", 0.01)
    product.kill()
    product.start()
    product.sign_in()
    before = rows(product, count)[0][0]
    until(lambda: rows(product, count)[0][0] > before, 60, "it pokes again", 0.05)
    (folder / "poke").touch()
    product.finish("poking", run_id, 0.05)
    assert [task["try_number"] for task in product.tasks("poking", run_id)] == [1]


def test_a_retry_policy_says_when(product: Product) -> None:
    product.ready("again")
    run_id = product.trigger("again")
    product.finish("again", run_id, 0.05)
    assert rows(product, "SELECT reason FROM attempt WHERE state = 'up_for_retry'") == [("KeyError: 'x'",)]


def test_people_are_asked(product: Product) -> None:
    product.ready("asking")
    run_id = product.trigger("asking")
    asked = {"approve", "choose", "enter"}
    until(lambda: {name for name, state in states(product, "asking", run_id).items() if state == "awaiting_input"} == asked, 60, "three wait", 0.1)
    # The triggers of the others may just have fired.
    until(lambda: product.call("GET", "/api/v2/pools/default_pool")["occupied_slots"] == 0, 60, "no place is held: people may take their time", 0.1)
    product.kill()
    product.start()
    product.sign_in()
    base = f"/api/v2/dags/asking/dagRuns/{run_id}"
    open_questions = product.call("GET", f"{base}/hitlDetails?response_received=false")["hitl_details"]
    assert {question["task_instance"]["task_id"] for question in open_questions} == asked

    answers = {"approve": ["Reject"], "choose": ["right"], "enter": ["OK"]}
    for task_id, chosen in answers.items():
        given = {"rows": 7} if task_id == "enter" else {}
        product.call("PATCH", f"{base}/taskInstances/{task_id}/-1/hitlDetails", {"chosen_options": chosen, "params_input": given})
    product.finish("asking", run_id, 0.1)
    ended = states(product, "asking", run_id)
    assert (ended["published"], ended["left"], ended["right"]) == ("skipped", "skipped", "success")
    assert product.xcom("asking", run_id, "enter")["params_input"] == {"rows": 7}
    assert product.xcom("asking", run_id, "nobody_answers")["chosen_options"] == ["no"], "the default counts when time is up"
