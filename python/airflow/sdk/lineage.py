"""What hooks read and write, for lineage collectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class HookLineageCollector:
    """Takes what hooks say of assets; nobody asks for it here, so it is not kept."""

    def create_asset(self, **kwargs: Any) -> None:
        """No asset."""

    def add_input_asset(self, *args: Any, **kwargs: Any) -> None:
        """A hook has read something."""

    def add_output_asset(self, *args: Any, **kwargs: Any) -> None:
        """A hook has written something."""

    add_input_dataset = add_input_asset
    add_output_dataset = add_output_asset

    def add_extra(self, *args: Any, **kwargs: Any) -> None:
        """A hook has something else to say."""

    @property
    def has_collected(self) -> bool:
        """Whether there is anything."""
        return False


NoOpCollector = HookLineageCollector


@dataclass
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


class HookLineageReader:
    """Reads what was collected."""

    def __init__(self, **kwargs: Any) -> None:
        self.lineage_collector = get_hook_lineage_collector()

    def retrieve_hook_lineage(self) -> None:
        """Nothing."""


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
