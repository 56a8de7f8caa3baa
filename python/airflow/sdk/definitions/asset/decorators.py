"""``@asset``: a function that makes an asset becomes a DAG with one task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

from airflow.sdk.definitions.asset import Asset, AssetNameRef, BaseAsset
from airflow.sdk.definitions.dag import DAG

_RESERVED = ("self", "context", "outlet_events")


class AssetDefinition(Asset):
    """An asset and the function that makes it. The DAG of the same name is in ``dag``."""

    dag: DAG


def _task(function: Callable[..., Any], outlets: Collection[Any], dag: DAG, this: Any) -> None:
    from airflow.providers.standard.operators.python import PythonOperator

    names = list(inspect.signature(function).parameters)

    def run(**context: Any) -> Any:
        given: dict[str, Any] = {}
        for name in names:
            if name == "self":
                given[name] = this
            elif name == "context":
                given[name] = context
            elif name == "outlet_events":
                given[name] = context[name]
            else:
                given[name] = Asset(name=name)
        return function(**given)

    run.__name__ = function.__name__
    PythonOperator(
        task_id=function.__name__,
        python_callable=run,
        inlets=[AssetNameRef(name) for name in names if name not in _RESERVED],
        outlets=list(outlets),
        dag=dag,
    )


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
        _task(function, [Asset(name, self.uri, group=self.group, extra=self.extra)], made.dag, made)
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
    with DAG(function.__name__, schedule=schedule, **settings) as dag:
        return dag
