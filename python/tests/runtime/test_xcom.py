"""XCom values: the stored form against vectors, and what cannot be stored."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import uuid
from pathlib import Path
from typing import Any

import pendulum
import pytest

from tradewind import xcom


class Colour(enum.Enum):
    RED = 1


#: Values that the vectors describe in words.
NAMED = {
    "datetime utc": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "pendulum UTC": pendulum.datetime(2024, 1, 2),
    "pendulum Seoul": pendulum.datetime(2024, 1, 2, tz="Asia/Seoul"),
    "date(2024,1,2)": datetime.date(2024, 1, 2),
    "Decimal('5')": decimal.Decimal("5"),
    "nan": math.nan,
    "inf": math.inf,
    "Enum": Colour.RED,
    "nested": {"a": [{"b": (1, {2})}]},
    "pendulum duration": pendulum.duration(days=1),
    "set of str": {"only"},
    "deep list": [[[[1]]]],
}
CASES = json.loads((Path(__file__).parent / "vectors" / "xcom_serialization.json").read_text())["cases"]


def value_of(case: dict[str, Any]) -> Any:
    text = case["python"]
    return NAMED[text] if text in NAMED else eval(text, {}, {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_vector(case: dict[str, Any]) -> None:
    value = value_of(case)
    if "error" in case:
        with pytest.raises(Exception) as raised:
            xcom.encode(value)
        assert raised.type.__name__ == case["error"]
        return
    text = xcom.encode(value)
    # The file spells the numbers that JSON does not know as text.
    stored = json.loads(text, parse_constant=str)
    assert stored == case["json"]
    back = xcom.decode(text)
    assert f"{type(back).__name__}: {back!r}" == case["round_trip"]


@dataclasses.dataclass
class Point:
    x: int
    when: datetime.date


@pytest.mark.parametrize(
    "value",
    [
        (1, "a", None),
        frozenset({1}),
        datetime.timedelta(days=1, seconds=0.5),
        uuid.UUID(int=7),
        decimal.Decimal("1.25"),
        datetime.datetime(2024, 7, 1, 12, 30, 15, 250000),
        pendulum.datetime(2024, 11, 3, 6, 30, tz="America/New_York"),
        {"deep": [({"x": {datetime.date(2024, 2, 29)}},)]},
    ],
    ids=repr,
)
def test_round_trip(value: Any) -> None:
    back = xcom.decode(xcom.encode(value))
    assert back == value
    assert type(back) is type(value)


def test_dataclass_needs_permission_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    text = xcom.encode(Point(1, datetime.date(2024, 1, 1)))
    name = f"{Point.__module__}.Point"
    assert json.loads(text)["__classname__"] == name
    with pytest.raises(ImportError, match="allowed_deserialization_classes"):
        xcom.decode(text)
    monkeypatch.setenv("AIRFLOW__CORE__ALLOWED_DESERIALIZATION_CLASSES", f"airflow.* {name}")
    assert xcom.decode(text) == Point(1, datetime.date(2024, 1, 1))


@pytest.mark.parametrize(
    "value", [b"bytes", object(), (i for i in ()), {"a": b"x"}, [lambda: None]], ids=lambda v: type(v).__name__
)
def test_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot serialize"):
        xcom.encode(value)


def test_endless_nesting_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(RecursionError):
        xcom.encode(value)
