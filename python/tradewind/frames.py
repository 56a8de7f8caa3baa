"""Frames over a Unix stream socket: a 4-byte big-endian length and one JSON object (docs/reference/python-frames.md)."""

from __future__ import annotations

import array
import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

MAX_FRAME = 64 * 1024 * 1024
#: Bytes asked for in one read: at first, and once a frame has turned out to be longer.
SMALL_READ = 8192
LARGE_READ = 262144
_LENGTH = struct.Struct(">I")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

Frame = dict[str, Any]


class FrameError(Exception):
    """The other side sent something that is not a frame, or closed the connection in the middle of one."""


class Connection:
    """One blocking connection to the Rust side. Not thread-safe: callers serialise their requests."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()

    @classmethod
    def connect(cls, path: str) -> Connection:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(path)
        return cls(sock)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def send(self, frame: Frame, fds: Sequence[int] = ()) -> None:
        """Send one frame; ``fds`` travel with its first byte as SCM_RIGHTS."""
        body = _encode(frame).encode("utf-8", "replace")
        if len(body) > MAX_FRAME:
            raise FrameError(f"frame {frame.get('type')!r} has {len(body)} bytes, the limit is {MAX_FRAME}")
        data = _LENGTH.pack(len(body)) + body
        if fds:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds).tobytes())
            sent = self._sock.sendmsg([data], [rights])
            data = data[sent:]
        if data:
            self._sock.sendall(data)

    def receive(self) -> Frame | None:
        """The next frame, or ``None`` when the other side has closed the connection between two frames."""
        while True:
            frame = self.pop()
            if frame is not None:
                return frame
            if not self.fill():
                return None

    def fill(self) -> bool:
        """Read once into the buffer; false at the end of the stream."""
        try:
            # Most frames are small, and a large buffer is mapped and unmapped anew for each read.
            chunk = self._sock.recv(LARGE_READ if len(self._buffer) >= SMALL_READ else SMALL_READ)
        except ConnectionResetError:
            chunk = b""
        if chunk:
            self._buffer += chunk
            return True
        if self._buffer:
            raise FrameError(f"connection closed in the middle of a frame ({len(self._buffer)} bytes read)")
        return False

    def pop(self) -> Frame | None:
        """The next frame if the buffer holds a whole one."""
        if len(self._buffer) < 4:
            return None
        (size,) = _LENGTH.unpack_from(self._buffer)
        if size > MAX_FRAME:
            raise FrameError(f"frame of {size} bytes announced, the limit is {MAX_FRAME}")
        if len(self._buffer) < 4 + size:
            return None
        body = bytes(self._buffer[4 : 4 + size])
        del self._buffer[: 4 + size]
        frame = json.loads(body)
        if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
            raise FrameError("a frame must be a JSON object with a text 'type'")
        return frame
