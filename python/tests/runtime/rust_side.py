"""Plays the Rust side for tests: listens on a socket, starts a real host, and talks frames with real processes.

Every wait has a bound and says in its error what had been seen until then.
"""

from __future__ import annotations

import array
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PYTHON_ROOT = Path(os.environ.get("TRADEWIND_PYTHON_PATH") or Path(__file__).resolve().parents[2])
WAIT = 30.0


class Peer:
    """One connected Python process: its hello, the frames it sent, and the output that came through its pipe."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.hello: dict[str, Any] = {}
        self.frames: list[dict[str, Any]] = []
        self.output = bytearray()
        self.output_bytes = 0
        self.pipe: int | None = None
        self.closed = False
        self._buffer = bytearray()

    def send(self, frame: dict[str, Any]) -> None:
        body = json.dumps(frame).encode()
        self.sock.sendall(struct.pack(">I", len(body)) + body)

    def read(self) -> list[dict[str, Any]]:
        try:
            data, ancillary, _, _ = self.sock.recvmsg(1 << 20, socket.CMSG_SPACE(16))
        except ConnectionResetError:
            # It closed with something unread.
            data, ancillary = b"", []
        for level, kind, payload in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds = array.array("i")
                fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
                self.pipe = fds[0]
                os.set_blocking(self.pipe, False)
        if not data:
            self.closed = True
            return []
        self._buffer += data
        out = []
        while len(self._buffer) >= 4:
            (size,) = struct.unpack(">I", self._buffer[:4])
            if len(self._buffer) < 4 + size:
                break
            out.append(json.loads(self._buffer[4 : 4 + size]))
            del self._buffer[: 4 + size]
        return out

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Log lines that are JSON objects."""
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    @property
    def text(self) -> str:
        return self.output.decode()


class Driver:
    """Listener, host process and all peers. Use as a context manager."""

    KEEP_OUTPUT = 1 << 20

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.path = str(folder / "host.sock")
        self.env = env or {}
        self.peers: list[Peer] = []
        self.host: Peer
        self.exits: list[dict[str, Any]] = []
        self.answer: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda method, params: {"result": {}}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.ack_state: Callable[[dict[str, Any]], str] = lambda result: result["state"]
        self._selector = selectors.DefaultSelector()
        self._counter = 0

    def __enter__(self) -> Driver:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        env = {**os.environ, "PYTHONPATH": str(PYTHON_ROOT), "TRADEWIND_HOME": str(self.folder), **self.env}
        command = [sys.executable, "-m", "tradewind.host", "--socket", self.path]
        self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)
        self.host = self.wait(lambda: next(iter(self._role("host")), None), "the host's hello")
        return self

    def __exit__(self, *_: object) -> None:
        for peer in self.peers:
            peer.sock.close()
            if peer.pipe is not None:
                os.close(peer.pipe)
        self._listener.close()
        try:
            self.process.wait(WAIT)
        finally:
            self.process.kill()
            self.process.wait()
        self._selector.close()

    def _role(self, role: str) -> list[Peer]:
        return [peer for peer in self.peers if peer.hello.get("role") == role]

    def wait(self, done: Callable[[], Any], what: str, seconds: float = WAIT) -> Any:
        """Pump events until ``done`` gives something true."""
        deadline = time.monotonic() + seconds
        while not (value := done()):
            left = deadline - time.monotonic()
            if left <= 0:
                seen = [(peer.hello, [f.get("type") for f in peer.frames], peer.text[-2000:]) for peer in self.peers]
                raise AssertionError(f"waited {seconds} s for {what}; exits {self.exits}; peers {seen}")
            self.pump(min(left, 1.0))
        return value

    def pump(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                sock, _ = self._listener.accept()
                peer = Peer(sock)
                self.peers.append(peer)
                self._selector.register(sock, selectors.EVENT_READ, ("frames", peer))
                continue
            kind, peer = key.data
            if kind == "frames":
                self._frames(peer)
            else:
                self._output(peer)

    def _frames(self, peer: Peer) -> None:
        had_pipe = peer.pipe is not None
        frames = peer.read()
        if peer.pipe is not None and not had_pipe:
            self._selector.register(peer.pipe, selectors.EVENT_READ, ("output", peer))
        if peer.closed:
            self._selector.unregister(peer.sock)
        for frame in frames:
            if frame["type"] == "hello":
                peer.hello = frame
            elif frame["type"] == "exited":
                self.exits.append(frame)
            elif frame["type"] == "request":
                self._request(peer, frame)
            else:
                peer.frames.append(frame)
                if frame["type"] == "result":
                    if frame.get("ack") is False:
                        continue
                    self._try_send(peer, {"type": "ack", "accepted": True, "state": self.ack_state(frame)})

    def _request(self, peer: Peer, frame: dict[str, Any]) -> None:
        self.requests.append((frame["method"], frame["params"]))
        answer = self.answer(frame["method"], frame["params"])
        if frame["id"] is not None:
            self._try_send(peer, {"type": "response", "id": frame["id"], **answer})

    @staticmethod
    def _try_send(peer: Peer, frame: dict[str, Any]) -> None:
        try:
            peer.send(frame)
        except OSError:
            peer.closed = True

    def _output(self, peer: Peer) -> None:
        assert peer.pipe is not None
        data = os.read(peer.pipe, 1 << 16)
        if not data:
            self._selector.unregister(peer.pipe)
            return
        peer.output_bytes += len(data)
        if len(peer.output) < self.KEEP_OUTPUT:
            peer.output += data

    # Commands

    def next_id(self, prefix: str) -> str:
        self._counter += 1
        return f"{prefix}-{self._counter}"

    def by_id(self, process_id: str) -> Peer | None:
        return next((peer for peer in self.peers if peer.hello.get("id") == process_id), None)

    def exit_of(self, process_id: str) -> dict[str, Any] | None:
        return next((frame for frame in self.exits if frame["id"] == process_id), None)

    def drain(self, peer: Peer) -> None:
        """Read what the process has left in its pipe after its end."""
        self.wait(lambda: peer.pipe not in {key.fd for key in self._selector.get_map().values()}, "the end of the output")

    def parse(self, path: Path, **extra: Any) -> dict[str, Any]:
        """Parse a file; gives the ``parsed`` frame, or the ``exited`` one when there was none."""
        process_id = self.next_id("parse")
        self.host.send(
            {
                "type": "parse",
                "id": process_id,
                "path": str(path),
                "dags_folder": str(path.parent),
                "config": {},
                "env": {},
                **extra,
            }
        )

        def done() -> Any:
            peer = self.by_id(process_id)
            if peer is not None and peer.frames:
                return peer.frames[0]
            return self.exit_of(process_id) if peer is not None and peer.closed else None

        return self.wait(done, f"the parse of {path}")

    def template(self, path: Path, **extra: Any) -> Peer:
        process_id = self.next_id("template")
        frame = {"type": "template", "id": process_id, "path": str(path), "dags_folder": str(path.parent), "env": {}}
        self.host.send({**frame, **extra})

        def done() -> Peer | None:
            peer = self.by_id(process_id)
            if self.exit_of(process_id) and not (peer and peer.frames):
                raise AssertionError(f"the template of {path} died: {self.exit_of(process_id)} {peer and peer.text}")
            return peer if peer and peer.frames else None

        return self.wait(done, f"the template of {path}")

    def start(self, parent: Peer, path: Path, dag_id: str, task_id: str, **extra: Any) -> str:
        """Send a ``run`` for a task; gives the attempt id."""
        attempt_id = self.next_id("attempt")
        parent.send({"type": "run", "attempt": make_start(attempt_id, path, dag_id, task_id, **extra)})
        return attempt_id

    def run(self, parent: Peer, path: Path, dag_id: str, task_id: str, **extra: Any) -> tuple[Peer, dict[str, Any]]:
        """Run a task to the end of its process; gives its peer (``frames`` has the result) and the ``exited`` frame."""
        attempt_id = self.start(parent, path, dag_id, task_id, **extra)
        exited = self.wait(lambda: self.exit_of(attempt_id), f"the end of {attempt_id}")
        # The parent's word of the end may be read before the child's own connection is accepted.
        peer = self.wait(lambda: self.by_id(attempt_id), f"the hello of {attempt_id}")
        self.drain(peer)
        return peer, exited


def make_start(attempt_id: str, path: Path, dag_id: str, task_id: str, **extra: Any) -> dict[str, Any]:
    """A START for a scheduled run of 2024-03-10; ``extra`` overrides, ``dag_run`` and ``ti`` key by key."""
    run = {
        "dag_id": dag_id,
        "run_id": "scheduled__2024-03-10T00:00:00+00:00",
        "run_type": "scheduled",
        "state": "running",
        "logical_date": "2024-03-10T00:00:00Z",
        "data_interval_start": "2024-03-10T00:00:00Z",
        "data_interval_end": "2024-03-11T00:00:00Z",
        "run_after": "2024-03-11T00:00:00Z",
        "start_date": "2024-03-11T00:00:01Z",
        "end_date": None,
        "conf": {},
        "clear_number": 0,
        **extra.pop("dag_run", {}),
    }
    ti = {
        "start_date": "2024-03-11T00:00:02Z",
        "queue": "default",
        "pool": "default_pool",
        "log_url": "http://localhost/log",
        **extra.pop("ti", {}),
    }
    start = {
        "attempt_id": attempt_id,
        "token": "secret",
        "dag_id": dag_id,
        "run_id": run["run_id"],
        "task_id": task_id,
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "should_retry": False,
        "path": str(path),
        "dags_folder": str(path.parent),
        "relative_path": path.name,
        "dag_run": run,
        "ti": ti,
        "map_length": None,
        "execution_timeout": None,
        "xcom": {},
        "config": {},
        "env": {"TRADEWIND_ATTEMPT_ID": attempt_id},
    }
    return {**start, **extra}
