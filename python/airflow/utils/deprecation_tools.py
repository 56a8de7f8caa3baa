"""Moved names of other packages: what they use to keep old import paths."""

from __future__ import annotations

import importlib
import sys
import warnings
from types import ModuleType
from typing import Any


class DeprecatedImportWarning(FutureWarning):
    """A name is imported from where it was."""


def getattr_with_deprecation(
    imports: dict[str, str],
    module: str,
    override_deprecated_classes: dict[str, str],
    extra_message: str,
    name: str,
    override_message: str | None = None,
) -> Any:
    """The thing that ``name`` of ``module`` is now."""
    target = imports.get(name) or imports.get("*")
    if target is None:
        raise AttributeError(f"The module `{module!r}` has no attribute `{name!r}`")
    where, _, attribute = target.rpartition(".")
    shown = override_deprecated_classes.get(name, target)
    message = override_message or f"The `{module}.{name}` attribute is deprecated. Please use `{shown!r}`."
    warnings.warn(f"{message} {extra_message}".strip(), DeprecatedImportWarning, stacklevel=3)
    return getattr(importlib.import_module(where), name if attribute == "*" else attribute)


def add_deprecated_classes(
    module_imports: dict[str, dict[str, str]],
    package: str,
    override_deprecated_classes: dict[str, dict[str, str]] | None = None,
    extra_message: str | None = None,
    message: str | None = None,
) -> None:
    """Give ``package`` modules, or names of its own, that hand out things from elsewhere."""
    for module_name, imports in module_imports.items():
        full = package if module_name == package.rpartition(".")[2] or module_name == "__init__" else f"{package}.{module_name}"
        overrides = (override_deprecated_classes or {}).get(module_name, {})
        _install(full, imports, overrides, extra_message or "", message)


def _install(full: str, imports: dict[str, str], overrides: dict[str, str], extra: str, message: str | None) -> None:
    module = sys.modules.get(full) or ModuleType(full)

    def look_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr_with_deprecation(imports, full, overrides, extra, name, message)

    module.__dict__["__getattr__"] = look_up
    sys.modules.setdefault(full, module)
