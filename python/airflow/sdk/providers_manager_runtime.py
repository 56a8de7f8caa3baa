"""What installed provider packages offer to tasks."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow import _entry_points


class ProvidersManagerTaskRuntime:
    """Hooks by type of connection, and the like, read from the packages' own descriptions."""

    @cached_property
    def providers(self) -> dict[str, dict[str, Any]]:
        """The descriptions by package."""
        found: dict[str, dict[str, Any]] = {}
        for _, value in _entry_points.entry_points("apache_airflow_provider"):
            load: Any = _entry_points.load(value)
            info = load()
            found[info["package-name"]] = info
        return found

    @cached_property
    def hooks(self) -> dict[str, Any]:
        """The hook's dotted path by type of connection."""
        return {
            item["connection-type"]: item["hook-class-name"]
            for info in self.providers.values()
            for item in info.get("connection-types", ())
        }

    def initialize_providers_hooks(self) -> None:
        """Nothing is left to do: descriptions are read when they are asked for."""
