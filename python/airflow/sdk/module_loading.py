"""Loading things by their dotted path."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from types import ModuleType

from airflow.utils.module_loading import import_string, qualname

__all__ = ["import_string", "is_valid_dotpath", "iter_namespace", "qualname"]


def is_valid_dotpath(path: str) -> bool:
    """Whether ``path`` could be the dotted path of something."""
    return isinstance(path, str) and "." in path and all(part.isidentifier() for part in path.split("."))


def iter_namespace(ns: ModuleType) -> Iterator[pkgutil.ModuleInfo]:
    """The modules of a package."""
    return pkgutil.iter_modules(ns.__path__, f"{ns.__name__}.")
