"""Folders as 1.10 code makes them."""

from __future__ import annotations

import io
import os
import zipfile
from tempfile import TemporaryDirectory
from typing import Any

__all__ = [
    "TemporaryDirectory",
    "correct_maybe_zipped",
    "list_py_file_paths",
    "might_contain_dag",
    "mkdirs",
    "open_maybe_zipped",
]


def mkdirs(path: str, mode: int) -> None:
    """Make ``path`` and the folders above it."""
    os.makedirs(path, mode=mode, exist_ok=True)


def _split(path: str) -> tuple[str | None, str]:
    archive, mark, inside = path.partition(".zip/")
    return (archive + ".zip", inside) if mark and os.path.isfile(archive + ".zip") else (None, path)


def correct_maybe_zipped(fileloc: Any) -> Any:
    """The archive that a path leads into; any other path as it is."""
    return (_split(fileloc)[0] or fileloc) if fileloc else fileloc


def open_maybe_zipped(fileloc: str, mode: str = "r") -> Any:
    """A file, which may be in an archive."""
    archive, inside = _split(fileloc)
    if archive is None:
        return open(fileloc, mode=mode)
    return io.TextIOWrapper(zipfile.ZipFile(archive).open(inside), encoding="utf-8")


def might_contain_dag(file_path: str, safe_mode: bool = True, zip_file: Any = None) -> bool:
    """Whether a file mentions both ``dag`` (or ``asset``) and ``airflow``."""
    if not safe_mode:
        return True
    if zip_file is not None:
        with zip_file.open(file_path) as file:
            text = file.read().lower()
    else:
        if zipfile.is_zipfile(file_path):
            return True
        with open(file_path, "rb") as file:
            text = file.read().lower()
    return (b"dag" in text or b"asset" in text) and b"airflow" in text


def list_py_file_paths(directory: Any, safe_mode: bool = True, include_examples: bool | None = None, **_: Any) -> list[str]:
    """The files of a folder that may hold DAGs."""
    if not directory:
        return []
    if os.path.isfile(directory):
        return [str(directory)]
    found = []
    for place, folders, names in os.walk(directory, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        paths = [os.path.join(place, name) for name in sorted(names) if name.endswith((".py", ".zip"))]
        found += [path for path in paths if might_contain_dag(path, safe_mode)]
    return found
