"""Logging of attempts: one JSON object per line on the output pipe."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import traceback
from datetime import datetime, timezone
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def encode(line: dict[str, Any]) -> str:
    """A log line as text."""
    return _encode(line)


_LEVELS = {"CRITICAL": "critical", "ERROR": "error", "WARNING": "warning", "INFO": "info", "DEBUG": "debug"}
#: Frames kept in ``error_detail`` of one exception; deeper recursion is cut in the middle.
MAX_FRAMES = 50
#: Characters kept of one message; the worker takes lines of up to 1 MiB, and a line cut there would be no JSON any more.
MAX_EVENT = 200_000


class JsonLines(logging.Handler):
    """Writes each record straight to the descriptor: text that ``print`` still buffers cannot end up inside the line."""

    def __init__(self, fd: int = 1) -> None:
        super().__init__()
        self._fd = fd

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.write(entry(record))
        except Exception:
            self.handleError(record)

    def write(self, line: dict[str, Any]) -> None:
        """One line. The reader may be gone; a task does not fail for its log."""
        data = (_encode(line) + "\n").encode("utf-8", "backslashreplace")
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._fd, data) :]


def say(logger: Any, template: str, *arguments: Any) -> None:
    """``logger.info(template, *arguments)``, for lines of which every task has one.

    A record's way through :mod:`logging` touches more memory than all else a short task does, and a fork copies what it touches. Where
    nobody but the output pipe listens, the line is written without it.
    """
    root = logging.root
    handler: Any = root.handlers[0] if len(root.handlers) == 1 else None
    plain = type(handler) is JsonLines and not handler.filters and logging.getLogRecordFactory() is logging.LogRecord
    above: Any = logger if type(logger) is logging.Logger else None
    while plain and above is not root:
        plain = above is not None and above.propagate and not above.handlers and not above.filters
        above = above.parent if plain else None
    if not plain or root.filters:
        logger.info(template, *arguments, stacklevel=2)
    elif logger.isEnabledFor(logging.INFO):
        event = template % arguments if arguments else template
        now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        line = {"timestamp": now, "level": "info", "event": shortened(event), "logger": logger.name}
        caller = sys._getframe(1)
        handler.write({**line, "filename": os.path.basename(caller.f_code.co_filename), "lineno": caller.f_lineno})


def shortened(event: str) -> str:
    """A message of a length that the worker takes."""
    return event if len(event) <= MAX_EVENT else f"{event[:MAX_EVENT]}... (cut: the message has {len(event)} characters)"


def entry(record: logging.LogRecord) -> dict[str, Any]:
    """The log line of a record, with the field names of Airflow 3."""
    out: dict[str, Any] = {
        "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat().replace("+00:00", "Z"),
        "level": _LEVELS.get(record.levelname, record.levelname.lower()),
        "event": shortened(record.getMessage()),
        "logger": record.name,
        "filename": record.filename,
        "lineno": record.lineno,
    }
    if record.exc_info and record.exc_info[1] is not None:
        out["error_detail"] = error_detail(record.exc_info[1])
    if record.stack_info:
        out["stack"] = record.stack_info
    return out


def error_detail(error: BaseException) -> list[dict[str, Any]]:
    """An exception and its causes, outermost first, each with its frames."""
    out: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    is_cause = False
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = user_frames(current)
        if len(frames) > MAX_FRAMES:
            frames = [*frames[: MAX_FRAMES // 2], *frames[-MAX_FRAMES // 2 :]]
        out.append(
            {
                "exc_type": type(current).__name__,
                "exc_value": str(current)[:MAX_EVENT],
                "exc_notes": list(getattr(current, "__notes__", [])),
                "syntax_error": None,
                "is_cause": is_cause,
                "frames": [{"filename": f.filename, "lineno": f.lineno, "name": f.name} for f in frames],
                "is_group": False,
                "exceptions": [],
            }
        )
        is_cause = current.__cause__ is not None
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return out


def user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of a traceback without those of the machinery that called the task."""
    frames = list(traceback.extract_tb(error.__traceback__))
    here = os.path.dirname(os.path.abspath(__file__))
    own = (here + os.sep, os.path.join(os.path.dirname(here), "airflow") + os.sep)
    first = next((i for i, frame in enumerate(frames) if not frame.filename.startswith(own)), len(frames))
    return frames[first:] or frames


def format_exception(error: BaseException) -> str:
    """The text of a traceback, causes included."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return "".join(lines)


def install(level: str = "INFO") -> None:
    """Send all logging of this process to the output pipe."""
    root = logging.getLogger()
    # Usually the template has done it for its attempts.
    if not (len(root.handlers) == 1 and type(root.handlers[0]) is JsonLines):
        for handler in list(root.handlers):
            root.removeHandler(handler)
        root.addHandler(JsonLines())
        logging.captureWarnings(True)
    number = logging.getLevelName(level)
    if root.level != number:
        root.setLevel(number if isinstance(number, int) else logging.INFO)
