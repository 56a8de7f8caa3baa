"""Attempts as real processes: each way a task can end."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver, Peer


@pytest.fixture
def template(driver: Driver, dags_folder: Path) -> Peer:
    driver.answer = lambda method, params: {"result": {"found": False, "values": []}}
    driver.ack_state = lambda result: result["state"]
    driver.requests.clear()
    peer = driver.template(dags_folder / "endings.py")
    assert peer.frames[0]["type"] == "loaded", peer.frames[0]
    assert peer.frames[0]["safe"] is True
    return peer


def run(
    driver: Driver, template: Peer, dags_folder: Path, task_id: str, **extra: Any
) -> tuple[Peer, dict[str, Any], dict[str, Any]]:
    """The attempt's peer, its result frame, and its end."""
    peer, exited = driver.run(template, dags_folder / "endings.py", "endings", task_id, **extra)
    assert peer is not None
    assert [frame["type"] for frame in peer.frames] == ["result"], (peer.text, exited)
    return peer, peer.frames[0], exited


def test_success(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, exited = run(driver, template, dags_folder, "ok")
    assert result["state"] == "success"
    assert json.loads(result["return_value"]) == {"ds": "2024-03-10", "env": "ok"}
    assert (exited["code"], exited["signal"]) == (0, None)
    assert exited["pid"] == peer.hello["pid"] != template.hello["pid"]
    text = peer.text.splitlines()
    assert "plain line" in text
    assert [line for line in text if line.startswith("callback")] == [
        "callback execute ok NoneType",
        "callback success ok NoneType",
    ]
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in peer.lines)


def test_none_is_not_pushed(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, _ = run(driver, template, dags_folder, "nothing")
    assert result["state"] == "success"
    assert "return_value" not in result


@pytest.mark.parametrize(
    ("task_id", "retry", "error"),
    [
        ("fails", True, "ValueError"),
        ("fails_for_good", False, "airflow.sdk.exceptions.AirflowFailException"),
        ("sys_exit", True, "SystemExit"),
        ("interrupted", True, "KeyboardInterrupt"),
        ("too_long", True, "airflow.sdk.exceptions.AirflowTaskTimeout"),
        ("unstorable", True, "TypeError"),
    ],
)
def test_failures(driver: Driver, template: Peer, dags_folder: Path, task_id: str, retry: bool, error: str) -> None:
    peer, result, exited = run(driver, template, dags_folder, task_id)
    assert (result["state"], result["retry"], result["error"]["class"]) == ("failed", retry, error)
    assert exited["signal"] is None
    assert f"callback failure {task_id} {error.rsplit('.')[-1]}" in peer.text
    detail = next(line["error_detail"] for line in peer.lines if "error_detail" in line)
    assert detail[0]["exc_type"] == error.rsplit(".")[-1]


def test_traceback_begins_in_user_code(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, _ = run(driver, template, dags_folder, "fails")
    frames = next(line["error_detail"] for line in peer.lines if "error_detail" in line)[0]["frames"]
    assert frames[-1]["filename"].endswith("endings.py")
    assert frames[-1]["name"] == "fails"
    assert "broken on purpose" in result["error"]["traceback"]


def test_retry_callback_follows_the_answer(driver: Driver, template: Peer, dags_folder: Path) -> None:
    driver.ack_state = lambda result: "up_for_retry"
    peer, _, _ = run(driver, template, dags_folder, "fails", max_tries=1)
    assert [line for line in peer.text.splitlines() if line.startswith("callback")] == [
        "callback execute fails NoneType",
        "callback retry fails ValueError",
    ]


def test_skip(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, _ = run(driver, template, dags_folder, "skips")
    assert result["state"] == "skipped"
    assert "callback skipped skips" in peer.text


@pytest.mark.parametrize(("task_id", "code", "number"), [("segfault", None, signal.SIGSEGV), ("leaves_hard", 7, None)])
def test_death_without_a_result(
    driver: Driver, template: Peer, dags_folder: Path, task_id: str, code: int | None, number: int | None
) -> None:
    peer, exited = driver.run(template, dags_folder / "endings.py", "endings", task_id)
    assert peer is not None
    assert peer.frames == []
    assert (exited["code"], exited["signal"]) == (code, number)
    again, _ = driver.run(template, dags_folder / "endings.py", "endings", "ok")
    assert again is not None
    assert again.frames[0]["state"] == "success", "the template survives its attempt"


def test_fifty_megabytes_of_output(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, _ = run(driver, template, dags_folder, "talks")
    assert result["state"] == "success"
    assert peer.output_bytes >= 50 * 1024 * 1024


def test_sigterm(driver: Driver, template: Peer, dags_folder: Path) -> None:
    attempt_id = driver.start(template, dags_folder / "endings.py", "endings", "waits")
    peer = driver.wait(lambda: (p := driver.by_id(attempt_id)) and "waiting" in p.text and p, "the task to wait")
    assert os.getpgid(peer.hello["pid"]) == peer.hello["pid"], "own process group"
    assert os.getsid(peer.hello["pid"]) == peer.hello["pid"], "own session"
    os.kill(peer.hello["pid"], signal.SIGTERM)
    driver.wait(lambda: driver.exit_of(attempt_id), "the end by SIGTERM")
    assert peer.frames[0]["state"] == "failed"
    assert "SIGTERM" in peer.frames[0]["error"]["message"]


def test_attempt_ends_when_the_worker_is_gone(driver: Driver, template: Peer, dags_folder: Path) -> None:
    attempt_id = driver.start(template, dags_folder / "endings.py", "endings", "waits")
    peer = driver.wait(lambda: (p := driver.by_id(attempt_id)) and "waiting" in p.text and p, "the task to wait")
    driver._selector.unregister(peer.sock)
    peer.sock.close()
    driver.wait(lambda: driver.exit_of(attempt_id), "the end of an attempt without worker", 10)


def test_a_thread_that_never_ends_does_not_hold_the_process(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, exited = run(driver, template, dags_folder, "threads")
    assert json.loads(result["return_value"]) == 2
    assert exited["code"] == 0


def test_multiple_outputs(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, _ = run(driver, template, dags_folder, "several")
    assert {key: json.loads(text) for key, text in result["xcoms"].items()} == {"a": 1, "b": [2]}
    assert json.loads(result["return_value"]) == {"a": 1, "b": [2]}


def test_xcom_calls(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, _ = run(driver, template, dags_folder, "pushes")
    assert json.loads(result["return_value"]) == "none", "the default of xcom_pull counts"
    sent = [(method, params) for method, params in driver.requests if method.startswith("xcom")]
    assert sent[0] == (
        "xcom.set",
        {"key": "k", "value": '{"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1, 2]}'},
    )
    assert sent[1][0] == "xcom.list"
    assert sent[1][1]["task_id"] == "several"


def test_unknown_task_is_a_failure_that_says_so(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, _ = run(driver, template, dags_folder, "no_such_task")
    assert result["state"] == "failed"
    assert "no_such_task" in result["error"]["message"]


def test_value_too_large_for_a_frame(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, exited = run(driver, template, dags_folder, "too_large")
    assert (result["state"], exited["code"]) == ("failed", 0)
    assert "the limit is 67108864" in result["error"]["message"]
    assert any("(cut: the message has 68157" in line["event"] for line in peer.lines)
    assert peer.output_bytes < 1 << 20


def test_text_that_is_no_utf8(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, _ = run(driver, template, dags_folder, "surrogates")
    assert json.loads(result["return_value"]) == "a\udcffb"
    assert "printed a\\udcffb" in peer.text


def test_segfault_shows_where_it_happened(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, _ = driver.run(template, dags_folder / "endings.py", "endings", "segfault")
    assert peer is not None
    assert "Segmentation fault" in peer.text
    assert "in segfault" in peer.text


def test_whole_context_costs_no_call(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, _ = run(driver, template, dags_folder, "takes_all")
    assert json.loads(result["return_value"]) == ["2024-03-10", "2024-03-11"]
    assert [method for method, _ in driver.requests] == []
    _, result, _ = run(driver, template, dags_folder, "looks_back")
    assert json.loads(result["return_value"]) == "None"
    assert [method for method, _ in driver.requests] == ["dag_run.previous"]


def test_pool_of_processes_in_a_task(driver: Driver, template: Peer, dags_folder: Path) -> None:
    peer, result, _ = run(driver, template, dags_folder, "pool")
    assert json.loads(result["return_value"]) == [1, 2]
    assert "SIGTERM" not in peer.text, "ending its workers is none of our business"


def test_task_that_forks_reports_once(driver: Driver, template: Peer, dags_folder: Path) -> None:
    _, result, exited = run(driver, template, dags_folder, "forks")
    assert (json.loads(result["return_value"]), exited["code"]) == ("once", 0)
