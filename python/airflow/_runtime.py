"""The seam between what DAG files import and the process that runs them.

The process side installs one object with :func:`set_runtime`; operators, sensors, ``Variable`` and ``Connection`` call it.
Its methods are named after the frames (``variable.get`` is ``variable_get``), take Python values (aware datetimes, not text)
and raise :class:`RuntimeCallError` with the frame's code when the answer is an error.

The process side also keeps the context of the running task: see ``airflow.sdk.definitions.context``.
Expanded arguments are described by ``airflow.sdk.definitions._internal.expandinput`` (``DictOfListsExpandInput.value``,
``ListOfDictsExpandInput.value``) and by ``airflow.sdk.definitions.xcom_arg`` (``PlainXComArg.operator/.key``,
``MapXComArg.arg/.callables``, ``ZipXComArg.args/.fillvalue``, ``ConcatXComArg.args``); ``MappedOperator.unmap(kwargs)``
makes the operator of one map index from its resolved arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class RuntimeCallError(Exception):
    """A call to the control plane was answered with an error; ``code`` is one of not_found, conflict, invalid, stale, unavailable."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class Runtime(Protocol):
    """What an installed runtime offers to the authoring side. Times are aware datetimes."""

    def variable_get(self, key: str) -> str | None: ...

    def variable_set(self, key: str, value: str, description: str | None = None) -> None: ...

    def variable_delete(self, key: str) -> int: ...

    def variable_keys(self, prefix: str | None = None) -> list[str]: ...

    def connection_get(self, conn_id: str) -> dict[str, Any] | None: ...

    def dag_run_get(self, dag_id: str, run_id: str) -> dict[str, Any] | None: ...

    def dag_run_count(
        self,
        dag_id: str,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        states: list[str] | None = None,
    ) -> int: ...

    def dag_run_list(
        self,
        dag_id: str,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        states: list[str] | None = None,
    ) -> list[dict[str, Any]]: ...

    def dag_run_trigger(
        self,
        dag_id: str,
        run_id: str | None = None,
        logical_date: datetime | None = None,
        conf: dict[str, Any] | None = None,
        run_after: datetime | None = None,
        note: str | None = None,
        reset: bool = False,
    ) -> str: ...

    def ti_states(
        self,
        dag_id: str,
        task_ids: list[str] | None = None,
        group_id: str | None = None,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        map_index: int | None = None,
    ) -> dict[str, dict[str, str | None]]: ...

    def ti_count(
        self,
        dag_id: str,
        task_ids: list[str] | None = None,
        group_id: str | None = None,
        logical_dates: list[datetime] | None = None,
        run_ids: list[str] | None = None,
        states: list[str] | None = None,
        map_index: int | None = None,
    ) -> int: ...

    def asset_get(self, name: str) -> dict[str, Any] | None: ...

    def dag_get(self, dag_id: str) -> dict[str, Any] | None: ...

    def dag_pause(self, dag_id: str, is_paused: bool) -> bool: ...

    def dag_schedule(self, dag_id: str, after: datetime | None = None) -> dict[str, Any]: ...

    def mail_enqueue(
        self, key: str, recipients: list[str], subject: str, message: bytes, conn_id: str = "", sender: str = ""
    ) -> bool: ...

    def hitl_ask(
        self,
        *,
        subject: str,
        body: str | None,
        options: Sequence[str],
        defaults: Sequence[str] | None,
        multiple: bool,
        params: dict[str, Any],
        assigned_users: Sequence[dict[str, str]],
    ) -> None: ...

    def rendered_set(self, fields: dict[str, Any]) -> None: ...

    def mask(self, values: list[str]) -> None: ...


_runtime: Runtime | None = None


def set_runtime(runtime: Runtime | None) -> None:
    """Install the runtime of this process (``None`` takes it away)."""
    global _runtime
    _runtime = runtime


def get_runtime() -> Runtime | None:
    """The installed runtime, or ``None`` when this process has no control plane (a DAG file run by hand)."""
    return _runtime


def require_runtime(what: str) -> Runtime:
    """The installed runtime; ``what`` names the call for the error when there is none."""
    if _runtime is None:
        raise RuntimeCallError("unavailable", f"{what} works only inside a running task")
    return _runtime
