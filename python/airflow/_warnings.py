"""Deprecated names that a DAG file uses, collected for the parser."""

from __future__ import annotations

import os
import sys
from types import FrameType

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_HIDDEN = (_PACKAGE, "<frozen importlib", os.path.dirname(os.path.abspath(os.__file__)) + os.sep + "importlib")

collected: list[dict[str, object]] = []


def caller() -> FrameType | None:
    """The innermost frame that is not ours: the DAG file or a module it imports."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HIDDEN):
        frame = frame.f_back
    return frame


def record(kind: str, message: str, *, refused: bool = False) -> None:
    """Note ``message`` with the file and line of the caller, once for each line."""
    frame = caller()
    entry: dict[str, object] = {"type": kind, "message": message}
    if frame is not None:
        entry["file"] = frame.f_code.co_filename
        entry["line"] = frame.f_lineno
    if refused:
        entry["refused"] = True
    if entry not in collected:
        collected.append(entry)


def deprecated(message: str, *, refused: bool = False) -> None:
    """Note the use of an old spelling; ``refused``: an argument that 3.x does not take."""
    record("deprecation", message, refused=refused)


def clear() -> None:
    """Forget everything collected, before the next file."""
    collected.clear()
