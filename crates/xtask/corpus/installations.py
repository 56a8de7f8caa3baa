"""What an installation may be like, where neither a file nor its repository says: tried one after the other until one suits the file."""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Installation:
    """One that a file may have been written for."""

    #: The name of the environment: production, development ...
    environment: str = "prod"
    #: Texts differ from each other (they are numbers in any case).
    distinct: bool = False
    #: Optional environment variables are set.
    all_set: bool = False
    #: Variables and environment variables are what files of the repository say that they are, modules are found wherever they are in it.
    as_stated: bool = False
    #: Its DAGs folder is the repository, not the folder of the file.
    whole: bool = False


INSTALLATIONS = (
    Installation(as_stated=True),
    Installation("dev", as_stated=True),
    Installation(),
    Installation("dev", distinct=True),
    Installation("prd", all_set=True),
    Installation("production", distinct=True, all_set=True),
    Installation("PROD"),
    Installation(as_stated=True, whole=True),
)
#: The one that this process is.
_now = INSTALLATIONS[0]

_GUESSES = (
    (("schedule", "cron", "interval"), "0 1 * * *"),
    (("environment", "env", "stage"), "prod"),
    (("date",), "2024-01-01"),
    (("timezone", "tz"), "UTC"),
    (("url", "uri", "endpoint"), "http://localhost"),
    (("sqlalchemy", "alchemy", "conn_str", "connection_string", "db_url", "dsn", "conn"), "sqlite://"),
    (("mail",), "someone@example.com"),
)


def be(like: Installation) -> None:
    """From now on this process is an installation like this one."""
    global _now
    _now = like


def all_set() -> bool:
    """Whether optional environment variables are set."""
    return _now.all_set


def number(name: str) -> str:
    """A number as a text, for a value of which nothing is known."""
    return str(zlib.crc32(name.encode()) % 60 + 1) if _now.distinct else "1"


def guess(name: str) -> str:
    """A value that a setting called ``name`` may well have."""
    lower = name.lower()
    for words, value in _GUESSES:
        if any(word in lower for word in words):
            return _now.environment if value == "prod" else value
    return number(name)
