"""The authoring API of 3.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.configuration import conf as conf
    from airflow.sdk.bases.branch import BaseBranchOperator as BaseBranchOperator
    from airflow.sdk.bases.branch import BranchMixIn as BranchMixIn
    from airflow.sdk.bases.hook import BaseHook as BaseHook
    from airflow.sdk.bases.notifier import BaseNotifier as BaseNotifier
    from airflow.sdk.bases.operator import BaseAsyncOperator as BaseAsyncOperator
    from airflow.sdk.bases.operator import BaseOperator as BaseOperator
    from airflow.sdk.bases.operatorlink import BaseOperatorLink as BaseOperatorLink
    from airflow.sdk.bases.sensor import BaseSensorOperator as BaseSensorOperator
    from airflow.sdk.bases.sensor import PokeReturnValue as PokeReturnValue
    from airflow.sdk.bases.skipmixin import SkipMixin as SkipMixin
    from airflow.sdk.bases.xcom import BaseXCom as BaseXCom
    from airflow.sdk.definitions._internal.relations import (
        chain as chain,
    )
    from airflow.sdk.definitions._internal.relations import (
        chain_linear as chain_linear,
    )
    from airflow.sdk.definitions._internal.relations import (
        cross_downstream as cross_downstream,
    )
    from airflow.sdk.definitions._internal.templater import literal as literal
    from airflow.sdk.definitions.asset import (
        Asset as Asset,
    )
    from airflow.sdk.definitions.asset import (
        AssetAlias as AssetAlias,
    )
    from airflow.sdk.definitions.asset import (
        AssetAll as AssetAll,
    )
    from airflow.sdk.definitions.asset import (
        AssetAny as AssetAny,
    )
    from airflow.sdk.definitions.asset import (
        AssetWatcher as AssetWatcher,
    )
    from airflow.sdk.definitions.asset import (
        Dataset as Dataset,
    )
    from airflow.sdk.definitions.connection import Connection as Connection
    from airflow.sdk.definitions.context import (
        Context as Context,
    )
    from airflow.sdk.definitions.context import (
        get_current_context as get_current_context,
    )
    from airflow.sdk.definitions.context import (
        get_parsing_context as get_parsing_context,
    )
    from airflow.sdk.definitions.dag import DAG as DAG
    from airflow.sdk.definitions.dag import dag as dag
    from airflow.sdk.definitions.decorators import setup as setup
    from airflow.sdk.definitions.decorators import task as task
    from airflow.sdk.definitions.decorators import teardown as teardown
    from airflow.sdk.definitions.decorators.task_group import task_group as task_group
    from airflow.sdk.definitions.edges import EdgeModifier as EdgeModifier
    from airflow.sdk.definitions.edges import Label as Label
    from airflow.sdk.definitions.param import Param as Param
    from airflow.sdk.definitions.param import ParamsDict as ParamsDict
    from airflow.sdk.definitions.taskgroup import TaskGroup as TaskGroup
    from airflow.sdk.definitions.taskinstance import TaskInstance as TaskInstance
    from airflow.sdk.definitions.variable import Variable as Variable
    from airflow.sdk.definitions.xcom_arg import XComArg as XComArg
    from airflow.sdk.types import NOTSET as NOTSET
    from airflow.task.trigger_rule import TriggerRule as TriggerRule
    from airflow.task.weight_rule import WeightRule as WeightRule
    from airflow.timetables.assets import AssetOrTimeSchedule as AssetOrTimeSchedule
    from airflow.timetables.events import EventsTimetable as EventsTimetable
    from airflow.timetables.interval import (
        CronDataIntervalTimetable as CronDataIntervalTimetable,
    )
    from airflow.timetables.interval import (
        DeltaDataIntervalTimetable as DeltaDataIntervalTimetable,
    )
    from airflow.timetables.trigger import (
        CronTriggerTimetable as CronTriggerTimetable,
    )
    from airflow.timetables.trigger import (
        DeltaTriggerTimetable as DeltaTriggerTimetable,
    )
    from airflow.timetables.trigger import (
        MultipleCronTriggerTimetable as MultipleCronTriggerTimetable,
    )
    from airflow.utils.state import DagRunState as DagRunState
    from airflow.utils.state import TaskInstanceState as TaskInstanceState

_HOMES = {
    "airflow.sdk.definitions.dag": "DAG dag",
    "airflow.sdk.definitions.decorators": "task setup teardown",
    "airflow.sdk.definitions.decorators.task_group": "task_group",
    "airflow.sdk.definitions.taskgroup": "TaskGroup",
    "airflow.sdk.definitions.edges": "EdgeModifier Label",
    "airflow.sdk.definitions._internal.relations": "chain chain_linear cross_downstream",
    "airflow.sdk.definitions._internal.templater": "literal",
    "airflow.sdk.definitions.param": "Param ParamsDict",
    "airflow.sdk.definitions.xcom_arg": "XComArg",
    "airflow.sdk.definitions.asset": "Asset AssetAlias AssetAll AssetAny AssetWatcher Dataset",
    "airflow.sdk.definitions.context": "Context get_current_context get_parsing_context",
    "airflow.sdk.definitions.taskinstance": "TaskInstance",
    "airflow.sdk.definitions.variable": "Variable",
    "airflow.sdk.definitions.connection": "Connection",
    "airflow.sdk.bases.operator": "BaseOperator BaseAsyncOperator",
    "airflow.sdk.bases.sensor": "BaseSensorOperator PokeReturnValue",
    "airflow.sdk.bases.branch": "BaseBranchOperator BranchMixIn",
    "airflow.sdk.bases.skipmixin": "SkipMixin",
    "airflow.sdk.bases.operatorlink": "BaseOperatorLink",
    "airflow.sdk.bases.hook": "BaseHook",
    "airflow.sdk.bases.notifier": "BaseNotifier",
    "airflow.sdk.bases.xcom": "BaseXCom",
    "airflow.configuration": "conf",
    "airflow.task.trigger_rule": "TriggerRule",
    "airflow.task.weight_rule": "WeightRule",
    "airflow.utils.state": "TaskInstanceState DagRunState",
    "airflow.timetables.trigger": "CronTriggerTimetable DeltaTriggerTimetable MultipleCronTriggerTimetable",
    "airflow.timetables.interval": "CronDataIntervalTimetable DeltaDataIntervalTimetable",
    "airflow.timetables.events": "EventsTimetable",
    "airflow.timetables.assets": "AssetOrTimeSchedule",
    "airflow.sdk.types": "NOTSET",
}
_LAZY = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_LAZY)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    if name in ("macros", "timezone", "exceptions"):
        return import_module(f"airflow.sdk.{name}" if name != "macros" else "airflow.macros")
    raise AttributeError(f"module 'airflow.sdk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
