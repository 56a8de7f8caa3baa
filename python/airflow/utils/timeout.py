"""A time limit for a block of code."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from airflow.sdk.exceptions import AirflowTaskTimeout


class timeout:  # noqa: N801
    """Raises ``AirflowTaskTimeout`` in the block after so many seconds; main thread only."""

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self.seconds = seconds
        self.error_message = error_message
        self._before: Any = None

    def handle_timeout(self, signum: int, frame: FrameType | None) -> None:
        """The time is over."""
        raise AirflowTaskTimeout(self.error_message)

    def __enter__(self) -> timeout:
        self._before = signal.signal(signal.SIGALRM, self.handle_timeout)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        return self

    def __exit__(self, *_: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
