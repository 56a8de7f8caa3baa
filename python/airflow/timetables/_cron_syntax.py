"""Which cron texts are acceptable; the scheduler itself computes the times."""

from __future__ import annotations

import re

_MONTHS = {
    name: number
    for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}

# minute, hour, day of month, month, day of week, second, year
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (0, 59), (1970, 2099))
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, _MONTHS, _DAYS, {}, {})
_LABELS = ("minute", "hour", "day of month", "month", "day of week", "second", "year")


class CronError(ValueError):
    """A cron text is not acceptable."""


def check_cron(text: str) -> None:
    """Raise a :class:`CronError` unless ``text`` (in lower case) has 5 to 7 acceptable fields."""
    fields = text.split()
    if not 5 <= len(fields) <= 7:
        raise CronError(f"Exactly 5, 6, or 7 columns has to be specified for iterator expression, not {len(fields)}.")
    for index, field in enumerate(fields):
        for item in field.split(","):
            _check_item(index, item)


def _number(index: int, text: str) -> int:
    number = _NAMES[index].get(text)
    if number is None:
        if not text.isdecimal():
            raise CronError(f"{text!r} is not a {_LABELS[index]}")
        number = int(text)
    low, high = _RANGES[index]
    if not low <= number <= high:
        raise CronError(f"{_LABELS[index]} {text} is out of range {low}-{high}")
    return number


def _check_item(index: int, item: str) -> None:
    if index == 2 and (item == "l" or re.fullmatch(r"\d{1,2}w", item)):
        return
    if index == 4:
        if re.fullmatch(r"l?[0-7]", item) or item == "l":
            return
        last = re.fullmatch(r"(l)?(\w+?)(?:#(\d))?", item)
        if item.startswith("l") and last and item[1:].isdecimal():
            return
        nth = re.fullmatch(r"(\w+)#(\d)", item)
        if nth:
            _number(index, nth.group(1))
            if not 1 <= int(nth.group(2)) <= 5:
                raise CronError(f"{item!r}: there are at most 5 such days in a month")
            return
    base, slash, step = item.partition("/")
    if slash and (not step.isdecimal() or int(step) == 0):
        raise CronError(f"{step!r} in {item!r} is not a step")
    if base in ("*", "?"):
        return
    start, dash, end = base.partition("-")
    _number(index, start)
    if dash:
        _number(index, end)
