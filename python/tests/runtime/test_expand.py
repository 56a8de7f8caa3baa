"""Arguments of map indexes, and what references to other tasks mean in a running task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryRuntime

from airflow._runtime import set_runtime
from airflow.exceptions import AirflowSkipException
from airflow.sdk import DAG, task, task_group
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput
from tradewind import expand, outcome, xcom
from tradewind.execute import Execution
from tradewind.taskinstance import TaskInstance

CASES = json.loads((Path(__file__).parent / "vectors" / "mapped_expansion.json").read_text())["cases"]
RUN = "manual__1"


@pytest.fixture
def runtime() -> Iterator[MemoryRuntime]:
    made = MemoryRuntime()
    set_runtime(made)
    yield made
    set_runtime(None)


@pytest.fixture
def dag() -> DAG:
    return DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc))


def start(task_id: str, map_index: int = -1) -> dict[str, Any]:
    return {"dag_id": "d", "run_id": RUN, "task_id": task_id, "map_index": map_index, "dag_run": {"run_type": "manual"}}


def context_of(dag: DAG, task_id: str, runtime: MemoryRuntime, map_index: int = -1) -> dict[str, Any]:
    ti = TaskInstance(start(task_id, map_index), dag.get_task(task_id), runtime)
    return {"ti": ti, "task": ti.task}


def push(runtime: MemoryRuntime, task_id: str, *values: Any, mapped: bool = False) -> None:
    """One value of an ordinary task, or one for each instance of a mapped one."""
    indexes = range(len(values)) if mapped else [-1]
    runtime.xcoms[task_id, "return_value"] = {index: xcom.encode(value) for index, value in zip(indexes, values)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_vector(case: dict[str, Any], dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def target(**kwargs: Any) -> None: ...

        target.expand(**case["expand"])
    source = DictOfListsExpandInput(case["expand"])
    assert expand.length(source, context_of(dag, "target", runtime)) == case["instances"]
    for index, expected in enumerate(case["kwargs_by_map_index"]):
        values = expand.arguments(source, context_of(dag, "target", runtime, index)).values
        assert list(values) == list(expected)
        assert {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()} == expected
    with pytest.raises(IndexError):
        expand.arguments(source, context_of(dag, "target", runtime, case["instances"]))


def executed(dag: DAG, runtime: MemoryRuntime, task_id: str, map_index: int = -1) -> dict[str, Any]:
    execution = Execution(start(task_id, map_index), dag, runtime, keep_task=True)
    return execution.run()


def returned(result: dict[str, Any]) -> Any:
    assert result["state"] == "success", result
    return json.loads(result["return_value"])


def test_map_runs_only_for_its_own_item(dag: DAG, runtime: MemoryRuntime) -> None:
    seen: list[int] = []

    def even(n: int) -> int:
        seen.append(n)
        if n % 2:
            raise AirflowSkipException(str(n))
        return n * 10

    with dag:

        @task
        def numbers() -> list[int]: ...

        @task
        def use(n: int) -> int:
            return n

        use.expand(n=numbers().map(even))
    push(runtime, "numbers", [1, 2, 3, 4])
    assert returned(executed(dag, runtime, "use", 3)) == 40
    assert executed(dag, runtime, "use", 0)["state"] == "skipped"
    assert seen == [4, 1]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda a, b: a.zip(b), [[1, "x"], [2, "y"]]),
        (lambda a, b: a.zip(b, fillvalue="?"), [[1, "x"], [2, "y"], [3, "?"]]),
        (lambda a, b: a.concat(b), [1, 2, 3, "x", "y"]),
        (lambda a, b: a.map(str).zip(b), [["1", "x"], ["2", "y"]]),
    ],
    ids=["zip", "zip_longest", "concat", "map_zip"],
)
def test_derived_lists(make: Any, expected: list[Any], dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def a() -> list[int]: ...

        @task
        def b() -> list[str]: ...

        @task
        def use(v: Any) -> Any:
            return list(v) if isinstance(v, tuple) else v

        use.expand(v=make(a(), b()))
    push(runtime, "a", [1, 2, 3])
    push(runtime, "b", ["x", "y"])
    source = dag.get_task("use").expand_input
    count = expand.length(source, context_of(dag, "use", runtime))
    assert [returned(executed(dag, runtime, "use", index)) for index in range(count)] == expected


def test_dict_of_an_upstream_task(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def pairs() -> dict[str, int]: ...

        @task
        def use(pair: Any) -> Any:
            return list(pair)

        use.expand(pair=pairs())
    push(runtime, "pairs", {"a": 1, "b": 2})
    assert [returned(executed(dag, runtime, "use", i)) for i in (0, 1)] == [["a", 1], ["b", 2]]


def test_expand_kwargs_of_an_upstream_task(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def rows() -> list[dict[str, int]]: ...

        @task
        def use(x: int, y: int = 5) -> int:
            return x + y

        use.expand_kwargs(rows())
    push(runtime, "rows", [{"x": 1}, {"x": 2, "y": 3}])
    assert [returned(executed(dag, runtime, "use", i)) for i in (0, 1)] == [6, 5]


def test_all_instances_outside_and_own_index_inside_a_mapped_group(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def first(n: int) -> int:
            return n * 2

        @task
        def second(n: int) -> int:
            return n + 1

        @task
        def total(values: Any) -> Any:
            return [type(values).__name__ != "str", sum(values), len(values)]

        @task_group
        def group(n: int) -> Any:
            return second(first(n))

        total(group.expand(n=[10, 20]))
    assert returned(executed(dag, runtime, "group.first", 1)) == 40
    push(runtime, "group.first", 20, 40, mapped=True)
    assert returned(executed(dag, runtime, "group.second", 1)) == 41
    push(runtime, "group.second", 21, 41, mapped=True)
    assert returned(executed(dag, runtime, "total")) == [True, 62, 2]


def test_map_of_a_group_argument_runs_only_for_its_own_item(dag: DAG, runtime: MemoryRuntime) -> None:
    def refuse_two(n: int) -> int:
        if n == 2:
            raise AirflowSkipException("two")
        return n * 10

    with dag:

        @task
        def numbers() -> list[int]: ...

        @task
        def use(n: int) -> int:
            return n

        @task_group
        def group(n: int) -> Any:
            return use(n)

        group.expand(n=numbers().map(refuse_two))
    push(runtime, "numbers", [1, 2])
    assert returned(executed(dag, runtime, "group.use", 0)) == 10
    assert executed(dag, runtime, "group.use", 1)["state"] == "skipped"


def test_values_from_tasks_are_not_templates(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def texts() -> list[str]: ...

        @task
        def use(text: str) -> str:
            return text

        use.expand(text=texts())
        use.override(task_id="literal").expand(text=["{{ 1 + 1 }}"])
    push(runtime, "texts", ["{{ 1 + 1 }}"])
    assert returned(executed(dag, runtime, "use", 0)) == "{{ 1 + 1 }}"
    assert returned(executed(dag, runtime, "literal", 0)) == "2"


@pytest.mark.parametrize(
    ("value", "length", "error"),
    [
        ([1, 2], 2, None),
        ({"a": 1}, 1, None),
        ([], 0, None),
        (None, None, "XComForMappingNotPushed"),
        ("text", None, "UnmappableXComTypePushed"),
        (3, None, "UnmappableXComTypePushed"),
        (list(range(1025)), None, "UnmappableXComLengthPushed"),
    ],
    ids=["list", "dict", "empty", "none", "text", "number", "too_long"],
)
def test_length_of_what_is_mapped_over(
    value: Any, length: int | None, error: str | None, dag: DAG, runtime: MemoryRuntime
) -> None:
    with dag:

        @task
        def source() -> Any:
            return value

        @task
        def use(v: Any) -> None: ...

        use.expand(v=source())
    result = executed(dag, runtime, "source")
    if error is None:
        assert (result["state"], result["map_length"]) == ("success", length)
    else:
        assert result["state"] == "failed"
        assert result["error"]["class"].endswith(error)


def test_instance_counts_when_it_pushed(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def maybe(n: int) -> int | None:
            return n or None

        maybe.expand(n=[0, 1])
    assert "map_length" not in executed(dag, runtime, "maybe", 0)
    assert executed(dag, runtime, "maybe", 1)["map_length"] == 1


def test_pull_of_a_mapped_task_is_a_list(dag: DAG, runtime: MemoryRuntime) -> None:
    with dag:

        @task
        def many(n: int) -> int: ...

        @task
        def one() -> int: ...

        @task
        def use() -> None: ...

        many.expand(n=[1])
        one()
        use()
    push(runtime, "many", 7, mapped=True)
    push(runtime, "one", 3)
    ti = context_of(dag, "use", runtime)["ti"]
    assert ti.xcom_pull("many") == [7], "a list, even of one"
    assert ti.xcom_pull("one") == 3
    assert ti.xcom_pull(["one", "many"]) == [3, 7]
    assert ti.xcom_pull("many", map_indexes=0) == 7
    assert ti.xcom_pull("many", map_indexes=[0, 1], default="-") == [7, "-"]
    assert ti.xcom_pull("use", default="-") == "-"
    assert ti.xcom_pull() is None


def test_outcome_of_a_reschedule() -> None:
    from airflow.exceptions import AirflowRescheduleException

    result = outcome.failure(AirflowRescheduleException(datetime(2024, 1, 1, 12, tzinfo=timezone.utc)))
    assert (result["state"], result["reschedule_at"]) == ("rescheduled", "2024-01-01T12:00:00Z")
