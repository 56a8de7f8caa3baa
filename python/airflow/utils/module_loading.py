"""Loading things by their dotted path."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def import_string(dotted_path: str) -> Any:
    """The attribute that ``package.module.name`` names; an ``ImportError`` when there is none."""
    module_path, dot, name = dotted_path.rpartition(".")
    if not dot:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    try:
        return getattr(import_module(module_path), name)
    except AttributeError:
        raise ImportError(f'Module "{module_path}" does not define a "{name}" attribute/class') from None


def is_valid_dotpath(path: str) -> bool:
    """Whether ``path`` looks like ``package.module.name``."""
    return isinstance(path, str) and all(part.isidentifier() for part in path.split("."))


def iter_namespace(ns: Any) -> Any:
    """The modules of a package."""
    import pkgutil

    return pkgutil.iter_modules(ns.__path__, ns.__name__ + ".")


def qualname(o: object | Callable[..., Any]) -> str:
    """The dotted path of a class, a function, or the class of an object."""
    if callable(o) and hasattr(o, "__module__") and hasattr(o, "__qualname__"):
        return f"{o.__module__}.{o.__qualname__}"
    return f"{type(o).__module__}.{type(o).__qualname__}"
