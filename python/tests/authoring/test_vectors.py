"""Snippets that build DAGs, run under the imports of 2.x and of 3.x; the outcomes were observed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "authoring.json").read_text(encoding="utf-8"))
V2, V3 = "2.11.0", "3.3.2"

#: Spellings of 2.x that 3.x refuses: accepted here with their old meaning, so the outcome is that of 2.x.
OLD_SPELLINGS = {f"authoring-{number:05}" for number in (0, 1, 4, 7, 8, 156)}

#: A wrong type that 3.x notices only when the task runs: refused at once, as in 2.x.
EARLIER_ERRORS = {"authoring-00356"}


def outcome(version: str, code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"V": version[0]}
    exec(VECTORS["prelude"][version], names)
    try:
        exec(code, names)
    except Exception as error:
        return {"ok": False, "exception": type(error).__name__, "classes": [base.__name__ for base in type(error).__mro__]}
    try:
        value = json.loads(json.dumps(names["r"]))
    except TypeError:
        value = repr(names["r"])
    return {"ok": True, "value": value}


def expected(case: dict[str, Any]) -> dict[str, Any]:
    if case["id"] in OLD_SPELLINGS | EARLIER_ERRORS:
        return case[V2]  # type: ignore[no-any-return]
    return case[V3]  # type: ignore[no-any-return]


def check(case: dict[str, Any], found: dict[str, Any]) -> None:
    wanted = expected(case)
    assert found["ok"] == wanted["ok"], found
    if wanted["ok"]:
        assert found["value"] == wanted["value"]
    else:
        assert wanted["exception"] in found["classes"], found


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["id"])
def test_with_imports_of_3(case: dict[str, Any]) -> None:
    check(case, outcome(V3, case["code"]))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["id"])
def test_with_imports_of_2(case: dict[str, Any]) -> None:
    """The old imports give the same things, so the outcomes are those of 3.x."""
    check(case, outcome(V2, case["code"]))


def test_both_classes_of_duplicate_state_error() -> None:
    from airflow.exceptions import AirflowException
    from airflow.sdk.exceptions import DuplicateStateError

    assert issubclass(DuplicateStateError, AirflowException)
    assert issubclass(DuplicateStateError, ValueError)
