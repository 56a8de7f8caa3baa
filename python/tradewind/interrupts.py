"""Signals that end a task, held back while a frame is on its way so that none is cut in two."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_held = 0
_pending: list[Callable[[], None]] = []
_numbers: set[int] = set()


@contextlib.contextmanager
def hold() -> Iterator[None]:
    """No interrupting exception is raised inside; what arrived meanwhile is raised at the end."""
    global _held
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if not _held and _pending:
            action = _pending.pop(0)
            _pending.clear()
            action()


def on(number: int, action: Callable[[], None]) -> None:
    """Run ``action`` (which may raise) in the main thread when the signal arrives.

    Only in this process: one that the task forks (a pool of ``multiprocessing`` ends its workers by SIGTERM) has the default
    from its first moment. A handler in Python would not do there: a signal just before a blocking call would be lost in it.
    """
    owner = os.getpid()
    if not _numbers:
        os.register_at_fork(before=_block, after_in_parent=_unblock, after_in_child=_give_up)
    _numbers.add(number)

    def handler(_number: int, _frame: FrameType | None) -> None:
        if os.getpid() != owner:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if _held:
            _pending.append(action)
        else:
            action()

    signal.signal(number, handler)


def _block() -> None:
    """Before a fork: Python forgets signals that a new process gets before it is set up, so none may arrive."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _numbers)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _numbers)


def _give_up() -> None:
    """In a process that this one has forked: nothing of ours handles signals there."""
    for number in _numbers:
        signal.signal(number, signal.SIG_DFL)
    _unblock()


def forget() -> None:
    """Drop what is pending: the task has ended by itself."""
    _pending.clear()
