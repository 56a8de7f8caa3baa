"""Entry points of installed packages, read from their files: ``importlib.metadata`` costs more than all of our own import."""

from __future__ import annotations

import os
import sys
from functools import cache


@cache
def _of_folder(folder: str, changed: float) -> tuple[tuple[str, str, str], ...]:
    found = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith((".dist-info", ".egg-info")):
            continue
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:
                found.extend(_parsed(file.read()))
        except OSError:
            continue
    return tuple(found)


def _parsed(text: str) -> list[tuple[str, str, str]]:
    found, group = [], ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.append((group, name.strip(), value.partition("[")[0].strip()))
    return found


def entry_points(group: str) -> list[tuple[str, str]]:
    """Names and values (``module:attribute``) of ``group``, in the order of ``sys.path``."""
    # Packages use one name for the same thing (``provider_info``), so a name alone does not tell them apart.
    found: dict[tuple[str, str], None] = {}
    for folder in sys.path:
        try:
            changed = os.stat(folder).st_mtime
            entries = _of_folder(folder, changed)
        except OSError:
            continue
        for its_group, name, value in entries:
            if its_group == group:
                found.setdefault((name, value))
    return list(found)


def load(value: str) -> object:
    """What an entry point's value names."""
    from importlib import import_module

    module, _, attribute = value.partition(":")
    target: object = import_module(module)
    for part in attribute.split(".") if attribute else ():
        target = getattr(target, part)
    return target
