"""Notifiers as callbacks: given once for many tasks, with templates, and with an asynchronous half."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

import pytest

from airflow.sdk import DAG, BaseNotifier, BaseOperator, task
from tradewind.inprocess import dag_test

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Note(BaseNotifier):
    template_fields = ("text", "more")

    def __init__(self, text: str, calls: list[str], more: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text, self.calls, self.more = text, calls, more

    def notify(self, context: Any) -> None:
        self.calls.append(self.text)


class Fails(BaseOperator):
    def execute(self, context: Any) -> None:
        raise ValueError("as it should")


def test_one_notifier_of_default_args_speaks_for_each_task() -> None:
    calls: list[str] = []
    note = Note("{{ ti.task_id }} {{ ti.map_index }} of {{ ds }}", calls)
    arguments = {
        "on_failure_callback": note,
        "on_success_callback": [note, lambda context: calls.append("plain")],
        "on_execute_callback": Note("begins", calls),
        "on_retry_callback": Note("again after {{ ti.try_number }}", calls),
        "retries": 1,
    }
    ended = [Note("{{ reason }}", calls), Note("{{ dag.dag_id }}", calls)]
    with DAG("d", schedule=None, start_date=START, default_args=arguments, on_failure_callback=ended) as dag:
        Fails(task_id="a") >> Fails(task_id="b", trigger_rule="all_done", on_failure_callback=[])

        @task(retries=0)
        def works(n: int) -> None: ...

        works.expand(n=[1, 2])
    assert dag_test(dag, logical_date=START).state == "failed"
    assert calls[:4] == ["begins", "again after 1", "begins", "a -1 of 2024-01-01"]
    for index in (0, 1):
        assert f"works {index} of 2024-01-01" in calls
    assert calls.count("plain") == 2
    assert calls[-2:] == ["task_failure", "d"]
    assert not any(text.startswith("b -1") for text in calls), "its own list, an empty one, counts"


def test_default_args_of_a_group_and_of_the_dag() -> None:
    from airflow.sdk import TaskGroup

    outer, inner = Note("outer", []), Note("inner", [])
    with DAG("d", schedule=None, default_args={"on_failure_callback": outer}) as dag:
        Fails(task_id="a")
        with TaskGroup("g", default_args={"on_failure_callback": [inner]}):
            Fails(task_id="b")
    assert dag.get_task("a").on_failure_callback == [outer]
    assert dag.get_task("g.b").on_failure_callback == [inner]
    assert dag.on_failure_callback == [], "default_args are those of tasks"


def test_a_field_that_is_set_between_two_calls_counts() -> None:
    calls: list[str] = []
    note = Note("{{ ds }}", calls, more=["{{ ds }}"])
    note({"ds": "1"})
    note({"ds": "2"})
    assert (calls, note.more) == (["1", "2"], ["2"])
    note.text = "now {{ ds }}"
    note({"ds": "3"})
    assert calls[-1] == "now 3"


class OnlyAsync(BaseNotifier):
    template_fields = ("text",)

    def __init__(self, text: str, calls: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text, self.calls = text, calls

    async def async_notify(self, context: Any) -> None:
        await asyncio.sleep(0)
        self.calls.append(self.text)


def test_the_asynchronous_half() -> None:
    calls: list[str] = []
    OnlyAsync("{{ ds }}", calls)({"ds": "called"})

    async def wait() -> None:
        await OnlyAsync("{{ ds }}", calls, context={"ds": "awaited"})

    asyncio.run(wait())
    assert calls == ["called", "awaited"]

    class Nothing(BaseNotifier): ...

    with pytest.raises(NotImplementedError, match="Nothing implements neither"):
        Nothing()({})
