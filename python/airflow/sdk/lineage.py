"""What hooks read and write, for lineage collectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class AssetLineageInfo:
    """How often a hook has named an asset."""

    asset: Any = None
    count: int = 0
    context: Any = None


@dataclass
class HookLineage:
    """What hooks have said."""

    inputs: list[AssetLineageInfo] = field(default_factory=list)
    outputs: list[AssetLineageInfo] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)


DatasetLineageInfo = AssetLineageInfo


class HookLineageCollector:
    """Keeps what hooks say of assets, for readers in plugins and listeners. At most :data:`LIMIT` of a kind."""

    LIMIT = 100

    def __init__(self, **kwargs: Any) -> None:
        self._inputs: dict[tuple[Any, ...], list[Any]] = {}
        self._outputs: dict[tuple[Any, ...], list[Any]] = {}
        self._extra: dict[tuple[Any, ...], tuple[str, Any, Any]] = {}

    def create_asset(
        self,
        *,
        scheme: str | None = None,
        uri: str | None = None,
        name: str | None = None,
        group: str | None = None,
        asset_kwargs: dict[str, Any] | None = None,
        asset_extra: dict[str, Any] | None = None,
    ) -> Any:
        """The asset of a URI; ``None`` when only the parts of one are given."""
        from airflow.sdk.definitions.asset import Asset

        if not uri and not name:
            return None
        more: dict[str, Any] = {key: value for key, value in (("uri", uri), ("name", name), ("group", group), ("extra", asset_extra)) if value}
        return Asset(**more)

    def _add(self, kept: dict[tuple[Any, ...], list[Any]], context: Any, **asset: Any) -> None:
        found = self.create_asset(**asset)
        key = (getattr(found, "uri", None), id(context))
        if found is None or (key not in kept and len(kept) >= self.LIMIT):
            return
        kept.setdefault(key, [found, 0, context])[1] += 1

    def add_input_asset(self, context: Any, **asset: Any) -> None:
        """A hook has read something."""
        self._add(self._inputs, context, **asset)

    def add_output_asset(self, context: Any, **asset: Any) -> None:
        """A hook has written something."""
        self._add(self._outputs, context, **asset)

    add_input_dataset = add_input_asset
    add_output_dataset = add_output_asset

    def add_extra(self, context: Any, key: str, value: Any) -> None:
        """A hook has something else to say."""
        if key and len(self._extra) < self.LIMIT:
            self._extra[key, repr(value), id(context)] = (key, value, context)

    @property
    def collected_assets(self) -> HookLineage:
        """Everything so far."""

        def infos(kept: dict[tuple[Any, ...], list[Any]]) -> list[AssetLineageInfo]:
            return [AssetLineageInfo(*values) for values in kept.values()]

        return HookLineage(infos(self._inputs), infos(self._outputs), list(self._extra.values()))

    @property
    def has_collected(self) -> bool:
        """Whether there is anything."""
        return bool(self._inputs or self._outputs or self._extra)


NoOpCollector = HookLineageCollector


class HookLineageReader:
    """Reads what was collected."""

    def __init__(self, **kwargs: Any) -> None:
        self.lineage_collector = get_hook_lineage_collector()

    def retrieve_hook_lineage(self) -> HookLineage:
        """What hooks have said in this process."""
        return self.lineage_collector.collected_assets


_collector = HookLineageCollector()


def get_hook_lineage_collector() -> HookLineageCollector:
    """The collector of this process."""
    return _collector


def prepare_lineage(func: Callable[..., Any]) -> Callable[..., Any]:
    """Mark ``pre_execute`` of operators of 1.10 and 2.x; inlets and outlets need no preparation."""
    return func


def apply_lineage(func: Callable[..., Any]) -> Callable[..., Any]:
    """Mark ``post_execute`` of operators of 1.10 and 2.x."""
    return func
