"""Children of one single-threaded process: forked, watched and reaped from its loop.

A child gets no part of its parent's loop: it drops the parent's connection and signal set-up, runs its function and ends by
``os._exit``, so that neither ``atexit`` functions nor buffers of the parent run twice.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable

from tradewind.frames import Connection, Frame

#: How long children may take to end by SIGTERM once the Rust side is gone, seconds. Shorter than a worker's lease.
ORPHAN_GRACE = 5.0


class Nursery:
    """Forks children for the process that serves ``connection``, and reports their ends as ``exited`` frames."""

    def __init__(self, connection: Connection, grace: float = ORPHAN_GRACE) -> None:
        self._connection = connection
        self._grace = grace
        self._stopping = False
        self._guard: tuple[float, float] | None = None
        self._children: dict[int, str] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.signal(signal.SIGCHLD, _wake_only)
        signal.signal(signal.SIGTERM, self._stop)
        # Ctrl-C reaches the whole foreground group; stopping in order is for the Rust side.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def own_fds(self) -> set[int]:
        """Descriptors that belong to the machinery (not to the user's code)."""
        return {self._connection.fileno(), self._wake_read, self._wake_write}

    def spawn(self, child_id: str, run: Callable[[], None]) -> int:
        """Fork a child that runs ``run`` and exits; its end is reported under ``child_id``."""
        gc.disable()
        try:
            pid = os.fork()
        finally:
            gc.enable()
        if pid:
            self._children[pid] = child_id
            return pid
        code = 1
        try:
            self._leave()
            run()
            code = 0
        except BaseException:
            with contextlib.suppress(BaseException):
                traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _leave(self) -> None:
        """In a new child: give up everything that is the parent's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._connection.close()
        self._children.clear()

    def serve(self, handle: Callable[[Frame], bool]) -> None:
        """Answer frames with ``handle`` until it returns false or the connection ends; then end all children."""
        # poll and not epoll: it needs no descriptor that children would inherit.
        connection, wake = self._connection.fileno(), self._wake_read
        poller = select.poll()
        poller.register(connection, select.POLLIN)
        poller.register(wake, select.POLLIN)
        try:
            while not self._stopping:
                ready = dict(poller.poll(self._patience()))
                if self._guard and time.monotonic() >= self._guard[0]:
                    print("tradewind.host: the worker stands still; its processes are ended before its lease is over", file=sys.stderr)
                    end_tree(os.getpid(), self._guard[1])
                    return
                if wake in ready:
                    self._drain()
                    self.reap()
                if connection in ready and not self._take(handle):
                    return
        finally:
            self.end_all()

    def guard(self, seconds: float | None, grace: float) -> None:
        """End every process below this one, and stop, unless another word comes within so many seconds."""
        self._guard = None if seconds is None else (time.monotonic() + seconds, grace)

    def _patience(self) -> float | None:
        """How long to wait for the next frame, milliseconds."""
        return None if self._guard is None else max(0.0, self._guard[0] - time.monotonic()) * 1000

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _take(self, handle: Callable[[Frame], bool]) -> bool:
        if not self._connection.fill():
            return False
        while (frame := self._connection.pop()) is not None:
            if not handle(frame):
                return False
        return True

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_read, 4096):
                pass

    def reap(self) -> None:
        """Collect ended children and report each. Only known pids: processes that user code started are its own."""
        for pid in list(self._children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done:
                continue
            child_id = self._children.pop(pid)
            signalled = os.WIFSIGNALED(status)
            with contextlib.suppress(OSError):
                self._connection.send(
                    {
                        "type": "exited",
                        "id": child_id,
                        "pid": pid,
                        "code": None if signalled else os.waitstatus_to_exitcode(status),
                        "signal": os.WTERMSIG(status) if signalled else None,
                    }
                )

    def end_all(self) -> None:
        """SIGTERM to every child's group, SIGKILL to what is left after the grace time."""
        self._signal_all(signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        while self._children and time.monotonic() < deadline:
            self.reap()
            if self._children:
                time.sleep(0.02)
        self._signal_all(signal.SIGKILL)
        self.reap()

    def _signal_all(self, number: int) -> None:
        for pid in self._children:
            # A child that has not reached setsid yet has no group of its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number) if os.getpgid(pid) == pid else os.kill(pid, number)


def end_tree(root: int, grace: float) -> None:
    """SIGTERM to all processes below ``root``, SIGKILL to what is left after ``grace`` seconds."""
    deadline = time.monotonic() + grace
    number = signal.SIGTERM
    while found := below(root):
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        if number == signal.SIGKILL:
            return
        while time.monotonic() < deadline and below(root):
            time.sleep(0.05)
        number = signal.SIGKILL


def below(root: int) -> set[int]:
    """The living descendants of a process, and those of attempts whose parents are gone: they have come to its own parent."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                    fields = stat.read().rsplit(") ", 1)[1].split()
                if fields[0] not in "ZX":
                    parents[int(name)] = int(fields[1])
    above = os.getppid()
    found = {pid for pid, parent in parents.items() if parent == above and pid != root and _is_of_attempt(pid)}
    more = {root} | found
    while more:
        more = {pid for pid, parent in parents.items() if parent in more and pid not in found}
        found |= more
    return found


def _is_of_attempt(pid: int) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as environ:
        return b"TRADEWIND_ATTEMPT_ID=" in environ.read()
    return False


def _wake_only(_number: int, _frame: object) -> None:
    """The wakeup descriptor does the work; a Python-level handler must exist for it to be written."""
