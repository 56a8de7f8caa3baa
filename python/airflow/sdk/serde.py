"""Values as XComs write them."""

from __future__ import annotations

from typing import Any

from tradewind.xcom import CLASSNAME, DATA, VERSION
from tradewind.xcom import deserialize as _deserialize
from tradewind.xcom import serialize as _serialize

__all__ = ["CLASSNAME", "DATA", "VERSION", "deserialize", "serialize"]


def serialize(o: object, depth: int = 0) -> Any:
    """``o`` with everything that JSON does not know wrapped."""
    return _serialize(o, depth)


def deserialize(o: Any, full: bool = True, type_hint: Any = None) -> Any:
    """The value of something :func:`serialize` wrote."""
    return _deserialize(o)
