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
    from airflow.sdk.bases.resumable import ResumableJobMixin as ResumableJobMixin
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
        AssetAccessControl as AssetAccessControl,
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
    from airflow.sdk.definitions.asset.decorators import asset as asset
    from airflow.sdk.definitions.asset.metadata import Metadata as Metadata
    from airflow.sdk.definitions.callback import AsyncCallback as AsyncCallback
    from airflow.sdk.definitions.callback import SyncCallback as SyncCallback
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
    from airflow.sdk.definitions.deadline import BaseDeadlineReference as BaseDeadlineReference
    from airflow.sdk.definitions.deadline import DeadlineAlert as DeadlineAlert
    from airflow.sdk.definitions.deadline import DeadlineReference as DeadlineReference
    from airflow.sdk.definitions.deadline import VariableInterval as VariableInterval
    from airflow.sdk.definitions.deadline import deadline_reference as deadline_reference
    from airflow.sdk.definitions.decorators import result as result
    from airflow.sdk.definitions.decorators import setup as setup
    from airflow.sdk.definitions.decorators import task as task
    from airflow.sdk.definitions.decorators import teardown as teardown
    from airflow.sdk.definitions.decorators.task_group import task_group as task_group
    from airflow.sdk.definitions.edges import EdgeModifier as EdgeModifier
    from airflow.sdk.definitions.edges import Label as Label
    from airflow.sdk.definitions.param import Param as Param
    from airflow.sdk.definitions.param import ParamsDict as ParamsDict
    from airflow.sdk.definitions.partition_mappers import AllowedKeyMapper as AllowedKeyMapper
    from airflow.sdk.definitions.partition_mappers import ChainMapper as ChainMapper
    from airflow.sdk.definitions.partition_mappers import DayWindow as DayWindow
    from airflow.sdk.definitions.partition_mappers import FanOutMapper as FanOutMapper
    from airflow.sdk.definitions.partition_mappers import FixedKeyMapper as FixedKeyMapper
    from airflow.sdk.definitions.partition_mappers import HourWindow as HourWindow
    from airflow.sdk.definitions.partition_mappers import IdentityMapper as IdentityMapper
    from airflow.sdk.definitions.partition_mappers import MinimumCount as MinimumCount
    from airflow.sdk.definitions.partition_mappers import MonthWindow as MonthWindow
    from airflow.sdk.definitions.partition_mappers import PartitionMapper as PartitionMapper
    from airflow.sdk.definitions.partition_mappers import ProductMapper as ProductMapper
    from airflow.sdk.definitions.partition_mappers import QuarterWindow as QuarterWindow
    from airflow.sdk.definitions.partition_mappers import RollupMapper as RollupMapper
    from airflow.sdk.definitions.partition_mappers import SegmentWindow as SegmentWindow
    from airflow.sdk.definitions.partition_mappers import StartOfDayMapper as StartOfDayMapper
    from airflow.sdk.definitions.partition_mappers import StartOfHourMapper as StartOfHourMapper
    from airflow.sdk.definitions.partition_mappers import StartOfMonthMapper as StartOfMonthMapper
    from airflow.sdk.definitions.partition_mappers import StartOfQuarterMapper as StartOfQuarterMapper
    from airflow.sdk.definitions.partition_mappers import StartOfWeekMapper as StartOfWeekMapper
    from airflow.sdk.definitions.partition_mappers import StartOfYearMapper as StartOfYearMapper
    from airflow.sdk.definitions.partition_mappers import WaitForAll as WaitForAll
    from airflow.sdk.definitions.partition_mappers import WeekWindow as WeekWindow
    from airflow.sdk.definitions.partition_mappers import Window as Window
    from airflow.sdk.definitions.partition_mappers import YearWindow as YearWindow
    from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy as ExceptionRetryPolicy
    from airflow.sdk.definitions.retry_policy import RetryAction as RetryAction
    from airflow.sdk.definitions.retry_policy import RetryDecision as RetryDecision
    from airflow.sdk.definitions.retry_policy import RetryPolicy as RetryPolicy
    from airflow.sdk.definitions.retry_policy import RetryRule as RetryRule
    from airflow.sdk.definitions.taskgroup import TaskGroup as TaskGroup
    from airflow.sdk.definitions.taskinstance import TaskInstance as TaskInstance
    from airflow.sdk.definitions.variable import Variable as Variable
    from airflow.sdk.definitions.xcom_arg import XComArg as XComArg
    from airflow.sdk.io.path import ObjectStoragePath as ObjectStoragePath
    from airflow.sdk.state import NEVER_EXPIRE as NEVER_EXPIRE
    from airflow.sdk.types import NOTSET as NOTSET
    from airflow.task.trigger_rule import TriggerRule as TriggerRule
    from airflow.task.weight_rule import WeightRule as WeightRule
    from airflow.timetables.assets import AssetOrTimeSchedule as AssetOrTimeSchedule
    from airflow.timetables.assets import PartitionedAssetTimetable as PartitionedAssetTimetable
    from airflow.timetables.assets import PartitionedAtRuntime as PartitionedAtRuntime
    from airflow.timetables.events import EventsTimetable as EventsTimetable
    from airflow.timetables.interval import (
        CronDataIntervalTimetable as CronDataIntervalTimetable,
    )
    from airflow.timetables.interval import (
        DeltaDataIntervalTimetable as DeltaDataIntervalTimetable,
    )
    from airflow.timetables.trigger import CronPartitionTimetable as CronPartitionTimetable
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
    "airflow.sdk.definitions.decorators": "result task setup teardown",
    "airflow.sdk.definitions.decorators.task_group": "task_group",
    "airflow.sdk.definitions.taskgroup": "TaskGroup",
    "airflow.sdk.definitions.edges": "EdgeModifier Label",
    "airflow.sdk.definitions._internal.relations": "chain chain_linear cross_downstream",
    "airflow.sdk.definitions._internal.templater": "literal",
    "airflow.sdk.definitions.param": "Param ParamsDict",
    "airflow.sdk.definitions.xcom_arg": "XComArg",
    "airflow.sdk.definitions.asset": "Asset AssetAccessControl AssetAlias AssetAll AssetAny AssetWatcher Dataset",
    "airflow.sdk.definitions.asset.decorators": "asset",
    "airflow.sdk.definitions.asset.metadata": "Metadata",
    "airflow.sdk.definitions.callback": "AsyncCallback SyncCallback",
    "airflow.sdk.definitions.deadline": "BaseDeadlineReference DeadlineAlert DeadlineReference VariableInterval deadline_reference",
    "airflow.sdk.definitions.partition_mappers": (
        "PartitionMapper IdentityMapper FixedKeyMapper AllowedKeyMapper ChainMapper ProductMapper FanOutMapper RollupMapper "
        "StartOfHourMapper StartOfDayMapper StartOfWeekMapper StartOfMonthMapper StartOfQuarterMapper StartOfYearMapper "
        "Window HourWindow DayWindow WeekWindow MonthWindow QuarterWindow YearWindow SegmentWindow WaitForAll MinimumCount"
    ),
    "airflow.sdk.definitions.retry_policy": "RetryPolicy ExceptionRetryPolicy RetryRule RetryDecision RetryAction",
    "airflow.sdk.io.path": "ObjectStoragePath",
    "airflow.sdk.bases.resumable": "ResumableJobMixin",
    "airflow.sdk.state": "NEVER_EXPIRE",
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
    "airflow.timetables.trigger": "CronTriggerTimetable DeltaTriggerTimetable MultipleCronTriggerTimetable CronPartitionTimetable",
    "airflow.timetables.interval": "CronDataIntervalTimetable DeltaDataIntervalTimetable",
    "airflow.timetables.events": "EventsTimetable",
    "airflow.timetables.assets": "AssetOrTimeSchedule PartitionedAssetTimetable PartitionedAtRuntime",
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
    if name in ("macros", "timezone", "exceptions", "lineage"):
        return import_module(f"airflow.sdk.{name}" if name != "macros" else "airflow.macros")
    raise AttributeError(f"module 'airflow.sdk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
