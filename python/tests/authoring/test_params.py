"""Params and their schemas."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from airflow import _warnings
from airflow.sdk import DAG, Param, ParamsDict, dag, task
from airflow.sdk.definitions._internal.jsonschema import SchemaError, check
from airflow.sdk.definitions.param import DagParam
from airflow.sdk.exceptions import ParamValidationError
from tradewind._formvalues import params_form
from tradewind.form import dag_form


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, ["", "x"], [1, None, True, []]),
        ({"type": "integer"}, [0, -3, 2.0], [1.5, "1", True, None]),
        ({"type": "number"}, [0, 1.5], ["1", False]),
        ({"type": "boolean"}, [True, False], [0, 1, "true"]),
        ({"type": "array"}, [[], [1]], ["x", {}]),
        ({"type": "object"}, [{}, {"a": 1}], [[], "x"]),
        ({"type": ["null", "string"]}, [None, "x"], [1]),
        ({"enum": [1, "a", None]}, [1, "a", None], [2, True]),
        ({"const": 5}, [5], [6]),
        ({"minimum": 1, "maximum": 3}, [1, 3, "any text"], [0, 4]),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, [2], [1, 3]),
        ({"multipleOf": 5}, [0, 10], [7]),
        ({"minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
        ({"pattern": "^a"}, ["ab"], ["ba"]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2024-02-30", "x"]),
        (
            {"format": "date-time"},
            ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123+09:00"],
            ["2024-01-01", "2024-13-01T00:00:00Z"],
        ),
        ({"format": "time"}, ["01:02:03", "23:59"], ["25:00:00", "noon"]),
        ({"format": "email"}, ["a@b"], ["ab"]),
        ({"format": "multiline"}, ["any\ntext"], []),
        ({"items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3], ["x"]]),
        ({"uniqueItems": True}, [[1, 2], [1, True]], [[1, 1]]),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, [["a", 1]], [[1], ["a", "b"]]),
        (
            {"properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
            [{"a": 1}],
            [{}, {"a": "x"}, {"a": 1, "b": 2}],
        ),
        ({"additionalProperties": {"type": "integer"}}, [{"x": 1}], [{"x": "y"}]),
        ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, ["x", 4], [2]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 3}]}, [1, 3.5], [4, 1.5]),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, [3], [2, "x"]),
        ({"not": {"type": "null"}}, [1], [None]),
        ({}, [None, 1, "x"], []),
    ],
)
def test_schema(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        check(value, schema)
    for value in bad:
        with pytest.raises(SchemaError):
            check(value, schema)


def test_the_error_says_where() -> None:
    schema = {"properties": {"rows": {"items": {"type": "integer"}}}}
    with pytest.raises(SchemaError, match=r"'x' is not of type 'integer' at \.rows\[1\]"):
        check({"rows": [1, "x"]}, schema)


def test_reading_setting_and_merging() -> None:
    params = ParamsDict({"n": Param(1, type="integer", minimum=1), "text": "x"})
    params["n"] = 5
    params["new"] = [1]
    assert params.dump() == {"n": 5, "text": "x", "new": [1]}
    with pytest.raises(ParamValidationError, match="Invalid input for param n: 0 is less than the minimum of 1"):
        params["n"] = 0
    params.update({"text": "y"}, other=2)
    assert params.validate() == {"n": 5, "text": "y", "new": [1], "other": 2}
    assert params.get_param("n").schema == {"type": "integer", "minimum": 1}
    assert "n" in params
    del params["new"]
    assert list(params) == ["n", "text", "other"]


def test_copies_do_not_share_values() -> None:
    first = ParamsDict({"n": Param(1)})
    second = ParamsDict(first)
    second["n"] = 2
    assert (first["n"], second["n"]) == (1, 2)


def test_missing_and_wrong_values() -> None:
    params = ParamsDict({"n": Param(type="integer"), "wrong": Param("x", type="integer")})
    with pytest.raises(ParamValidationError, match="No value passed and Param has no default value"):
        params.validate()
    with pytest.raises(ValueError, match="is not of type 'integer'"):
        _ = params["wrong"]
    with pytest.raises(ParamValidationError, match="json-serializable"):
        Param(object())


def test_dates_among_the_params_are_taken_with_a_warning() -> None:
    _warnings.clear()
    made = DAG("dated", params={"day": date(2024, 2, 29)})
    form = dag_form(made)
    assert form["params"]["day"]["value"] == "2024-02-29"
    assert made.params["day"] == date(2024, 2, 29)
    assert "which 3.x refuses" in form["warnings"][0]["message"]


def test_arguments_of_a_dag_function_are_params() -> None:
    seen = {}

    @dag(schedule=None)
    def flow(n: int = 3, text: str = "x"):  # type: ignore[no-untyped-def]
        seen["n"] = n

        @task
        def use(value: Any) -> None: ...

        use(n)

    made = flow(n=5)
    assert isinstance(made, DAG)
    assert made.params.dump() == {"n": 5, "text": "x"}
    assert isinstance(seen["n"], DagParam)
    context = {"params": made.params.validate(), "dag_run": SimpleNamespace(conf={})}
    operator = made.get_task("use")
    operator.render_template_fields(context)
    assert list(operator.op_args) == [5]
    assert seen["n"].resolve({**context, "dag_run": SimpleNamespace(conf={"n": 7})}) == 7


def test_objects_of_a_file_as_params() -> None:
    """2.x takes them with a warning; a text stands for them where JSON is needed."""

    class Hook:
        def __repr__(self) -> str:
            return "a hook"

    hook = Hook()
    dag = DAG("d", schedule=None, params={"hook": hook})
    assert dag.params["hook"] is hook
    assert params_form(dag.params)["hook"]["value"] == "a hook"
    within = DAG("d", schedule=None, params={"steps": [{"by": hook, "rows": 5}]})
    assert within.params["steps"][0]["by"] is hook
    assert params_form(within.params)["steps"]["value"] == [{"by": "a hook", "rows": 5}]
    assert "a param holds a Hook" in _warnings.collected[-1]["message"]
    with pytest.raises(ParamValidationError):
        DAG("d", schedule=None, params={"x": object()})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"format": "date-time"}, ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.5+09:00"], ["2024-01-01"]),
        ({"format": "duration"}, ["P1D", "PT1H30M", "P2W"], ["x", "P", "PT"]),
        ({"format": "regex"}, ["^a"], ["("]),
        ({"format": "ipv4"}, ["1.2.3.4"], ["1.2.3", "1.2.3.400"]),
        ({"format": "ipv6"}, ["::1"], ["1.2.3.4"]),
        ({"if": {"type": "integer"}, "then": {"minimum": 6}, "else": {"minLength": 2}}, [6, "ab"], [5, "a"]),
        ({"contains": {"const": 2}}, [[1, 2]], [[1], []]),
        ({"contains": {"const": 2}, "minContains": 2, "maxContains": 2}, [[2, 2]], [[2], [2, 2, 2]]),
        ({"propertyNames": {"pattern": "^b"}}, [{"b": 1}], [{"a": 1}]),
        ({"minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 2, "c": 3}]),
        ({"patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False}, [{"ab": "x"}], [{"ab": 1}, {"b": "x"}]),
        ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}, {"a": 1, "b": 1}], [{"a": 1}]),
        ({"dependentSchemas": {"a": {"required": ["c"]}}}, [{}, {"a": 1, "c": 1}], [{"a": 1}]),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "string"}}}, ["x"], [5]),
        (
            {"$ref": "#/$defs/tree", "$defs": {"tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}}}}},
            [{"left": {"left": {}}}],
            [{"left": {"left": 5}}],
        ),
    ],
)
def test_schemas_as_airflow_reads_them(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert Param(value, **schema).resolve() == value
    for value in bad:
        with pytest.raises(ParamValidationError):
            Param(value, **schema).resolve()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "bogus"}, "the schema has the type 'bogus'; there are string, integer"),
        ({"minimum": "x"}, "{'minimum': 'x'} is not a JSON Schema"),
        ({"$ref": "#/$defs/x"}, "refers to '#/$defs/x', which it does not have"),
        ({"$ref": "http://x/y"}, "only references within it"),
        ({"$ref": "#"}, "lead too deep"),
    ],
)
def test_schemas_that_are_none(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(ParamValidationError, match=re.escape(words)):
        Param(5, **schema).resolve()


def test_params_as_text_and_in_xcoms() -> None:
    assert str(ParamsDict({"a": 1, "b": Param(type="string")})) == "{'a': 1, 'b': None}"
    param = Param(5, "words", type="integer")
    again = Param.deserialize(param.serialize(), 1)
    assert (again.value, again.description, again.schema) == (5, "words", {"type": "integer"})
