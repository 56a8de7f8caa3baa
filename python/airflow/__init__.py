"""What DAG files import: the authoring API of Tradewind, under the names of Airflow 1.10, 2.x and 3.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow._redirect import install as _install_moves
from airflow._redirect import submodule as _submodule

__version__ = "3.3.2"

_install_moves()

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.xcom_arg import XComArg

__all__ = ["DAG", "XComArg", "__version__"]

_LAZY = {
    "DAG": "airflow.sdk.definitions.dag",
    "XComArg": "airflow.sdk.definitions.xcom_arg",
    "Asset": "airflow.sdk.definitions.asset",
    "Dataset": "airflow.sdk.definitions.asset",
    "AirflowException": "airflow.sdk.exceptions",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    return _submodule(__name__, name)
