"""The callback process: callbacks of DAGs, and of tasks that died without running their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rust_side import Driver, Peer, make_start

FILE = """
from datetime import datetime
from airflow.sdk import DAG, task, BaseNotifier, Variable

def breaks(context):
    raise RuntimeError("in the callback")

def tell(context):
    print("told", context["reason"], context["dag_run"].run_id, context["dag"].dag_id, context["ti"].task_id)

def task_failed(context):
    print("task", context["ti"].task_id, context["ti"].try_number, context["exception"])

class Note(BaseNotifier):
    template_fields = ("text",)
    def __init__(self, text):
        super().__init__()
        self.text = text
    def notify(self, context):
        print("note", self.text)

with DAG("calls", schedule=None, start_date=datetime(2024, 1, 1),
         on_failure_callback=[breaks, tell, Note("{{ ds }} {{ reason }}")], on_success_callback=tell):
    @task(on_failure_callback=[task_failed, Note("{{ ti.task_id }}")])
    def t():
        pass
    t()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "calls.py"
    file.write_text(FILE)
    return file


def call(driver: Driver, path: Path, kind: str, names: list[str], **extra: Any) -> tuple[Peer, dict[str, Any]]:
    process_id = driver.next_id("callback")
    start = make_start(process_id, path, "calls", "t", try_number=2)
    request = {"kind": kind, "path": str(path), "dags_folder": str(path.parent), "names": names, "context": start, **extra}
    driver.host.send({"type": "callback", "id": process_id, "request": request})
    exited = driver.wait(lambda: driver.exit_of(process_id), "the end of the callback process")
    peer = driver.by_id(process_id)
    assert peer is not None
    driver.drain(peer)
    return peer, exited


def test_dag_callbacks_run_in_order_and_one_that_breaks_is_logged(driver: Driver, path: Path) -> None:
    peer, exited = call(driver, path, "dag", ["on_failure_callback"], reason="task_failure")
    assert exited["code"] == 0
    plain = [line for line in peer.text.splitlines() if not line.startswith("{")]
    assert plain == [
        "told task_failure scheduled__2024-03-10T00:00:00+00:00 calls t",
        "note 2024-03-10 task_failure",
    ]
    errors = [line for line in peer.lines if line["level"] == "error"]
    assert [line["error_detail"][0]["exc_value"] for line in errors] == ["in the callback"]


def test_callbacks_of_a_task_that_died(driver: Driver, path: Path) -> None:
    peer, exited = call(driver, path, "task", ["on_failure_callback"], reason="killed by signal 9 (SIGKILL)")
    assert exited["code"] == 0
    plain = [line for line in peer.text.splitlines() if not line.startswith("{")]
    assert plain == ["task t 2 killed by signal 9 (SIGKILL)", "note t"]


def test_missing_dag_is_told(driver: Driver, path: Path) -> None:
    path.write_text("x = 1\n")
    peer, exited = call(driver, path, "dag", ["on_success_callback"], reason="success")
    assert exited["code"] == 1
    assert "DAG 'calls' is not in" in peer.text
