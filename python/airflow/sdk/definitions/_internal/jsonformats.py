"""The formats of JSON Schema that params use: whether a text is one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, re.error):
            return False
        return True

    return test


def _date_time(text: str) -> dt.datetime:
    if not re.match(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$", text):
        raise ValueError(text)
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace("Z", "+00:00"))
    return dt.datetime.fromisoformat(re.sub(r"\.(\d{1,5})(?=[+-]|$)", lambda m: "." + m.group(1).ljust(6, "0"), trimmed))


def _time(text: str) -> dt.time:
    if not re.match(r"^\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?$", text):
        raise ValueError(text)
    return dt.time.fromisoformat(text[:8])


def _ipv4(text: str) -> object:
    from ipaddress import IPv4Address

    return IPv4Address(text)


def _ipv6(text: str) -> object:
    from ipaddress import IPv6Address

    return IPv6Address(text)


_DURATION = r"^P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)$"
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _parses(dt.date.fromisoformat),
    "date-time": _parses(_date_time),
    "time": _parses(_time),
    "duration": lambda text: re.match(_DURATION, text) is not None,
    "email": lambda text: "@" in text,
    "idn-email": lambda text: "@" in text,
    "regex": _parses(re.compile),
    "ipv4": _parses(_ipv4),
    "ipv6": _parses(_ipv6),
    "uuid": lambda text: re.match(_UUID, text) is not None,
}
