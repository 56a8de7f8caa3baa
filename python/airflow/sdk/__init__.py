"""The authoring API of 3.x."""

from __future__ import annotations

from typing import Any

_HOMES = {
    "airflow.sdk.definitions.dag": "DAG dag",
    "airflow.sdk.definitions.decorators": "task task_group setup teardown",
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
