"""Waiting for runs and tasks of other DAGs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any

from airflow._runtime import require_runtime
from airflow.triggers.base import BaseTrigger, TriggerEvent


def _names(states: Iterable[Any] | None) -> list[str]:
    return [str(getattr(state, "value", state)) for state in states or ()]


class WorkflowTrigger(BaseTrigger):
    """Fires when tasks, a task group or runs of another DAG are in one of some states."""

    def __init__(
        self,
        external_dag_id: str,
        run_ids: list[str] | None = None,
        logical_dates: Sequence[dt.datetime] | None = None,
        execution_dates: Sequence[dt.datetime] | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        failed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        allowed_states: Iterable[str] | None = None,
        poke_interval: float = 2.0,
        soft_fail: bool = False,
        **_: Any,
    ) -> None:
        super().__init__()
        self.external_dag_id = external_dag_id
        self.run_ids = run_ids
        self.logical_dates = list(logical_dates or execution_dates or [])
        self.external_task_ids = list(external_task_ids) if external_task_ids else None
        self.external_task_group_id = external_task_group_id
        self.failed_states, self.skipped_states = _names(failed_states), _names(skipped_states)
        self.allowed_states = _names(allowed_states) or ["success"]
        self.poke_interval, self.soft_fail = poke_interval, soft_fail

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments."""
        names = (
            "external_dag_id", "run_ids", "logical_dates", "external_task_ids", "external_task_group_id",
            "failed_states", "skipped_states", "allowed_states", "poke_interval", "soft_fail",
        )  # fmt: skip
        return f"{__name__}.{type(self).__name__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every ``poke_interval`` seconds."""
        wanted = len(self.run_ids or self.logical_dates) or 1
        while True:
            if self.failed_states and self._count(self.failed_states):
                yield TriggerEvent({"status": "failed"})
                return
            if self.skipped_states and self._count(self.skipped_states):
                yield TriggerEvent({"status": "skipped"})
                return
            if self._count(self.allowed_states) >= wanted:
                yield TriggerEvent({"status": "success"})
                return
            await asyncio.sleep(self.poke_interval)

    def _count(self, states: list[str]) -> int:
        runtime = require_runtime("WorkflowTrigger")
        dates = self.logical_dates or None
        if self.external_task_ids is None and self.external_task_group_id is None:
            return runtime.dag_run_count(self.external_dag_id, dates, self.run_ids, states)
        found = runtime.ti_states(
            self.external_dag_id, self.external_task_ids, self.external_task_group_id, dates, self.run_ids, None
        )
        test = any if states is not self.allowed_states else all
        return sum(1 for run in found.values() if run and test(state in states for state in run.values()))


class DagStateTrigger(BaseTrigger):
    """Fires when runs of a DAG are in one of some states."""

    def __init__(
        self,
        dag_id: str,
        states: list[Any],
        run_ids: list[str] | None = None,
        logical_dates: list[dt.datetime] | None = None,
        execution_dates: list[dt.datetime] | None = None,
        poll_interval: float = 5.0,
        **_: Any,
    ) -> None:
        super().__init__()
        self.dag_id, self.states, self.run_ids = dag_id, _names(states), run_ids
        self.logical_dates = logical_dates or execution_dates
        self.poll_interval = poll_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments."""
        names = ("dag_id", "states", "run_ids", "logical_dates", "poll_interval")
        return f"{__name__}.{type(self).__name__}", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every ``poll_interval`` seconds."""
        wanted = len(self.run_ids or self.logical_dates or ()) or 1
        runtime = require_runtime("DagStateTrigger")
        while runtime.dag_run_count(self.dag_id, self.logical_dates, self.run_ids, self.states) < wanted:
            await asyncio.sleep(self.poll_interval)
        path, arguments = self.serialize()
        runs = runtime.dag_run_list(self.dag_id, self.logical_dates, self.run_ids)
        yield TriggerEvent((path, {**arguments, **{run["run_id"]: run.get("state") for run in runs}}))
