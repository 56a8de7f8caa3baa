"""The short way of a log line says what the long one says, and gives way wherever somebody else listens."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest

from tradewind.logs import JsonLines, say


@pytest.fixture
def lines() -> Iterator[Any]:
    """Logging as in an attempt, with what reaches the pipe."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    read, write = os.pipe()
    root.handlers[:] = [JsonLines(write)]
    root.setLevel(logging.INFO)

    def written() -> list[dict[str, Any]]:
        os.set_blocking(read, False)
        try:
            return [json.loads(line) for line in os.read(read, 1 << 16).splitlines()]
        except BlockingIOError:
            return []

    yield written
    root.handlers[:] = before
    root.setLevel(level)
    os.close(read)
    os.close(write)


def test_both_ways_write_the_same_line(lines: Any) -> None:
    logger = logging.getLogger("airflow.task.say")
    say(logger, "value %s", {"x": 1})
    logger.info("value %s", {"x": 1})
    short, long = lines()
    assert short.pop("timestamp")[:16] == long.pop("timestamp")[:16]
    assert short.pop("lineno") + 1 == long.pop("lineno")
    assert short == long


def test_levels_are_heeded(lines: Any) -> None:
    logger = logging.getLogger("airflow.task.say.quiet")
    logger.setLevel(logging.WARNING)
    say(logger, "nobody hears it")
    assert lines() == []


@pytest.mark.parametrize("where", ["handler", "filter", "root filter", "adapter"])
def test_whoever_else_listens_gets_records(lines: Any, where: str) -> None:
    seen: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(f"{record.getMessage()} of {record.funcName}")

    def note(record: logging.LogRecord) -> bool:
        seen.append(f"{record.getMessage()} of {record.funcName}")
        return True

    parent, logger = logging.getLogger("airflow.task.heard"), logging.getLogger("airflow.task.heard.by")
    listener = Listener()
    if where == "handler":
        parent.addHandler(listener)
    elif where == "filter":
        logger.addFilter(note)
    elif where == "root filter":
        logging.getLogger().handlers[0].addFilter(note)
    else:
        parent.addHandler(listener)
        logger = logging.LoggerAdapter(logger, {})  # type: ignore[assignment]
    try:
        say(logger, "a %s", "line")
    finally:
        parent.removeHandler(listener)
        logging.getLogger("airflow.task.heard.by").removeFilter(note)
    assert seen == ["a line of test_whoever_else_listens_gets_records"]
    assert [line["event"] for line in lines()] == ["a line"]
