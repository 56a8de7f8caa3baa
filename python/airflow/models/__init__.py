"""The names that DAG files take from ``airflow.models``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow._redirect import submodule
from airflow._server_tables import TABLES, table

if TYPE_CHECKING:
    from airflow.sdk.bases.operator import BaseOperator as BaseOperator
    from airflow.sdk.bases.operatorlink import BaseOperatorLink as BaseOperatorLink
    from airflow.sdk.bases.skipmixin import SkipMixin as SkipMixin
    from airflow.sdk.bases.xcom import XCom as XCom
    from airflow.sdk.definitions.connection import Connection as Connection
    from airflow.sdk.definitions.dag import DAG as DAG
    from airflow.sdk.definitions.mappedoperator import MappedOperator as MappedOperator
    from airflow.sdk.definitions.param import Param as Param
    from airflow.sdk.definitions.taskinstance import DagRun as DagRun
    from airflow.sdk.definitions.taskinstance import TaskInstance as TaskInstance
    from airflow.sdk.definitions.variable import Variable as Variable
    from airflow.sdk.definitions.xcom_arg import XComArg as XComArg

_LAZY = {
    "DAG": "airflow.sdk.definitions.dag",
    "DagBag": "tradewind.dagbag",
    "DagModel": "airflow._dag_model",
    "BaseOperator": "airflow.sdk.bases.operator",
    "BaseOperatorLink": "airflow.sdk.bases.operatorlink",
    "DagRun": "airflow.sdk.definitions.taskinstance",
    "TaskInstance": "airflow.sdk.definitions.taskinstance",
    "Connection": "airflow.sdk.definitions.connection",
    "MappedOperator": "airflow.sdk.definitions.mappedoperator",
    "Param": "airflow.sdk.definitions.param",
    "SkipMixin": "airflow.sdk.bases.skipmixin",
    "Variable": "airflow.sdk.definitions.variable",
    "XCom": "airflow.sdk.bases.xcom",
    "XComArg": "airflow.sdk.definitions.xcom_arg",
}

__all__ = sorted(_LAZY)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    if name == "ID_LEN":
        return 250
    if name in TABLES:
        return globals().setdefault(name, table(name, __name__))
    return submodule(__name__, name)
