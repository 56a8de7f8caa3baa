"""Sub-DAGs of 1.10 and 2.x as task groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from airflow.operators.subdag import SubDagOperator as Newer
from airflow.operators.subdag_operator import SubDagOperator

from airflow import DAG, _warnings
from airflow.exceptions import AirflowException
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk.definitions._internal.subdag import translate
from airflow.sdk.definitions.edges import Label
from airflow.sdk.definitions.taskgroup import TaskGroup
from tradewind.form import dag_form


def inner(parent: str, child: str) -> DAG:
    with DAG(f"{parent}.{child}", default_args={"retries": 3}, schedule_interval="@daily") as made:
        one, two, three = (EmptyOperator(task_id=f"t{number}") for number in range(3))
        one >> Label("then") >> two
        with TaskGroup("deep"):
            EmptyOperator(task_id="x") >> EmptyOperator(task_id="y")
        three >> made.task_group_dict["deep"]
    return made


@pytest.fixture
def outer() -> DAG:
    with DAG("main", start_date=datetime(2024, 1, 1), schedule_interval="@daily") as made:
        first, last = EmptyOperator(task_id="first"), EmptyOperator(task_id="last")
        section = SubDagOperator(task_id="section", subdag=inner("main", "section"), executor=object(), trigger_rule="all_done")
        first >> section >> last
    return made


def test_tasks_become_a_group_with_all_their_edges(outer: DAG) -> None:
    form = dag_form(outer)
    edges = {task["task_id"]: task["downstream"] for task in form["tasks"]}
    assert edges == {
        "first": ["section.t0", "section.t2"],
        "last": [],
        "section.t0": ["section.t1"],
        "section.t1": ["last"],
        "section.t2": ["section.deep.x"],
        "section.deep.x": ["section.deep.y"],
        "section.deep.y": ["last"],
    }
    assert [(group["group_id"], group.get("parent")) for group in form["groups"]] == [
        ("section", None),
        ("section.deep", "section"),
    ]
    assert form["edge_labels"] == {"section.t0": {"section.t1": "then"}}
    rules = {task["task_id"]: task["trigger_rule"] for task in form["tasks"]}
    assert rules["section.t0"] == rules["section.t2"] == "all_done"
    assert rules["section.t1"] == "all_success"
    assert all(task["retries"] == 3 for task in form["tasks"] if "." in task["task_id"])


def test_the_inner_dag_is_no_dag_of_its_own(outer: DAG) -> None:
    (subdag,) = outer.subdags
    assert subdag.is_subdag
    assert subdag.parent_dag is outer
    with pytest.raises(AirflowException, match="it is in use already"):
        SubDagOperator(task_id="again", subdag=subdag, dag=outer)
    with pytest.raises(AirflowException, match="needs a DAG"):
        SubDagOperator(task_id="alone", subdag=inner("a", "b"))


def test_two_with_the_same_tasks_and_one_in_the_other() -> None:
    dag = DAG("main", start_date=datetime(2024, 1, 1))
    middle = inner("main", "b")
    Newer(task_id="c", subdag=inner("main.b", "c"), dag=middle)
    for name, subdag in (("a", inner("main", "a")), ("b", middle)):
        SubDagOperator(task_id=name, subdag=subdag, dag=dag)
    assert {"a.t0", "b.t0", "b.c.t0", "b.c.deep.x"} <= set(dag.task_ids)
    assert len(dag.subdags) == 3


@pytest.mark.parametrize(
    ("task_id", "dag_id", "asked", "found"),
    [
        ("section.t1", None, "t0", (None, "section.t0")),
        ("section.deep.y", None, "t0", (None, "section.t0")),
        ("section.t1", None, "first", (None, "first")),
        ("section.t1", "main", "first", ("main", "first")),
        ("last", "main.section", "t0", (None, "section.t0")),
        ("last", "other", "t0", ("other", "t0")),
    ],
)
def test_xcoms_are_found_by_their_old_names(outer: DAG, task_id: str, dag_id: Any, asked: str, found: Any) -> None:
    assert translate(outer.get_task(task_id), dag_id, [asked]) == (found[0], [found[1]])


def test_the_warning_says_what_to_write() -> None:
    _warnings.clear()
    from airflow.operators.subdag import SubDagOperator as Again  # noqa: F401

    message = _warnings.collected[-1]["message"]
    assert message == (
        "airflow.operators.subdag.SubDagOperator: its tasks become a task group of the outer DAG; write a TaskGroup"
    )


def test_decorator_of_a_dag_and_tags_as_a_list() -> None:
    dag = DAG("one", tags=["b"])

    @dag.task
    def plain() -> int:
        return 1

    @dag.task(task_id="named", retries=2)
    def other(n: int) -> None: ...

    other(plain())
    assert dag.get_task("named").upstream_task_ids == {"plain"}
    dag.tags.append("c")  # type: ignore[attr-defined]
    dag.tags = ["a"] + dag.tags  # type: ignore[operator]
    assert dag_form(dag)["tags"] == ["a", "b", "c"]
