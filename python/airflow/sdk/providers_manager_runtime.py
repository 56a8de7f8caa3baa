"""What installed provider packages offer to tasks."""

from __future__ import annotations

import importlib.metadata
from functools import cached_property
from typing import Any, NamedTuple

from airflow import _providers
from airflow.utils.module_loading import import_string


class HookInfo(NamedTuple):
    """The hook that serves a type of connection."""

    hook_class_name: str
    connection_id_attribute_name: str
    package_name: str
    hook_name: str
    connection_type: str
    connection_testable: bool
    dialects: list[str] = []


class DialectInfo(NamedTuple):
    """A dialect of SQL."""

    name: str
    dialect_class_name: str
    provider_name: str


class ProviderInfo(NamedTuple):
    """A package, its version and its description of itself."""

    version: str
    data: dict[str, Any]


class TriggerInfo(NamedTuple):
    """A trigger's class."""

    trigger_class_name: str
    package_name: str
    integration_name: str


class NotificationInfo(NamedTuple):
    """A notifier's class."""

    notification_class_name: str
    package_name: str


def version_of(package: str) -> str:
    """The installed version of a provider package; for the one that comes with the program the version whose API it has."""
    if package == _providers.STANDARD:
        return _providers.STANDARD_VERSION
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


class ProvidersManagerTaskRuntime:
    """Hooks by type of connection, and the like, read from the packages' own descriptions. Hook classes are imported when asked for."""

    @staticmethod
    def initialized() -> bool:
        """Descriptions are read when they are asked for."""
        return True

    @cached_property
    def providers(self) -> dict[str, ProviderInfo]:
        """The packages by name."""
        return {package: ProviderInfo(version_of(package), info) for package, info in _providers.infos().items()}

    @cached_property
    def hooks(self) -> dict[str, HookInfo | None]:
        """The hook by type of connection; ``None`` when its class cannot be imported."""
        return {kind: self._hook(kind, package, item) for kind, (package, item) in sorted(_providers.connection_types().items())}

    @staticmethod
    def _hook(kind: str, package: str, item: dict[str, Any]) -> HookInfo | None:
        path = item["hook-class-name"]
        try:
            found = import_string(path)
        except Exception as error:
            # Packages raise what they like when something optional is missing.
            _providers.log.warning("The hook %s of %s cannot be imported: %s", path, package, error)
            return None
        attribute = getattr(found, "conn_name_attr", "") or "conn_id"
        name = item.get("hook-name") or getattr(found, "hook_name", "") or kind
        return HookInfo(path, attribute, package, name, kind, hasattr(found, "test_connection"), item.get("dialects") or [])

    @cached_property
    def dialects(self) -> dict[str, DialectInfo]:
        """Dialects of SQL by name."""
        return {
            item["dialect-type"]: DialectInfo(item["dialect-type"], item["dialect-class-name"], package)
            for package, item in _providers.entries("dialects")
        }

    @cached_property
    def taskflow_decorators(self) -> dict[str, Any]:
        """Decorators by name."""
        return {item["name"]: import_string(item["class-name"]) for _, item in _providers.entries("task-decorators")}

    @cached_property
    def extra_links_class_names(self) -> list[str]:
        """Classes of links to other systems."""
        return sorted({path for _, path in _providers.entries("extra-links")})

    @cached_property
    def notification(self) -> list[NotificationInfo]:
        """Notifiers."""
        return [NotificationInfo(path, package) for package, path in _providers.entries("notifications")]

    @cached_property
    def trigger(self) -> list[TriggerInfo]:
        """Modules with triggers."""
        return [
            TriggerInfo(module, package, item["integration-name"])
            for package, item in _providers.entries("triggers")
            for module in item["python-modules"]
        ]

    @cached_property
    def filesystem_module_names(self) -> list[str]:
        """Modules that make file systems."""
        return sorted({path for _, path in _providers.entries("filesystems")})

    @cached_property
    def field_behaviours(self) -> dict[str, dict[str, Any]]:
        """How a form for each type of connection hides, renames and explains its fields."""
        found = {}
        for kind, (_, item) in sorted(_providers.connection_types().items()):
            behaviour = item.get("ui-field-behaviour") or self._asked(item["hook-class-name"], "get_ui_field_behaviour")
            if behaviour:
                found[kind] = {name.replace("-", "_"): value for name, value in behaviour.items()}
        return found

    @cached_property
    def connection_form_widgets(self) -> dict[str, dict[str, Any]]:
        """Fields beyond the usual ones, by ``extra__<type>__<name>``: the package, the hook's class, and the field."""
        found = {}
        for kind, (package, item) in sorted(_providers.connection_types().items()):
            fields = item.get("conn-fields") or self._asked(item["hook-class-name"], "get_connection_form_widgets") or {}
            for name, field in fields.items():
                place = name if name.startswith("extra__") else f"extra__{kind}__{name}"
                found[place] = {"package_name": package, "hook_class_name": item["hook-class-name"], "field": field}
        return found

    @staticmethod
    def _asked(path: str, method: str) -> Any:
        """What the hook's class says. One that needs packages for web forms, which tasks have no use for, says nothing."""
        try:
            return getattr(import_string(path), method, dict)()
        except Exception as error:
            _providers.log.debug("%s.%s says nothing: %s", path, method, error)
            return {}

    def __getattr__(self, name: str) -> Any:
        # initialize_providers_hooks() and the like: nothing is left to do.
        if name.startswith("initialize_"):
            return lambda: None
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
