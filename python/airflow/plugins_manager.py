"""Plugins: files of the plugins folder and entry points ``airflow.plugins`` that define an :class:`AirflowPlugin`.

The server is no Python program, so views, blueprints and FastAPI apps are not served; the loader says so with the DAG files.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar

from airflow import _entry_points
from airflow.configuration import conf, get_airflow_home
from airflow.sdk.exceptions import AirflowException


class AirflowPluginException(Exception):
    """A plugin is not what it should be."""


class AirflowPlugin:
    """What a plugin offers, by kind."""

    name: str | None = None
    source: Any = None
    operators: ClassVar[list[Any]] = []
    sensors: ClassVar[list[Any]] = []
    hooks: ClassVar[list[Any]] = []
    executors: ClassVar[list[Any]] = []
    macros: ClassVar[list[Any]] = []
    admin_views: ClassVar[list[Any]] = []
    flask_blueprints: ClassVar[list[Any]] = []
    fastapi_apps: ClassVar[list[Any]] = []
    fastapi_root_middlewares: ClassVar[list[Any]] = []
    external_views: ClassVar[list[Any]] = []
    react_apps: ClassVar[list[Any]] = []
    menu_links: ClassVar[list[Any]] = []
    appbuilder_views: ClassVar[list[Any]] = []
    appbuilder_menu_items: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    ti_deps: ClassVar[list[Any]] = []
    timetables: ClassVar[list[Any]] = []
    partition_mappers: ClassVar[list[Any]] = []
    windows: ClassVar[list[Any]] = []
    deadline_references: ClassVar[list[Any]] = []
    listeners: ClassVar[list[Any]] = []
    hook_lineage_readers: ClassVar[list[Any]] = []
    priority_weight_strategies: ClassVar[list[Any]] = []

    @classmethod
    def validate(cls) -> None:
        """Raise unless the plugin has a name."""
        if not cls.name:
            raise AirflowPluginException("Your plugin needs a name.")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called when the plugin has been loaded."""


#: What plugins add to a web server written in Python.
WEB = (
    "admin_views",
    "flask_blueprints",
    "fastapi_apps",
    "fastapi_root_middlewares",
    "external_views",
    "react_apps",
    "menu_links",
    "appbuilder_views",
    "appbuilder_menu_items",
)
#: What 1.10 makes importable as ``airflow.<package>`` and ``airflow.<package>.<plugin>``.
PACKAGES = {"operators": ("operators", "sensors"), "sensors": ("sensors",), "hooks": ("hooks",), "executors": ("executors",)}

plugins: list[type[AirflowPlugin]] | None = None
import_errors: dict[str, str] = {}


def plugins_folder() -> str:
    """``[core] plugins_folder``, by default ``plugins`` in the home folder."""
    folder = conf.get("core", "plugins_folder", fallback="") or os.path.join(get_airflow_home(), "plugins")
    return os.path.abspath(os.path.expanduser(os.path.expandvars(folder)))


def ensure_plugins_loaded() -> list[type[AirflowPlugin]]:
    """All plugins; loaded when this process asks for the first time."""
    global plugins
    if plugins is None:
        plugins = []  # a plugin's module may import from old paths, which asks for plugins
        for module in _modules():
            for value in list(vars(module).values()):
                if isinstance(value, type) and issubclass(value, AirflowPlugin) and value is not AirflowPlugin:
                    _register(value, getattr(module, "__file__", None) or module.__name__)
        for name, value in _entry_points.entry_points("airflow.plugins"):
            try:
                found = _entry_points.load(value)
            except Exception as error:
                import_errors[value] = f"{type(error).__name__}: {error}"
                continue
            if isinstance(found, type) and issubclass(found, AirflowPlugin):
                found.name = found.name or name
                _register(found, value)
    return plugins


def _register(plugin: type[AirflowPlugin], source: str) -> None:
    assert plugins is not None
    if plugin in plugins or any(known.name == plugin.name for known in plugins):
        return
    try:
        plugin.validate()
        plugin.on_load()
    except Exception as error:
        import_errors[source] = f"{type(error).__name__}: {error}"
        return
    plugin.source = source
    plugins.append(plugin)


def _files(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(names):
            path = os.path.join(place, name)
            if name.endswith(".py") and path != os.path.join(folder, "__init__.py"):
                with open(path, "rb") as file:
                    if b"AirflowPlugin" in file.read():
                        yield path


def _modules() -> Iterator[ModuleType]:
    """Modules of the plugins folder that mention plugins, under the name by which DAG files import them."""
    folder = plugins_folder()
    if not os.path.isdir(folder):
        return
    if folder not in sys.path:
        sys.path.append(folder)
    for path in _files(folder):
        try:
            yield _import(path, folder)
        except Exception as error:
            import_errors[path] = f"{type(error).__name__}: {error}"


def _import(path: str, folder: str) -> ModuleType:
    parts = os.path.splitext(os.path.relpath(path, folder))[0].split(os.sep)
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    known = sys.modules.get(name)
    if known is not None and os.path.realpath(getattr(known, "__file__", None) or "") == os.path.realpath(path):
        return known
    if known is None and all(part.isidentifier() for part in parts):
        found = importlib.import_module(name)
        if os.path.realpath(found.__file__ or "") == os.path.realpath(path):
            return found
    # The name is taken by another module, or is none.
    spec = importlib.util.spec_from_file_location(f"airflow_plugin_{'_'.join(parts)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def old_name(package: str, name: str) -> Any:
    """What plugins make importable from ``airflow.<package>`` in 1.10; an ``AttributeError`` when there is nothing."""
    for plugin in ensure_plugins_loaded():
        for kind in PACKAGES[package]:
            for value in getattr(plugin, kind):
                if getattr(value, "__name__", None) == name:
                    return value
    raise AttributeError(name)


def old_module(package: str, plugin_name: str) -> dict[str, Any] | None:
    """The names of ``airflow.<package>.<plugin_name>`` of 1.10, ``None`` when no plugin is called that."""
    for plugin in ensure_plugins_loaded():
        if plugin.name == plugin_name:
            kinds = ("macros",) if package == "macros" else PACKAGES[package]
            return {value.__name__: value for kind in kinds for value in getattr(plugin, kind)}
    return None


def priority_strategy(path: str) -> Any:
    """The registered strategy class of this dotted path, or ``None``."""
    for plugin in ensure_plugins_loaded():
        for strategy in plugin.priority_weight_strategies:
            if path in (strategy.__name__, f"{strategy.__module__}.{strategy.__qualname__}"):
                return strategy
    return None


def complaints() -> list[str]:
    """What the installation should know: plugins that cannot be loaded, and parts of them that are not used here."""
    found = [f"plugin {path} cannot be loaded: {error}" for path, error in sorted(import_errors.items())]
    for plugin in plugins or ():
        unused = [kind for kind in WEB if getattr(plugin, kind)]
        if unused:
            found.append(f"plugin {plugin.name!r} ({plugin.source}) has {', '.join(unused)}: the web server does not run Python")
    return found


def macros(plugin_name: str) -> ModuleType:
    """``macros.<plugin_name>`` of templates."""
    names = old_module("macros", plugin_name)
    if not names:
        raise AirflowException(f"no plugin called {plugin_name!r} has macros")
    module = ModuleType(f"airflow.macros.{plugin_name}")
    module.__dict__.update(names)
    return module
