"""Arguments of operators that are given with a wrong type, or as ``None``: as Airflow 3.3.2 takes them."""

from __future__ import annotations

from typing import Any

import pytest

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from tradewind.form import dag_form


def made(**arguments: Any) -> EmptyOperator:
    with DAG("d", schedule=None):
        return EmptyOperator(task_id="t", **arguments)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("max_active_tis_per_dag", "x", "a whole number, not 'x'"),
        ("max_active_tis_per_dagrun", 1.5, "a whole number, not 1.5"),
        ("executor", 5, "a text, not 5"),
        ("run_as_user", 5, "a text, not 5"),
        ("map_index_template", 5, "a text, not 5"),
        ("multiple_outputs", "x", "True or False, not 'x'"),
    ],
)
def test_wrong_types_are_told_when_the_file_is_loaded(name: str, value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"'{name}' of task 't' has to be {words}"):
        made(**{name: value})


def test_what_is_converted() -> None:
    assert made(max_active_tis_per_dag="3").max_active_tis_per_dag == 3
    assert made(multiple_outputs=None).multiple_outputs is False
    assert made().operator_class is EmptyOperator


@pytest.mark.parametrize(("value", "sent"), [(None, False), (False, False), (True, True)])
def test_mail_that_is_switched_off_by_none(value: Any, sent: bool) -> None:
    assert made().email_on_failure is True
    assert made(email_on_failure=value).email_on_failure is sent
    with DAG("d", schedule=None, default_args={"email_on_retry": value}) as dag:
        EmptyOperator(task_id="t")
    assert dag.get_task("t").email_on_retry is sent
    (form,) = dag_form(dag, "/")["tasks"]
    assert form.get("email_on_retry", True) is sent
