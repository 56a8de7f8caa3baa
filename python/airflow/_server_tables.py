"""Names of the old server's database. DAG files may import them; using one is an error that says what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowException

TABLES = frozenset(
    [
        "Base",
        "BaseJob",
        "DagBag",
        "DagCode",
        "DagModel",
        "DagOwnerAttributes",
        "DagPickle",
        "DagTag",
        "DagWarning",
        "DatasetModel",
        "DbCallbackRequest",
        "ImportError",
        "Job",
        "Log",
        "Pool",
        "RenderedTaskInstanceFields",
        "SerializedDagModel",
        "SlaMiss",
        "TaskFail",
        "TaskLog",
        "TaskMap",
        "TaskNote",
        "TaskReschedule",
        "Trigger",
        "XComModel",
        "clear_task_instances",
    ]
)


def refuse(what: str) -> NoReturn:
    """Say that there is no database for DAG files and tasks."""
    raise AirflowException(
        f"{what} needs a session of the metadata database, which DAG files and tasks do not have: "
        "use Variable, Connection, XCom, the task's context, or the REST API"
    )


class _Table(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(f"{cls.__module__}.{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        refuse(f"{cls.__module__}.{cls.__name__}")


def table(name: str, module: str) -> type:
    """The stand-in for one table: good for imports and annotations."""
    return _Table(name, (), {"__module__": module, "__doc__": "A table of the old server; not available to DAG files."})
