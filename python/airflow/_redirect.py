"""Import hook for moved names: an old module hands out the names of the new one."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

from airflow import _warnings

#: Modules that old modules import themselves, so that files find them there (``from airflow.models.dag import settings``).
_IMPORTED_EVERYWHERE = frozenset(["settings", "configuration", "macros"])
_VENDORS = frozenset(["apache", "atlassian", "cncf", "common", "dbt", "microsoft"])


def distribution_of(module: str) -> str:
    """The provider package on PyPI that has ``module``."""
    parts = module.split(".")[2:]
    return "-".join(["apache-airflow-providers", *parts[: 2 if parts[0] in _VENDORS else 1]])


def submodule(package: str, name: str) -> ModuleType:
    """The module ``name`` of ``package``, imported now: old files write ``airflow.utils.dates`` after ``import airflow``."""
    if not name.startswith("_"):
        try:
            return import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{name}":
                raise
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


def resolve(module: str, name: str) -> Any:
    """The thing that ``name`` of the old ``module`` is now; an ``AttributeError`` when it is nothing we know."""
    from airflow._moves import NOTES, QUIET, moves

    missing: ImportError | None = None
    for target, renames in moves().get(module, ()):
        if renames is not None and name not in renames:
            continue
        new_name = name if renames is None else renames[name]
        try:
            value = getattr(import_module(target), new_name)
        except AttributeError:
            continue
        except ModuleNotFoundError as error:
            if not target.startswith("airflow.providers."):
                raise
            missing = ImportError(
                f"{module}.{name} is now {target}.{new_name}: install {distribution_of(target)} (not found: {error.name})"
            )
            continue
        if module not in QUIET:
            place = f"{target}.{new_name}"
            _warnings.deprecated(f"{module}.{name}: {NOTES[place]}" if place in NOTES else f"{module}.{name} is now {place}")
        return value
    from airflow._server_tables import modules, of_server

    if name in modules().get(module, ()):
        return of_server(module, name)
    if name in _IMPORTED_EVERYWHERE:
        return import_module(f"airflow.{name}")
    if missing is not None:
        raise missing
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


class _OldModule(ModuleType):
    """An old module. A submodule does not hide a name that the module hands out: ``task_group`` of ``airflow.decorators``."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, _OldModule) and _has(self.__name__, name):
            return
        super().__setattr__(name, value)


def _has(module: str, name: str) -> bool:
    from airflow._moves import moves

    for target, renames in moves().get(module, ()):
        if renames is None and target.startswith("airflow.sdk.") and hasattr(import_module(target), name):
            return True
    return False


class _Loader:
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _OldModule(spec.name, f"Old home of names that have moved; see {__name__}.")

    def exec_module(self, module: ModuleType) -> None:
        from airflow._moves import REMOVED

        name = module.__name__

        def getattr_moved(attribute: str) -> Any:
            if attribute.startswith("__"):
                raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
            try:
                return resolve(name, attribute)
            except AttributeError:
                if attribute[:1].isupper() and name in REMOVED:
                    return _of_plugins(name, attribute)
                return submodule(name, attribute)

        module.__dict__["__getattr__"] = getattr_moved


def _of_plugins(module: str, name: str) -> Any:
    """What a plugin makes importable from ``airflow.operators`` and the like in 1.10."""
    from airflow import plugins_manager
    from airflow._moves import REMOVED, moves

    for candidate, targets in moves().items():
        if candidate.startswith(f"{module}.") and any(renames and name in renames for _, renames in targets):
            return resolve(candidate, name)
    try:
        found = plugins_manager.old_name(module.rpartition(".")[2], name)
    except AttributeError:
        raise ImportError(f"cannot import {name!r} from {module!r}: {REMOVED[module]}") from None
    _warnings.deprecated(f"{module}.{name} is made by a plugin: import it from {found.__module__}")
    return found


class _PluginLoader:
    """``airflow.operators.<plugin>`` of 1.10."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return ModuleType(spec.name, "What a plugin makes importable here.")

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__.update(self.names)


def _plugin_spec(fullname: str) -> ModuleSpec | None:
    from airflow import plugins_manager

    _, package, *rest = fullname.split(".")
    if len(rest) != 1 or package not in (*plugins_manager.PACKAGES, "macros"):
        return None
    names = plugins_manager.old_module(package, rest[0])
    if names is None:
        return None
    homes = sorted({value.__module__ for value in names.values()})
    _warnings.deprecated(f"{fullname} is made by a plugin: import from {', '.join(homes) or 'its module'}")
    return spec_from_loader(fullname, _PluginLoader(names))  # type: ignore[arg-type]


def _demonstration(fullname: str) -> ModuleSpec | None:
    """``airflow.example_dags`` when somebody has put Airflow's own examples on the path or among the DAGs."""
    places = [f"{entry}/{name}" for entry in sys.path for name in ("example_dags", "airflow/example_dags")]
    places += [entry for entry in sys.path if os.path.basename(entry) == "example_dags"]
    found = [place for place in places if os.path.isdir(place)]
    if fullname == "airflow.example_dags" and found:
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = found
        return spec
    return None


class _Finder:
    """Comes last on ``sys.meta_path``: modules that exist always win."""

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not fullname.startswith("airflow."):
            return None
        if fullname == "airflow.example_dags":
            return _demonstration(fullname)
        from airflow._moves import REMOVED, moves, packages
        from airflow._server_tables import modules

        is_package = fullname in packages()
        if not is_package and fullname not in moves() and fullname not in REMOVED and fullname not in modules():
            return _plugin_spec(fullname)
        return spec_from_loader(fullname, _Loader(), is_package=is_package)  # type: ignore[arg-type]


def install() -> None:
    """Make old import paths work in this process."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())  # type: ignore[arg-type]
