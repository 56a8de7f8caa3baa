"""Metrics of tasks: to StatsD when ``[metrics] statsd_on`` says so, else nowhere."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from typing import Any

from airflow.configuration import conf


class Timer:
    """Measures a block, in milliseconds."""

    def __init__(self, stat: str | None = None, tags: dict[str, Any] | None = None) -> None:
        self.stat, self.tags = stat, tags
        self.duration: float | None = None
        self._began = 0.0

    def start(self) -> Timer:
        """Begin."""
        self._began = time.perf_counter()
        return self

    def stop(self, send: bool = True) -> None:
        """End, and send what was measured."""
        self.duration = 1000 * (time.perf_counter() - self._began)
        if send and self.stat:
            Stats.timing(self.stat, self.duration, tags=self.tags)

    def __enter__(self) -> Timer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class Stats:
    """Sends one datagram for each metric; one that is lost is lost."""

    _socket: socket.socket | None = None

    @classmethod
    def _send(cls, stat: str, value: str, rate: float = 1) -> None:
        if not conf.getboolean("metrics", "statsd_on", fallback=False):
            return
        if cls._socket is None:
            cls._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        prefix = conf.get("metrics", "statsd_prefix", fallback="airflow")
        host, port = (
            conf.get("metrics", "statsd_host", fallback="localhost"),
            conf.getint("metrics", "statsd_port", fallback=8125),
        )
        sampled = "" if rate == 1 else f"|@{rate}"
        try:
            cls._socket.sendto(f"{prefix}.{stat}:{value}{sampled}".encode(), (host, port))
        except OSError:
            return

    @classmethod
    def incr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: dict[str, Any] | None = None) -> None:
        """Add to a counter."""
        cls._send(stat, f"{count}|c", rate)

    @classmethod
    def decr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: dict[str, Any] | None = None) -> None:
        """Take from a counter."""
        cls._send(stat, f"{-count}|c", rate)

    @classmethod
    def gauge(cls, stat: str, value: float, rate: float = 1, delta: bool = False, *, tags: dict[str, Any] | None = None) -> None:
        """Set a value, or change it by ``delta``."""
        cls._send(stat, f"{value:+}|g" if delta else f"{value}|g", rate)

    @classmethod
    def timing(cls, stat: str, dt: float | timedelta, *, tags: dict[str, Any] | None = None) -> None:
        """A duration, in milliseconds when it is a number."""
        cls._send(stat, f"{dt.total_seconds() * 1000 if isinstance(dt, timedelta) else dt}|ms")

    @classmethod
    def timer(cls, stat: str | None = None, *args: Any, tags: dict[str, Any] | None = None, **kwargs: Any) -> Timer:
        """A block whose duration is sent."""
        return Timer(stat, tags)
