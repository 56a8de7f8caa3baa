"""Events of assets as tasks see them: of their inlets and outlets, and those that made their run."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, overload

from airflow.sdk.definitions.asset import Asset, AssetAlias, AssetNameRef, AssetUriRef, Dataset
from tradewind import xcombackend
from tradewind.runtime import Runtime
from tradewind.times import from_wire, to_wire

log = logging.getLogger("airflow.task")

_KEYS = (Asset, AssetAlias, AssetNameRef, AssetUriRef)


def _key(value: Any) -> Any:
    """2.x names datasets by their URI."""
    if isinstance(value, str):
        return Dataset(value)
    if not isinstance(value, _KEYS):
        raise TypeError(f"Key should be either an asset or an asset alias, not {type(value)}")
    return value


def _identity(value: Any) -> tuple[str, str, str]:
    if isinstance(value, Asset):
        return "asset", value.name, value.uri
    if isinstance(value, AssetNameRef):
        return "name", value.name, ""
    if isinstance(value, AssetUriRef):
        return "uri", "", value.uri
    return "alias", value.name, ""


class OutletEventAccessor:
    """What a task says about the event of one outlet: set ``extra``, or ``add`` assets under an alias."""

    def __init__(self, key: Any) -> None:
        self.key = key
        self.extra: dict[str, Any] = {}
        self.added: list[tuple[Asset, dict[str, Any]]] = []

    def add(self, asset: Any, extra: dict[str, Any] | None = None) -> None:
        """Name an asset that was written; only under an alias."""
        if not isinstance(self.key, AssetAlias):
            log.warning("outlet_events[...].add() is for aliases: set the `extra` of %r instead", self.key)
            return
        found = _key(asset)
        if not isinstance(found, Asset):
            raise TypeError(f"outlet_events[alias].add() takes an asset, not {asset!r}")
        self.added.append((found, dict(extra or {})))

    def add_partitions(self, keys: Any) -> None:
        """Partitions are not followed; what is said of them is logged."""
        log.warning("partitions are not followed: the events of %r carry no partition keys (%r)", self.key, keys)


class OutletEventAccessors(Mapping[Any, OutletEventAccessor]):
    """``outlet_events``: by asset or alias, made on first use."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str], OutletEventAccessor] = {}

    def __getitem__(self, key: Any) -> OutletEventAccessor:
        found = _key(key)
        return self._said.setdefault(_identity(found), OutletEventAccessor(found))

    def said(self, outlet: Any) -> OutletEventAccessor | None:
        """What was said of an outlet; one that is known by name and URI may have been named by either."""
        if not isinstance(outlet, Asset):
            return self._said.get(_identity(outlet))
        for known in self._said.values():
            if _means(known.key, outlet):
                return known
        return None

    def take(self, metadata: Any) -> None:
        """What a task yielded."""
        self[metadata.asset].extra.update(metadata.extra)
        if metadata.alias is not None:
            alias = AssetAlias(metadata.alias) if isinstance(metadata.alias, str) else metadata.alias
            self[alias].add(metadata.asset, metadata.extra)

    def __iter__(self) -> Iterator[Any]:
        return iter([accessor.key for accessor in self._said.values()])

    def __len__(self) -> int:
        return len(self._said)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, *_KEYS)) and _identity(_key(key)) in self._said


def _means(key: Any, asset: Asset) -> bool:
    if isinstance(key, AssetNameRef):
        return key.name == asset.name
    if isinstance(key, (AssetUriRef, Dataset)):
        return key.uri == asset.uri
    return bool(key == asset)


class SourceTaskInstance:
    """The task that updated an asset."""

    def __init__(self, runtime: Runtime, event: AssetEvent) -> None:
        self._runtime = runtime
        self.dag_id, self.run_id = event.source_dag_id, event.source_run_id
        self.task_id, self.map_index = event.source_task_id, event.source_map_index

    def xcom_pull(self, *, key: str = "return_value", default: Any = None) -> Any:
        """What that task left under ``key``."""
        where = (str(self.dag_id), str(self.run_id), str(self.task_id))
        text = self._runtime.xcom_get(*where, key, self.map_index)
        return default if text is None else xcombackend.value(text, key, *where, self.map_index)


class AssetEvent:
    """An asset was updated."""

    def __init__(self, data: Mapping[str, Any], runtime: Runtime) -> None:
        self._runtime = runtime
        asset = data["asset"]
        self.id: int = data["id"]
        self.asset = Asset(asset["name"], asset["uri"], group=asset["group"], extra=asset.get("extra"))
        self.extra: dict[str, Any] = dict(data.get("extra") or {})
        self.timestamp = from_wire(data["timestamp"])
        self.source_dag_id: str | None = data.get("source_dag_id")
        self.source_run_id: str | None = data.get("source_run_id")
        self.source_task_id: str | None = data.get("source_task_id")
        self.source_map_index: int = data.get("source_map_index", -1)
        self.source_aliases = [AssetAlias(name) for name in data.get("aliases") or ()]

    @property
    def dataset(self) -> Asset:
        """The name of ``asset`` in 2.x."""
        return self.asset

    @property
    def uri(self) -> str:
        """Of the asset."""
        return self.asset.uri

    @property
    def source_task_instance(self) -> SourceTaskInstance | None:
        """The task that wrote it; ``None`` for an event that came by the API."""
        return SourceTaskInstance(self._runtime, self) if self.source_task_id is not None else None

    @functools.cached_property
    def source_dag_run(self) -> Any:
        """The run of the task that wrote it (a call to the control plane)."""
        from tradewind.dagrun import DagRun

        if self.source_dag_id is None or self.source_run_id is None:
            return None
        found = self._runtime.dag_run_get(self.source_dag_id, self.source_run_id)
        return None if found is None else DagRun.from_frame(found)

    def __repr__(self) -> str:
        return f"<AssetEvent of {self.asset!r} at {self.timestamp} extra={self.extra!r}>"


class InletEvents(Sequence[AssetEvent]):
    """Past events of one inlet, the oldest first; asked for when somebody looks. Of a long history the newest 1,000."""

    def __init__(self, runtime: Runtime, key: Any, **bounds: Any) -> None:
        self._runtime, self._key, self._bounds = runtime, key, bounds

    def _with(self, **bounds: Any) -> InletEvents:
        return InletEvents(self._runtime, self._key, **{**self._bounds, **bounds})

    def after(self, after: datetime | str) -> InletEvents:
        """Those at this time or later."""
        return self._with(after=to_wire(after))

    def before(self, before: datetime | str) -> InletEvents:
        """Those at this time or earlier."""
        return self._with(before=to_wire(before))

    def ascending(self, ascending: bool = True) -> InletEvents:
        """The oldest first, or the newest."""
        return self._with(ascending=ascending)

    def limit(self, limit: int) -> InletEvents:
        """This many at most, from the beginning of the order."""
        return self._with(limit=limit)

    @functools.cached_property
    def _events(self) -> list[AssetEvent]:
        ascending, limited = self._bounds.get("ascending", True), "limit" in self._bounds
        bounds = {**self._bounds, "ascending": ascending and limited}
        events = [AssetEvent(data, self._runtime) for data in self._runtime.asset_events(**_named(self._key), **bounds)]
        return events[::-1] if ascending and not limited else events

    @overload
    def __getitem__(self, index: int) -> AssetEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[AssetEvent]: ...
    def __getitem__(self, index: int | slice) -> AssetEvent | list[AssetEvent]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return f"<events of {self._key!r}>"


def _named(key: Any) -> dict[str, Any]:
    if isinstance(key, Dataset):
        # 2.x knows a dataset by its URI alone.
        return {"uri": key.uri}
    kind, name, uri = _identity(key)
    return {"alias": name} if kind == "alias" else {part: text for part, text in (("name", name), ("uri", uri)) if text}


class InletEventsAccessors(Mapping[Any, InletEvents]):
    """``inlet_events``: by asset or alias, or by the place of the inlet."""

    def __init__(self, runtime: Runtime, inlets: Sequence[Any]) -> None:
        self._runtime = runtime
        self._inlets = [inlet for inlet in inlets if isinstance(inlet, _KEYS)]

    def __getitem__(self, key: Any) -> InletEvents:
        if isinstance(key, int):
            return InletEvents(self._runtime, self._inlets[key])
        wanted = _key(key)
        for inlet in self._inlets:
            if _same(inlet, wanted):
                return InletEvents(self._runtime, inlet)
        raise KeyError(f"{key!r} is not among the inlets of this task: {self._inlets!r}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)


def _same(inlet: Any, wanted: Any) -> bool:
    if isinstance(inlet, Asset) and isinstance(wanted, (Asset, AssetNameRef, AssetUriRef)):
        return _means(wanted, inlet)
    if isinstance(wanted, Asset) and isinstance(inlet, (AssetNameRef, AssetUriRef)):
        return _means(inlet, wanted)
    return bool(inlet == wanted)


class TriggeringAssetEvents(Mapping[Any, list[AssetEvent]]):
    """``triggering_asset_events``: the events that made the run, by asset and by alias."""

    def __init__(self, load: Callable[[], list[AssetEvent]]) -> None:
        self._load = load

    @functools.cached_property
    def _by_key(self) -> dict[Any, list[AssetEvent]]:
        found: dict[Any, list[AssetEvent]] = {}
        for event in self._load():
            for key in (event.asset, *event.source_aliases):
                found.setdefault(key, []).append(event)
        return found

    def __getitem__(self, key: Any) -> list[AssetEvent]:
        wanted = _key(key)
        for known, events in self._by_key.items():
            if _same(known, wanted):
                return events
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def __repr__(self) -> str:
        return repr(self._by_key)


class TriggeringDatasetEvents(Mapping[str, list[AssetEvent]]):
    """``triggering_dataset_events`` of 2.x: by URI."""

    def __init__(self, load: Callable[[], list[AssetEvent]]) -> None:
        self._load = load

    @functools.cached_property
    def _by_uri(self) -> dict[str, list[AssetEvent]]:
        found: dict[str, list[AssetEvent]] = {}
        for event in self._load():
            found.setdefault(event.uri, []).append(event)
        return found

    def __getitem__(self, key: Any) -> list[AssetEvent]:
        return self._by_uri[key if key in self._by_uri else _key(key).uri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_uri)

    def __len__(self) -> int:
        return len(self._by_uri)

    def __repr__(self) -> str:
        return repr(self._by_uri)


def triggering(runtime: Runtime, dag_id: str, run_id: str) -> Callable[[], list[AssetEvent]]:
    """Loads the events that made a run, once."""
    return functools.lru_cache(maxsize=1)(
        lambda: [AssetEvent(data, runtime) for data in runtime.dag_run_asset_events(dag_id, run_id)]
    )
