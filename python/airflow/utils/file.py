"""Folders as 1.10 code makes them."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

__all__ = ["TemporaryDirectory", "mkdirs"]


def mkdirs(path: str, mode: int) -> None:
    """Make ``path`` and the folders above it."""
    os.makedirs(path, mode=mode, exist_ok=True)
