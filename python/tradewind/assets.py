"""Assets of a DAG for its form, and what a task that has succeeded says of its outlets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from airflow.sdk.definitions.asset import Asset, AssetAlias, AssetNameRef, AssetUriRef, BaseAsset
from tradewind._formvalues import as_json

log = logging.getLogger("airflow.task")


def leaves(values: Any) -> list[dict[str, Any]]:
    """Assets, references and aliases of an ``inlets`` or ``outlets`` as the form writes them; anything else (1.10 took more) is left out."""
    return [value.as_expression() for value in values or () if isinstance(value, (Asset, AssetAlias, AssetNameRef, AssetUriRef))]


def definitions(dag: Any) -> list[dict[str, Any]]:
    """All assets that ``dag`` names, each once, with their group and extra."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for asset in _assets(dag):
        known = found.setdefault((asset.name, asset.uri), _definition(asset))
        known["extra"] = {**known["extra"], **_extra(asset.extra)}
    return [found[key] for key in sorted(found)]


def _assets(dag: Any) -> Iterator[Asset]:
    condition = getattr(dag.timetable, "asset_condition", None)
    if isinstance(condition, BaseAsset):
        yield from condition.iter_assets()
    for task in dag.tasks:
        for value in (*(task.inlets or ()), *(task.outlets or ())):
            if isinstance(value, Asset):
                yield value


def unserved(dag: Any) -> str | None:
    """What is not done for the assets of ``dag``, in words for its warnings."""
    watched = sorted({asset.name for asset in _assets(dag) if asset.watchers})
    if not watched:
        return None
    return f"watchers are not run: nothing but tasks and the API update {', '.join(watched)}"


def conflicts(dag: Any) -> list[str]:
    """Assets of ``dag`` with the name or the URI of another one, in words for its warnings."""
    found: list[str] = []
    known: dict[tuple[str, str], Asset] = {}
    for asset in _assets(dag):
        for what, value, other in (("name", asset.name, "uri"), ("uri", asset.uri, "name")):
            first = known.setdefault((what, value), asset)
            if first != asset:
                there, here = getattr(first, other), getattr(asset, other)
                found.append(
                    f"two assets have the {what} {value!r}: one with the {other} {there!r}, one with {here!r}. "
                    "They are different assets here; Airflow 3 takes only the first of them"
                )
    return sorted(set(found))


def _definition(asset: Asset) -> dict[str, Any]:
    return {"name": asset.name, "uri": asset.uri, "group": asset.group, "extra": _extra(asset.extra)}


def _extra(extra: Any) -> dict[str, Any]:
    plain = as_json(dict(extra or {}))
    return plain if isinstance(plain, dict) else {}


def updates(task: Any, context: Any, returned: Any) -> list[dict[str, Any]]:
    """The events of a task that has succeeded: one for each outlet, and one for each asset that was added under an alias."""
    outlets = [value for value in (task.outlets or ()) if isinstance(value, BaseAsset)]
    outlets += [asset for asset in _returned(returned) if asset not in outlets]
    if not outlets:
        return []
    said = context["outlet_events"]
    events: list[dict[str, Any]] = []
    aliased: dict[str, dict[str, Any]] = {}
    for outlet in outlets:
        accessor = said.said(outlet)
        if isinstance(outlet, AssetAlias):
            _under(outlet, accessor, aliased)
            continue
        event = {"extra": _event_extra(outlet, accessor.extra if accessor is not None else {})}
        if isinstance(outlet, Asset):
            event["asset"] = _definition(outlet)
        else:
            event.update(outlet.as_expression())
        events.append(event)
    return events + list(aliased.values())


def _returned(value: Any) -> list[Asset]:
    """Assets that a task returned, alone or in a list: outlets that are known only now."""
    values: Iterable[Any] = value if isinstance(value, (list, tuple, set)) else [value]
    return [asset for asset in values if isinstance(asset, Asset)]


def _under(alias: AssetAlias, accessor: Any, events: dict[str, dict[str, Any]]) -> None:
    """The same asset with the same extra under several aliases is one event."""
    for asset, extra in accessor.added if accessor is not None else ():
        event = {"asset": _definition(asset), "extra": _event_extra(asset, extra)}
        key = json.dumps([asset.name, asset.uri, event["extra"]], sort_keys=True)
        events.setdefault(key, {**event, "aliases": []})["aliases"].append(alias.name)


def _event_extra(asset: Any, extra: Any) -> dict[str, Any]:
    if not isinstance(extra, dict):
        raise TypeError(f"the extra of an event of {asset!r} has to be a dict, not {type(extra).__name__}")
    try:
        json.dumps(extra, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the extra of an event of {asset!r} has to be JSON: {error}") from None
    return extra
