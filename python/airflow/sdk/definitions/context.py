"""The context of the running task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

KNOWN_CONTEXT_KEYS = frozenset(
    [
        "conf",
        "conn",
        "dag",
        "dag_run",
        "data_interval_end",
        "data_interval_start",
        "ds",
        "ds_nodash",
        "exception",
        "execution_date",
        "expanded_ti_count",
        "inlet_events",
        "inlets",
        "logical_date",
        "macros",
        "map_index_template",
        "next_ds",
        "next_ds_nodash",
        "next_execution_date",
        "outlet_events",
        "outlets",
        "params",
        "partition_date",
        "partition_key",
        "prev_data_interval_end_success",
        "prev_data_interval_start_success",
        "prev_ds",
        "prev_ds_nodash",
        "prev_end_date_success",
        "prev_execution_date",
        "prev_execution_date_success",
        "prev_start_date_success",
        "reason",
        "run_id",
        "start_date",
        "task",
        "task_instance",
        "task_instance_key_str",
        "task_reschedule_count",
        "templates_dict",
        "test_mode",
        "ti",
        "tomorrow_ds",
        "tomorrow_ds_nodash",
        "triggering_asset_events",
        "triggering_dataset_events",
        "try_number",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "var",
        "yesterday_ds",
        "yesterday_ds_nodash",
    ]
)


class Context(dict[str, Any]):
    """The names that templates and ``execute`` see; for annotations."""


_current: list[Any] = []


@contextmanager
def set_current_context(context: Any) -> Iterator[Any]:
    """Make ``context`` the one that :func:`get_current_context` returns in the block."""
    _current.append(context)
    try:
        yield context
    finally:
        if not _current or _current[-1] is not context:
            raise RuntimeError("the contexts of nested tasks were closed in the wrong order")
        _current.pop()


def has_current_context() -> bool:
    """Whether a task is running in this process."""
    return bool(_current)


def get_current_context() -> Any:
    """The context of the running task; a ``RuntimeError`` outside one."""
    if not _current:
        raise RuntimeError("Current context was requested but no context was found! Are you running within an Airflow task?")
    return _current[-1]


def get_parsing_context() -> ParsingContext:
    """Which DAG and task the file is loaded for; both ``None`` when all of it is wanted."""
    import os

    return ParsingContext(os.environ.get("_AIRFLOW_PARSING_CONTEXT_DAG_ID"), os.environ.get("_AIRFLOW_PARSING_CONTEXT_TASK_ID"))


@contextmanager
def _airflow_parsing_context_manager(dag_id: str | None = None, task_id: str | None = None) -> Iterator[None]:
    import os

    names = {"_AIRFLOW_PARSING_CONTEXT_DAG_ID": dag_id, "_AIRFLOW_PARSING_CONTEXT_TASK_ID": task_id}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update({name: value for name, value in names.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class ParsingContext:
    """What a DAG file is loaded for."""

    def __init__(self, dag_id: str | None, task_id: str | None) -> None:
        self.dag_id = dag_id
        self.task_id = task_id

    def __repr__(self) -> str:
        return f"ParsingContext(dag_id={self.dag_id!r}, task_id={self.task_id!r})"


AirflowParsingContext = ParsingContext


def context_merge(context: Context, *args: Any, **kwargs: Any) -> None:
    """Put more names into a context."""
    context.update(*args, **kwargs)
