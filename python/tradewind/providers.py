"""``python -m tradewind.providers KIND [--name PACKAGE]``: what installed provider packages offer, as JSON rows for the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from airflow import _providers
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime, version_of

Row = dict[str, Any]

#: Exit code for a package that is not installed; the command line finds the words.
MISSING = 3

#: Kinds that are nothing but a list of dotted paths: the key in a package's description and the name of the column.
_PATHS = {
    "links": ("extra-links", "extra_link_class_name"),
    "logging": ("logging", "logging_class_name"),
    "secrets": ("secrets-backends", "secrets_backend_class_name"),
    "auth": ("auth-backends", "api_auth_backend_module"),
    "auth-managers": ("auth-managers", "auth_manager_class_name"),
    "executors": ("executors", "executor_class_name"),
    "notifications": ("notifications", "notification_class_name"),
    "queues": ("queues", "queue_class_name"),
}


def packages(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """The packages."""
    for package, (version, info) in manager.providers.items():
        yield {"package_name": package, "description": _plain(info.get("description") or ""), "version": version}


def hooks(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """The hook of each type of connection. A class that cannot be imported has its reason in place of its name."""
    for kind, (package, item) in sorted(_providers.connection_types().items()):
        found = manager.hooks[kind]
        yield {
            "connection_type": kind,
            "class": item["hook-class-name"],
            "conn_id_attribute_name": None if found is None else found.connection_id_attribute_name,
            "package_name": package,
            "hook_name": (item.get("hook-name") or kind) if found is None else found.hook_name,
            "loaded": found is not None,
        }


def widgets(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """Fields of the forms of connections beyond the usual ones."""
    for name, found in manager.connection_form_widgets.items():
        yield {
            "connection_parameter_name": name,
            "class": found["hook_class_name"],
            "package_name": found["package_name"],
            "field_type": _field_type(found["field"]),
        }


def _field_type(field: Any) -> str:
    if not isinstance(field, dict):
        return str(getattr(getattr(field, "field_class", field), "__name__", type(field).__name__))
    kind = (field.get("schema") or {}).get("type", "string")
    names = [kind] if isinstance(kind, str) else [name for name in kind if name != "null"]
    return " | ".join(names)


def behaviours(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """Types of connections whose forms differ from the usual one."""
    for kind, behaviour in manager.field_behaviours.items():
        yield {"connection_type": kind, "field_behaviour": json.dumps(behaviour, sort_keys=True)}


def forms(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """What the form of a connection shows for each type: names, what is hidden, renamed and explained, and fields of its own."""
    behaviours, widgets = manager.field_behaviours, manager.connection_form_widgets
    for kind, (package, item) in sorted(_providers.connection_types().items()):
        behaviour = behaviours.get(kind) or {}
        prefix = f"extra__{kind}__"
        own = {name.removeprefix(prefix): found["field"] for name, found in widgets.items() if name.startswith(prefix)}
        yield {
            "connection_type": kind,
            "hook_name": item.get("hook-name") or kind,
            "package_name": package,
            "hidden_fields": [str(name) for name in behaviour.get("hidden_fields") or ()],
            "relabeling": _texts(behaviour.get("relabeling")),
            "placeholders": {name.removeprefix(prefix): text for name, text in _texts(behaviour.get("placeholders")).items()},
            "fields": [_field_form(name, field) for name, field in own.items()],
        }


def _texts(found: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in (found or {}).items()}


def _field_form(name: str, field: Any) -> Row:
    """A field as a description has it, or as a form of WTForms has it that was not drawn yet."""
    said = field if isinstance(field, dict) else {}
    schema = said.get("schema") or {}
    kind = _field_type(field)
    label = said.get("label") or getattr(field, "kwargs", {}).get("label") or next(iter(getattr(field, "args", ())), None)
    return {
        "name": name,
        "label": str(label or name),
        "type": _FORM_TYPES.get(kind.split(" | ", maxsplit=1)[0], "string"),
        "description": None if said.get("description") is None else str(said["description"]),
        "secret": schema.get("format") == "password" or kind == "PasswordField",
        "options": [str(option) for option in schema.get("enum") or () if option is not None],
    }


#: Types of JSON Schema and classes of WTForms -> what a form knows.
_FORM_TYPES = {
    "boolean": "boolean",
    "BooleanField": "boolean",
    "integer": "integer",
    "IntegerField": "integer",
    "number": "number",
    "DecimalField": "number",
    "FloatField": "number",
}


def triggers(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """Modules with triggers."""
    for trigger in manager.trigger:
        yield {
            "package_name": trigger.package_name,
            "class": trigger.trigger_class_name,
            "integration_name": trigger.integration_name,
        }


def configs(manager: ProvidersManagerTaskRuntime) -> Iterator[Row]:
    """Packages with settings of their own."""
    for package, (_, info) in manager.providers.items():
        for section in info.get("config") or ():
            yield {"provider_config": section, "package_name": package}


def paths(kind: str) -> Iterator[Row]:
    """One of the kinds that are dotted paths."""
    key, column = _PATHS[kind]
    for _, path in _providers.entries(key):
        yield {column: path}


_KINDS: dict[str, Callable[[ProvidersManagerTaskRuntime], Iterator[Row]]] = {
    "list": packages,
    "hooks": hooks,
    "widgets": widgets,
    "behaviours": behaviours,
    "forms": forms,
    "triggers": triggers,
    "configs": configs,
}


def one(name: str) -> Row | None:
    """Everything that a package says; ``None`` when it is not installed."""
    info = _providers.infos().get(name) or _providers.infos().get(f"apache-airflow-providers-{name}")
    return None if info is None else {**info, "version": version_of(info["package-name"])}


def _plain(text: str) -> str:
    """A description without its links in reStructuredText."""
    import re

    return " ".join(re.sub(r"`([^`<]*?)\s*<[^>]*>`_*", r"\1", text).split())


def main() -> int:
    """Print the rows."""
    parser = argparse.ArgumentParser(prog="tradewind.providers", description="What installed provider packages offer, as JSON.")
    parser.add_argument("kind", choices=["get", *_KINDS, *_PATHS])
    parser.add_argument("--name", help="for get: the package, with or without apache-airflow-providers-")
    options = parser.parse_args()
    if options.kind == "get":
        found = one(options.name or "")
        if found is None:
            return MISSING
        answer: Any = {**found, "description": _plain(found.get("description") or "")}
    elif options.kind in _PATHS:
        answer = list(paths(options.kind))
    else:
        answer = list(_KINDS[options.kind](ProvidersManagerTaskRuntime()))
    json.dump(answer, sys.stdout, default=str)
    return 0


if __name__ == "__main__":
    sys.exit(main())
