"""JSON with the values that XComs may have."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from typing import Any


class AirflowJsonEncoder(json.JSONEncoder):
    """Writes dates, numbers and identifiers as texts and numbers."""

    def default(self, o: Any) -> Any:
        """A value that JSON does not know."""
        if isinstance(o, dt.datetime):
            return o.isoformat()
        if isinstance(o, dt.date):
            return o.strftime("%Y-%m-%d")
        if isinstance(o, decimal.Decimal):
            return int(o) if o == o.to_integral_value() else float(o)
        if isinstance(o, (uuid.UUID, set, frozenset)):
            return str(o) if isinstance(o, uuid.UUID) else list(o)
        return super().default(o)


WebEncoder = AirflowJsonEncoder


class XComEncoder(json.JSONEncoder):
    """Writes values as XComs are kept."""

    def encode(self, o: Any) -> str:
        """The text of a value."""
        from tradewind.xcom import serialize

        return super().encode(serialize(o))


class XComDecoder(json.JSONDecoder):
    """Reads what :class:`XComEncoder` wrote."""

    def decode(self, s: str, *args: Any) -> Any:
        """The value of a text."""
        from tradewind.xcom import deserialize

        return deserialize(super().decode(s))
