"""State stores of tasks and assets in 3.3; there are none here yet."""

from __future__ import annotations

from dataclasses import dataclass


class _Never:
    def __repr__(self) -> str:
        return "NEVER_EXPIRE"


NEVER_EXPIRE = _Never()


@dataclass(frozen=True)
class TaskScope:
    """The state of a task in a run."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1


@dataclass(frozen=True)
class AssetScope:
    """The state of an asset."""

    name: str | None = None
    uri: str | None = None


class BaseStoreBackend:
    """Where states are kept."""
