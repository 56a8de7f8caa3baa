"""Tasks that defer, and the processes that run their triggers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver, Peer

from tradewind import loader, triggerwire

CLASS = "Echo"


@pytest.fixture
def template(driver: Driver, dags_folder: Path) -> Peer:
    driver.answer = lambda method, params: {"result": {"found": False, "values": []}}
    driver.ack_state = lambda result: result["state"]
    peer = driver.template(dags_folder / "waiting.py")
    assert peer.frames[0]["type"] == "loaded", peer.frames[0]
    return peer


def run(driver: Driver, template: Peer, dags_folder: Path, task_id: str, **extra: Any) -> dict[str, Any]:
    peer, _ = driver.run(template, dags_folder / "waiting.py", "waiting", task_id, **extra)
    assert [frame["type"] for frame in peer.frames] == ["result"], peer.text
    return peer.frames[0]


def event(value: Any) -> dict[str, Any]:
    return {"event": triggerwire.encode({"value": value}, "a test")}


def test_a_task_defers_and_goes_on_in_another_attempt(driver: Driver, template: Peer, dags_folder: Path) -> None:
    result = run(driver, template, dags_folder, "waits")
    assert result["state"] == "deferred"
    wait = result["deferral"]
    assert wait["classpath"] == f"{loader.module_name(str(dags_folder / 'waiting.py'))}.Echo"
    assert (wait["method"], wait["timeout"]) == ("done", None)
    assert "return_value" not in result
    resume = {"method": wait["method"], "kwargs": wait["method_kwargs"], **event("x")}
    result = run(driver, template, dags_folder, "waits", resume=resume)
    assert (result["state"], json.loads(result["return_value"])) == ("success", ["x", [1, 2]])


def test_a_deferral_may_have_a_limit_and_follow_another(driver: Driver, template: Peer, dags_folder: Path) -> None:
    assert run(driver, template, dags_folder, "limited")["deferral"]["timeout"] == 90
    resume = {"method": "done", "kwargs": triggerwire.encode({"more": [1]}, "a test"), **event("x")}
    result = run(driver, template, dags_folder, "twice", resume=resume)
    assert (result["state"], result["deferral"]["method"]) == ("deferred", "done_again")


@pytest.mark.parametrize(
    ("task_id", "reason", "state", "error"),
    [
        ("waits", "timeout", "failed", "TaskDeferralTimeout"),
        ("waits", "failure", "failed", "TaskDeferralError"),
        ("watches", "timeout", "failed", "AirflowSensorTimeout"),
        ("watches", "failure", "failed", "TaskDeferralError"),
        ("watches_softly", "timeout", "skipped", None),
        ("watches_softly", "failure", "skipped", None),
        ("never_fails", "timeout", "skipped", None),
        ("never_fails", "failure", "skipped", None),
    ],
)
def test_a_trigger_that_does_not_fire(
    driver: Driver, template: Peer, dags_folder: Path, task_id: str, reason: str, state: str, error: str | None
) -> None:
    failure = {"reason": reason, "message": "it broke"}
    result = run(driver, template, dags_folder, task_id, resume={"method": "done", "kwargs": "{}", "failure": failure})
    assert result["state"] == state
    if error is not None:
        assert result["error"]["class"].endswith(error)
        assert "it broke" in result["error"]["message"]
        assert result["retry"] is (error != "AirflowSensorTimeout")


def test_other_errors_after_a_trigger_fail_the_sensor_as_in_airflow(driver: Driver, template: Peer, dags_folder: Path) -> None:
    resume = {"method": "done", "kwargs": "{}", **event(1)}
    for task_id in ("watches", "watches_softly", "never_fails"):
        assert run(driver, template, dags_folder, task_id, resume=resume)["state"] == "failed"


def test_a_task_that_begins_deferred(driver: Driver, template: Peer, dags_folder: Path) -> None:
    parsed = driver.parse(dags_folder / "waiting.py")
    tasks = {task["task_id"]: task for task in parsed["dags"][0]["tasks"]}
    begins = tasks["begins"]["start_trigger"]
    assert (begins["method"], begins["timeout"]) == ("done", 120)
    assert json.loads(begins["kwargs"])["value"] == "from the start"
    assert "start_trigger" not in tasks["renders"], "only an attempt can render it"
    result = run(driver, template, dags_folder, "renders")
    assert (result["state"], json.loads(result["deferral"]["kwargs"])["value"]) == ("deferred", "2024-03-10")


class Triggers:
    """A trigger process and what it said."""

    def __init__(self, driver: Driver, folder: Path) -> None:
        self.driver, self.folder = driver, folder
        self.id = driver.next_id("triggers")
        driver.host.send(
            {"type": "triggers", "id": self.id, "dags_folder": str(folder), "config": {}, "env": {}, "warn_after": 1.0}
        )
        self.peer: Peer = driver.wait(lambda: driver.by_id(self.id), "the hello of the trigger process")
        self._next = 0

    def start(self, classpath: str | None = None, **kwargs: Any) -> int:
        self._next += 1
        path = str(self.folder / "waiting.py")
        run = {"dag_id": "waiting", "run_id": "r", "run_after": "2024-03-11T00:00:00Z", "run_type": "manual"}
        task = {"dag_id": "waiting", "run_id": "r", "task_id": f"t{self._next}", "map_index": -1, "try_number": 1}
        frame = {"type": "start", "trigger": self._next, "classpath": classpath or f"{loader.module_name(path)}.{CLASS}"}
        frame["kwargs"] = triggerwire.encode(kwargs, "a test")
        frame["task"] = {**task, "dag_run": run, "path": path, "dags_folder": str(self.folder)}
        self.peer.send(frame)
        return self._next

    def said(self, kind: str, number: int | None = None) -> dict[str, Any] | None:
        frames = (frame for frame in self.peer.frames if frame["type"] == kind)
        return next((frame for frame in frames if number is None or frame.get("trigger") == number), None)

    def wait(self, kind: str, number: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.driver.wait(lambda: self.said(kind, number), f"{kind} of trigger {number}")
        return found

    def log(self, number: int) -> list[str]:
        frames = (frame for frame in self.peer.frames if frame["type"] == "log" and frame["trigger"] == number)
        return [json.loads(frame["line"])["event"] for frame in frames]


@pytest.fixture
def triggers(driver: Driver, dags_folder: Path) -> Iterator[Triggers]:
    running = Triggers(driver, dags_folder)
    yield running
    if not running.peer.closed:
        running.peer.send({"type": "shutdown"})
    driver.wait(lambda: driver.exit_of(running.id), "the end of the trigger process")


def test_many_triggers_share_a_process_and_log_for_their_tasks(triggers: Triggers) -> None:
    numbers = [triggers.start(value=value) for value in range(20)]
    for value, number in enumerate(numbers):
        assert triggerwire.decode(triggers.wait("event", number)["payload"]) == {"value": value}
        assert triggers.log(number) == ["waiting 0.0", f"a printed line of t{number}", "cleaned up"]


def test_a_trigger_may_fail_end_its_task_or_be_unknown(triggers: Triggers) -> None:
    failed = triggers.wait("failed", triggers.start(value=1, how="fail"))
    assert failed["message"] == "LookupError: nothing there"
    assert "Traceback" in failed["traceback"]
    ended = triggers.wait("end", triggers.start(value=1, how="skip"))
    assert (ended["state"], ended["xcoms"]) == ("skipped", {"why": '"because"'})
    assert "no_such_module" in triggers.wait("failed", triggers.start("no_such_module.Trigger"))["message"]
    assert "argument" in triggers.wait("failed", triggers.start(value=1, wrong=2))["message"]


def test_a_trigger_that_nobody_wants_cleans_up_and_says_nothing(triggers: Triggers) -> None:
    number = triggers.start(value=1, pause=60)
    triggers.driver.wait(lambda: triggers.log(number), "its first line")
    triggers.peer.send({"type": "cancel", "trigger": number, "kill": True})
    triggers.driver.wait(lambda: "cleaned up" in triggers.log(number), "its clean-up")
    assert triggers.log(number)[-2:] == ["told to stop", "cleaned up"]
    assert triggers.said("event", number) is None


def test_a_trigger_that_blocks_is_told_and_the_others_take_no_further_step(triggers: Triggers) -> None:
    quiet = triggers.start(value="quiet", pause=2.5)
    triggers.driver.wait(lambda: triggers.log(quiet), "the first line of the other")
    blocker = triggers.start(value="late", pause=4, how="block")
    told = triggers.wait("blocked")
    assert told["trigger"] == blocker
    assert "time.sleep" in told["stack"]
    assert triggerwire.decode(triggers.wait("event", blocker)["payload"]) == {"value": "late"}
    assert any("blocked" in line for line in triggers.log(blocker))
    triggers.driver.wait(lambda: "cleaned up" in triggers.log(quiet), "the clean-up of the other")
    assert triggers.said("event", quiet) is None, "it goes on in another process"


def test_a_process_whose_code_is_old_starts_nothing_new_of_it(triggers: Triggers) -> None:
    triggers.wait("event", triggers.start(value=1))
    file = triggers.folder / "waiting.py"
    os.utime(file, (1, 1))
    number = triggers.start(value=2)
    triggers.wait("stale", number)
    assert triggers.said("event", number) is None


def test_triggers_ask_the_control_plane(triggers: Triggers) -> None:
    triggers.driver.answer = lambda method, params: {"result": {"count": 1, "dag_runs": [{"run_id": "r1", "state": "success"}]}}
    base = "airflow.providers.standard.triggers.external_task"
    number = triggers.start(f"{base}.DagStateTrigger", dag_id="d", states=["success"], run_ids=["r1"], poll_interval=0.1)
    path, data = triggerwire.decode(triggers.wait("event", number)["payload"])
    assert (path, data["r1"]) == (f"{base}.DagStateTrigger", "success")


def test_a_task_asks_people_and_goes_on_with_the_answer(driver: Driver, dags_folder: Path) -> None:
    driver.answer = lambda method, params: {"result": {}}
    driver.ack_state = lambda result: result["state"]
    driver.requests.clear()
    template = driver.template(dags_folder / "asking.py")

    def go(task_id: str, **extra: Any) -> dict[str, Any]:
        peer, _ = driver.run(template, dags_folder / "asking.py", "asking", task_id, **extra)
        return peer.frames[0]

    def answered(chosen: list[str], **params: Any) -> dict[str, Any]:
        answer = {"chosen_options": chosen, "params_input": params, "responded_by_user": {"id": "ann", "name": "Ann"}}
        return {"method": "execute_complete", "kwargs": "{}", "event": json.dumps(answer)}

    result = go("approve")
    assert (result["state"], result["deferral"]["method"], result["deferral"]["timeout"]) == (
        "awaiting_input",
        "execute_complete",
        3600,
    )
    asked = next(params for method, params in driver.requests if method == "hitl.ask")
    assert (asked["subject"], asked["options"], asked["params"]) == ("Ship 2024-03-10?", ["Approve", "Reject"], {})
    result = go("approve", resume=answered(["Approve"]))
    assert json.loads(result["return_value"])["responded_by_user"]["name"] == "Ann"
    assert go("approve", resume=answered(["Reject"]))["skip"] == ["after"]
    assert go("strict", resume=answered(["Reject"]))["error"]["class"].endswith("HITLRejectException")
    assert go("choose", resume=answered(["left"]))["skip"] == ["right_task"]
    assert json.loads(go("enter", resume=answered(["OK"], n=4))["return_value"])["params_input"] == {"n": 4}
    assert go("enter", resume=answered(["OK"], n="four"))["error"]["class"].endswith("HITLTriggerEventError")
    late = {"method": "execute_complete", "kwargs": "{}", "failure": {"reason": "timeout", "message": "x"}}
    assert go("approve", resume=late)["error"]["class"].endswith("HITLTimeoutError")
