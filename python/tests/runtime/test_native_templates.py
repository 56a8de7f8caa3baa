"""``render_template_as_native_obj``: what a task gets, and what is stored of it. The values are those of Airflow 3.3.2."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import jinja2
import pytest

from airflow.sdk import DAG, BaseOperator
from tradewind.inprocess import dag_test
from tradewind.rendering import rendered_fields

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Keeps(BaseOperator):
    template_fields = ("value",)

    def __init__(self, value: Any, kept: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value, self.kept = value, kept

    def execute(self, context: Any) -> None:
        self.kept.append(self.value)


def run(value: Any, **options: Any) -> Any:
    kept: list[Any] = []
    with DAG("d", schedule=None, start_date=START, params={"a": 1}, render_template_as_native_obj=True) as dag:
        Keeps(task_id="t", value=value, kept=kept, **options)
    result = dag_test(dag, logical_date=START)
    assert result.state == "success", result.errors
    return kept[0]


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ ds }}", "2024-01-01"), ("[{{ ds }}]", "[2024-01-01]"), ("[1, 2]", [1, 2]), ("{{ [1, 2] }}", [1, 2]), ("", ""),
        (["", "a"], [None, "a"]), ("{{ none }}", None), ("{{ '1' }}", 1), ("007", "007"), ("x {{ params.a }}", "x 1"),
        ("{{ params.a }}", 1), ("a\n", "a"), ("{{ missing | default(3) }}", 3), ("{% if missing is defined %}1{% endif %}", None),
    ],
)  # fmt: skip
def test_values(template: Any, value: Any) -> None:
    found = run(template)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("template", ["{{ missing }}", "{{ params.zz }}"])
def test_an_undefined_name_alone_is_a_value_that_fails_when_it_is_used(template: str) -> None:
    for found in (run(template), run([template])[0], run({"k": template})["k"]):
        assert isinstance(found, jinja2.StrictUndefined)
        with pytest.raises(jinja2.UndefinedError):
            str(found)


@pytest.mark.parametrize("template", ["a {{ missing }}", "{{ missing.x }}", "{{ missing or 1 }}"])
def test_an_undefined_name_that_is_used_fails_the_task(template: str) -> None:
    with pytest.raises(AssertionError, match="'missing' is undefined"):
        run(template)


def test_a_task_can_say_for_itself() -> None:
    assert run("{{ params.a }}", render_template_as_native_obj=False) == "1"


def test_what_is_stored_of_a_value_never_fails() -> None:
    class Silent:
        def __str__(self) -> str:
            raise ValueError("no")

        __repr__ = __str__

    def stored(value: Any) -> Any:
        return rendered_fields(Keeps(task_id="t", value=value, kept=[]))["value"]

    assert stored(jinja2.StrictUndefined(name="x")) == "Undefined"
    assert stored([jinja2.StrictUndefined(name="x")]) == "[Undefined]"
    assert stored(Silent()) == "<Silent>"
