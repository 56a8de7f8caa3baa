"""Answers kept while one DAG file is loaded, with ``[secrets] use_cache``: a file that asks for a variable a hundred times asks once."""

from __future__ import annotations

import time
from typing import Any


class SecretCache:
    """Off until :meth:`init`, which the parser calls; tasks always ask anew."""

    VARIABLE, CONNECTION = "variable", "connection"
    _kept: dict[tuple[str, str], tuple[float, Any]] | None = None
    _ttl = 0.0

    class NotPresentException(Exception):
        """Nothing is kept under this name."""

    @classmethod
    def init(cls) -> None:
        """Begin to keep answers, when the installation asks for it."""
        from airflow.configuration import conf

        cls._ttl = float(conf.getint("secrets", "cache_ttl_seconds", fallback=900))
        cls._kept = {} if conf.getboolean("secrets", "use_cache", fallback=False) else None

    @classmethod
    def reset(cls) -> None:
        """Forget everything, and keep nothing more."""
        cls._kept = None

    @classmethod
    def find(cls, kind: str, name: str) -> Any:
        """What is kept; ``NotPresentException`` when nothing is, or it is too old."""
        found = None if cls._kept is None else cls._kept.get((kind, name))
        if found is None or time.monotonic() - found[0] > cls._ttl:
            raise cls.NotPresentException(name)
        return found[1]

    @classmethod
    def keep(cls, kind: str, name: str, value: Any) -> Any:
        """Keep an answer (``None`` too: that there is none) and give it back."""
        if cls._kept is not None:
            cls._kept[kind, name] = (time.monotonic(), value)
        return value

    @classmethod
    def get_variable(cls, key: str, **_: Any) -> str | None:
        """The text of a variable that is kept."""
        return cls.find(cls.VARIABLE, key)  # type: ignore[no-any-return]

    @classmethod
    def save_variable(cls, key: str, value: str | None, **_: Any) -> None:
        """Keep a variable's text."""
        cls.keep(cls.VARIABLE, key, value)

    @classmethod
    def invalidate_variable(cls, key: str, **_: Any) -> None:
        """Ask for a variable anew."""
        if cls._kept is not None:
            cls._kept.pop((cls.VARIABLE, key), None)

    @classmethod
    def invalidate_connection_uri(cls, conn_id: str, **_: Any) -> None:
        """Ask for a connection anew."""
        if cls._kept is not None:
            cls._kept.pop((cls.CONNECTION, conn_id), None)
