"""What a repository itself says of the installation that its files are for: its modules, variables and environment variables."""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

_LARGEST = 1 << 20
_DEPTH = 5
_LEFT_OUT = {".git", "node_modules", "site-packages", "__pycache__", "test", "tests"}
#: ``KEY: value`` and ``- KEY=value`` of compose files, ``ENV KEY=value`` of Docker files, ``export KEY=value`` of files for shells.
_SETTING = re.compile(
    r"""^\s*(?:-\s*|export\s+)?["']?([A-Z][A-Z0-9_]+)["']?(?:=|:\s+)(.+)$|^\s*ENV\s+([A-Z][A-Z0-9_]+)(?:=|\s+)(.+)$"""
)
_DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")
#: Of the machine or of Airflow, not of the files.
_NOT_THEIRS = ("AIRFLOW", "TRADEWIND", "PYTHON", "LD_", "HOME", "PATH", "USER", "SHELL", "PWD")


def _files(root: Path, depth: int = _DEPTH) -> Iterator[Path]:
    """Files from the outside to the inside."""
    inner = []
    try:
        found = sorted(root.iterdir())
    except OSError:
        return
    for path in found:
        if path.is_symlink() or path.name in _LEFT_OUT:
            continue
        if path.is_dir():
            inner.append(path)
        elif path.is_file():
            yield path
    for path in inner if depth else ():
        yield from _files(path, depth - 1)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""


@functools.cache
def variables(root: Path, environment: str) -> dict[str, Any]:
    """Airflow's variables: of files that ``airflow variables import`` takes, those of this environment first."""
    paths = [
        path for path in _files(root, 3) if path.suffix == ".json" and re.search(r"(?i)(^|[^a-z])variables?([^a-z]|$)", path.stem)
    ]
    found: dict[str, Any] = {}
    for path in sorted(paths, key=lambda path: environment not in path.stem):
        try:
            stated = json.loads(_text(path))
        except ValueError:
            continue
        for key, value in stated.items() if isinstance(stated, dict) else ():
            found.setdefault(str(key), value)
    return found


@functools.cache
def environment_variables(root: Path) -> dict[str, str]:
    """Environment variables: of compose files, Docker files and files named after the environment."""
    found: dict[str, str] = {}
    for path in _files(root):
        name = path.name.lower()
        compose = "compose" in name and path.suffix in (".yml", ".yaml")
        if not (compose or name.startswith((".env", "dockerfile")) or name.endswith((".env", "env.example"))):
            continue
        for line in _text(path).splitlines():
            setting = _SETTING.match(line)
            if setting is None:
                continue
            key, stated = (part for part in setting.groups() if part is not None)
            value = _DEFAULT.sub(r"\1", stated).strip().strip("'\"")
            # What is left to the machine, or to be filled in.
            if value and not key.startswith(_NOT_THEIRS) and not any(sign in value for sign in "$<"):
                found.setdefault(key, value)
    return found


def settle(root: Path, environment: str) -> list[str]:
    """Give this process what the repository states, and say what that was."""
    used = []
    for key, value in variables(root, environment).items():
        name = f"AIRFLOW_VAR_{key.upper()}"
        if name not in os.environ and "\0" not in key and "=" not in key:
            os.environ[name] = value if isinstance(value, str) else json.dumps(value)
            used.append(f"stated Variable {key}")
    for key, text in environment_variables(root).items():
        if key not in os.environ:
            os.environ[key] = text
            used.append(f"stated environment {key}")
    return used


@functools.cache
def _modules(root: Path) -> dict[str, list[Path]]:
    """Modules and packages by their names, wherever they lie."""
    found: dict[str, list[Path]] = {}
    for path in _files(root, 8):
        if path.suffix != ".py":
            continue
        # What lies in a package is a part of that, not a module of this name.
        if path.stem != "__init__" and not (path.parent / "__init__.py").exists():
            found.setdefault(path.stem, []).append(path)
        packages = found.setdefault(path.parent.name, [])
        if path.parent not in (root, *packages) and not (path.parent.parent / "__init__.py").exists():
            packages.append(path.parent)
    return found


def look(root: Path) -> None:
    """Read what is asked of a repository once, before processes that load its files are forked."""
    environment_variables(root)
    _modules(root)


class OwnModules:
    """Finds modules of the repository that lie below another folder than those which are on ``sys.path``."""

    def __init__(self, file: Path, root: Path) -> None:
        self._file, self._root = file, root
        self._imported: dict[str, bool] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """A package or a module of this name: the nearest one to the file."""
        if "." in name or name == "airflow":
            return None
        places = [place for place in _modules(self._root).get(name, ()) if place != self._file]
        if not places:
            return None
        best = min(places, key=lambda place: (-self._shared(place), len(place.parts), place))
        if best.suffix == ".py":
            return importlib.util.spec_from_file_location(name, best)
        start = best / "__init__.py"
        if start.exists():
            return importlib.util.spec_from_file_location(name, start, submodule_search_locations=[str(best)])
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(best)]
        return spec

    def _shared(self, place: Path) -> int:
        return len(Path(os.path.commonpath((place, self._file))).parts)

    def owns(self, module: ModuleType | None) -> bool:
        """Whether a package is one of the repository, so that what it does not have is nowhere.

        A package that is installed has precedence over one of the repository with the same name: that one is in nobody's way as long
        as no file imports from it what it has.
        """
        file = getattr(module, "__file__", None)
        if module is None or not isinstance(file, str) or not Path(file).is_relative_to(self._root):
            return False
        name = module.__name__.partition(".")[0]
        if name not in self._imported:
            self._imported[name] = self._is_imported(name)
        return self._imported[name]

    def _is_imported(self, name: str) -> bool:
        places = [Path(place) for place in getattr(sys.modules.get(name), "__path__", ())]
        parts = re.compile(rf"(?m)^\s*(?:from|import)\s+{re.escape(name)}(?:\.|\s+import\s+)(\w+)")
        wanted = {part for path in _files(self._root, 8) if path.suffix == ".py" for part in parts.findall(_text(path))}
        return any((place / part).is_dir() or (place / f"{part}.py").is_file() for place in places for part in wanted)
