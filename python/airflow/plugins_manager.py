"""The base class of plugins, so that modules which define one can be imported by DAG files."""

from __future__ import annotations

from typing import Any, ClassVar


class AirflowPluginException(Exception):
    """A plugin is not what it should be."""


class AirflowPlugin:
    """What a plugin offers, by kind. Operators, sensors and hooks are imported from the plugin's own module."""

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
    menu_links: ClassVar[list[Any]] = []
    appbuilder_views: ClassVar[list[Any]] = []
    appbuilder_menu_items: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    timetables: ClassVar[list[Any]] = []
    listeners: ClassVar[list[Any]] = []
    priority_weight_strategies: ClassVar[list[Any]] = []

    @classmethod
    def validate(cls) -> None:
        """Raise unless the plugin has a name."""
        if not cls.name:
            raise AirflowPluginException("Your plugin needs a name.")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called when the plugin has been loaded."""
