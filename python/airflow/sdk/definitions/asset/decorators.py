"""``@asset``: a function that makes an asset becomes a DAG with one task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from airflow.sdk.definitions.asset import Asset, AssetNameRef, BaseAsset
from airflow.sdk.definitions.dag import DAG

_RESERVED = ("self", "context", "outlet_events", "inlet_events")


class AssetDefinition(Asset):
    """An asset and the function that makes it. The DAG of the same name is in ``dag``."""

    dag: DAG


def _inlets(function: Callable[..., Any]) -> list[str]:
    """Parameters that are named like assets."""
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.name not in _RESERVED and one.default is inspect.Parameter.empty]


def _task(function: Callable[..., Any], outlets: Collection[Any], dag: DAG, this: Any) -> None:
    from airflow.providers.standard.operators._callables import exhaust
    from airflow.providers.standard.operators.python import PythonOperator

    names, parameters = _inlets(function), inspect.signature(function).parameters

    def run(**context: Any) -> Any:
        given: dict[str, Any] = {}
        for name in parameters:
            if name in names:
                given[name] = _known(name)
            elif name in ("outlet_events", "inlet_events"):
                given[name] = context[name]
            elif name in ("self", "context"):
                given[name] = this if name == "self" else context
        made = function(**given)
        return exhaust(made, context) if inspect.isgeneratorfunction(function) else made

    run.__name__ = function.__name__
    PythonOperator(
        task_id=function.__name__,
        python_callable=run,
        inlets=[AssetNameRef(name) for name in names],
        outlets=list(outlets),
        dag=dag,
    )


def _known(name: str) -> Asset:
    """The asset with this name, as its author defines it."""
    from airflow._runtime import require_runtime

    found = require_runtime("a parameter named like an asset").asset_get(name)
    return Asset(name) if found is None else Asset(found["name"], found["uri"], group=found["group"], extra=found["extra"])


class asset:  # noqa: N801
    """``@asset(schedule=...)``; arguments of a DAG are taken as well."""

    def __init__(
        self,
        *,
        schedule: Any,
        name: str | None = None,
        uri: Any = None,
        group: str = Asset.asset_type,
        extra: dict[str, Any] | None = None,
        watchers: Collection[Any] | None = None,
        access_control: Any = None,
        is_paused_upon_creation: bool | None = None,
        **dag_options: Any,
    ) -> None:
        self.schedule, self.name, self.uri, self.group = schedule, name, uri, group
        self.extra, self.watchers, self.access_control = extra, watchers, access_control
        self.dag_options = {"is_paused_upon_creation": is_paused_upon_creation, **dag_options}

    def __call__(self, function: Callable[..., Any]) -> AssetDefinition:
        """Make the asset and its DAG."""
        name = self.name or function.__name__
        made = AssetDefinition(name, self.uri, group=self.group, extra=self.extra, watchers=self.watchers)
        made.dag = _dag(function, self.schedule, self.dag_options)
        outlet = Asset(name, self.uri, group=self.group, extra=self.extra, watchers=self.watchers)
        _task(function, [outlet], made.dag, outlet)
        return made

    @staticmethod
    def multi(*, schedule: Any, outlets: Collection[BaseAsset], **dag_options: Any) -> Callable[[Callable[..., Any]], DAG]:
        """``@asset.multi(outlets=[...])``: one function that makes several assets."""
        if not outlets:
            raise ValueError("@asset.multi needs at least one outlet")

        def decorate(function: Callable[..., Any]) -> DAG:
            dag = _dag(function, schedule, dag_options)
            _task(function, outlets, dag, None)
            return dag

        return decorate


def _dag(function: Callable[..., Any], schedule: Any, options: dict[str, Any]) -> DAG:
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    if function.__name__ == "self" or DagContext.get_current() is not None:
        raise ValueError("@asset makes a DAG of its own: use it at the top of the file, on a function that is not called self")
    settings = {"description": inspect.getdoc(function), **options}
    dag_id = settings.pop("dag_id", None) or function.__name__
    with DAG(dag_id, schedule=schedule, **settings) as dag:
        return dag
