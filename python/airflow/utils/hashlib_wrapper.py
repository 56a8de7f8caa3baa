"""MD5 where the system forbids it for security."""

from __future__ import annotations

import hashlib
from typing import Any


def md5(data: bytes = b"", **kwargs: Any) -> Any:
    """A checksum that protects nothing."""
    return hashlib.md5(data, usedforsecurity=False)
