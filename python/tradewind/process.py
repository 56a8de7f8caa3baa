"""What a forked child does before user code may run: session, signals, output pipe and its own connection."""

from __future__ import annotations

import os
import sys
from typing import Any

from tradewind.frames import Connection

#: Path of the Unix socket the Rust side listens on; set once by the host, inherited by every fork.
_socket_path: str = ""
_attached = False


def set_socket_path(path: str) -> None:
    """Remember where to connect to."""
    global _socket_path
    _socket_path = path


def connect(role: str, process_id: str) -> Connection:
    """Open this process' connection and hand over the read end of its stdout and stderr with the ``hello`` frame."""
    connection = Connection.connect(_socket_path)
    read_end, write_end = os.pipe()
    connection.send({"type": "hello", "role": role, "id": process_id, "pid": os.getpid()}, fds=(read_end,))
    os.close(read_end)
    os.dup2(write_end, 1)
    os.dup2(write_end, 2)
    os.close(write_end)
    _attach_output()
    return connection


def _attach_output() -> None:
    """Lines reach the pipe as they are printed, in UTF-8, and nothing printed can raise an encoding error.

    New objects, once for each family of processes: the inherited ones remember what kind of file they had before.
    """
    global _attached
    if _attached:
        return
    _attached = True
    options: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "buffering": 1, "closefd": False}
    sys.stdout = sys.__stdout__ = open(1, "w", **options)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", **options)  # type: ignore[misc]  # noqa: SIM115


def detach_input() -> None:
    """User code reads an empty stdin: it must never wait for a terminal."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    if null:
        os.close(null)
