"""Times of frames, with every precision that RFC 3339 allows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tradewind.times import from_wire, to_wire


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-10T07:30:00Z", "2024-03-10T07:30:00+00:00"),
        ("2024-03-10T07:30:00.5Z", "2024-03-10T07:30:00.500000+00:00"),
        ("2024-03-10T07:30:00.123456Z", "2024-03-10T07:30:00.123456+00:00"),
        ("2024-03-10T07:30:00.123456789Z", "2024-03-10T07:30:00.123456+00:00"),
        ("2024-03-10T16:30:00+09:00", "2024-03-10T07:30:00+00:00"),
        ("2024-03-10T16:30:00.25+09:00", "2024-03-10T07:30:00.250000+00:00"),
    ],
)
def test_from_wire(text: str, expected: str) -> None:
    moment = from_wire(text)
    assert moment.isoformat() == expected
    assert moment.timezone_name == "UTC"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 3, 10, 7, 30, tzinfo=timezone.utc), "2024-03-10T07:30:00Z"),
        (datetime(2024, 3, 10, 7, 30, 0, 5, tzinfo=timezone.utc), "2024-03-10T07:30:00.000005Z"),
        (datetime(2024, 3, 10, 16, 30, tzinfo=timezone(timedelta(hours=9))), "2024-03-10T07:30:00Z"),
        (datetime(2024, 3, 10, 7, 30), "2024-03-10T07:30:00Z"),
        ("2024-03-10T07:30:00Z", "2024-03-10T07:30:00Z"),
    ],
)
def test_to_wire(moment: datetime, text: str) -> None:
    assert to_wire(moment) == text


def test_nothing_stays_nothing() -> None:
    assert from_wire(None) is None
    assert to_wire(None) is None
