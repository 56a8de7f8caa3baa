"""Waiting for tasks, task groups and runs of other DAGs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from airflow._runtime import require_runtime
from airflow.providers.standard.operators._callables import select_arguments
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk.bases.operatorlink import BaseOperatorLink
from airflow.sdk.bases.sensor import BaseSensorOperator, deferrable_or_default
from airflow.sdk.exceptions import (
    AirflowSkipException,
    DuplicateStateError,
    ExternalDagFailedError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
)
from airflow.utils.state import DagRunState, TaskInstanceState
from tradewind import links


class ExternalDagLink(BaseOperatorLink):
    """Leads to the other DAG."""

    name = "External DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the DAG."""
        return links.page(operator.external_dag_id)


ExternalTaskSensorLink = ExternalDagLink


class ExternalTaskSensor(BaseSensorOperator):
    """Waits until tasks, a group or a run of another DAG have reached one of ``allowed_states``.

    The other DAG's runs are those with the same logical date, ``execution_delta`` earlier, or as ``execution_date_fn`` says.
    """

    template_fields: Sequence[str] = ("external_dag_id", "external_task_id", "external_task_ids", "external_task_group_id")
    ui_color = "#4db7db"
    operator_extra_links: Sequence[Any] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: dt.timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float | None = None,
        deferrable: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.allowed_states = _names(allowed_states) or [TaskInstanceState.SUCCESS.value]
        self.skipped_states = _names(skipped_states)
        self.failed_states = _names(failed_states)
        listed = self.allowed_states + self.skipped_states + self.failed_states
        repeated = sorted({state for state in listed if listed.count(state) > 1})
        if repeated:
            raise DuplicateStateError(
                f"Duplicate values provided across allowed_states, skipped_states and failed_states of task {self.task_id!r}: "
                f"{', '.join(repeated)}"
            )
        if external_task_id is not None and external_task_ids is not None:
            raise ValueError(
                "Only one of `external_task_id` or `external_task_ids` may be provided to ExternalTaskSensor; "
                "use external_task_id or external_task_ids or external_task_group_id."
            )
        if external_task_group_id is not None and (external_task_id is not None or external_task_ids is not None):
            raise ValueError("Only one of `external_task_group_id` and task ids may be provided to ExternalTaskSensor.")
        if execution_delta is not None and execution_date_fn is not None:
            raise ValueError(
                "Only one of `execution_delta` or `execution_date_fn` may be provided to ExternalTaskSensor; not both."
            )
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = [external_task_id] if external_task_id is not None else external_task_ids
        self.external_task_group_id = external_task_group_id
        if self.external_task_ids is not None and not isinstance(self.external_task_ids, str):
            ids = list(self.external_task_ids)
            if all(isinstance(item, str) for item in ids) and len(set(ids)) < len(ids):
                raise ValueError(f"Duplicate task_ids passed in external_task_ids parameter of task {self.task_id!r}: {ids}")
            self.external_task_ids = ids
        is_run = self.external_task_ids is None and external_task_group_id is None
        allowed = {state.value for state in (DagRunState if is_run else TaskInstanceState)}
        unknown = sorted(set(listed) - allowed)
        if unknown:
            what = "runs" if is_run else "tasks"
            raise ValueError(f"task {self.task_id!r}: {', '.join(unknown)} are no states of {what}; valid are {sorted(allowed)}")
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.deferrable = deferrable_or_default(deferrable)
        self.poll_interval = self.poke_interval if poll_interval is None else poll_interval

    def execute(self, context: Any) -> Any:
        """Poke, or wait in a trigger unless all is there."""
        if not self.deferrable:
            return super().execute(context)
        if self.poke(context):
            return None
        from airflow.providers.standard.triggers.external_task import WorkflowTrigger

        ids = [self.external_task_ids] if isinstance(self.external_task_ids, str) else self.external_task_ids
        trigger = WorkflowTrigger(
            external_dag_id=self.external_dag_id,
            external_task_ids=ids,
            external_task_group_id=self.external_task_group_id,
            logical_dates=self._dates(context),
            allowed_states=self.allowed_states,
            skipped_states=self.skipped_states,
            failed_states=self.failed_states,
            poke_interval=self.poll_interval,
            soft_fail=self.soft_fail,
        )
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=self.trigger_timeout())

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """The other DAG is where it should be, or has failed."""
        status = (event or {}).get("status")
        if status == "success":
            self.log.info("%s in DAG %s has reached an allowed state", self._what(), self.external_dag_id)
            return
        if status == "skipped":
            raise AirflowSkipException(f"{self._what()} in DAG {self.external_dag_id} reached a skipped state. Skipping.")
        self._fail()

    def _dates(self, context: Any) -> list[dt.datetime]:
        logical = context.get("logical_date") or context["dag_run"].run_after
        if self.execution_delta is not None:
            return [logical - self.execution_delta]
        if self.execution_date_fn is not None:
            extra = select_arguments(self.execution_date_fn, [logical], {"context": context})
            if not extra and _takes_two(self.execution_date_fn):
                found = self.execution_date_fn(logical, context)
            else:
                found = self.execution_date_fn(logical, **extra)
            return list(found) if isinstance(found, (list, tuple, set)) else [found]
        return [logical]

    def poke(self, context: Any) -> bool:
        """Whether all are in an allowed state."""
        dates = self._dates(context)
        shown = ", ".join(date.isoformat() for date in dates)
        self.log.info("Poking for %s in dag %s on %s ...", self._what(), self.external_dag_id, shown)
        if self.failed_states and self._count(dates, self.failed_states) > 0:
            self._fail()
        if self.skipped_states and self._count(dates, self.skipped_states) > 0:
            raise AirflowSkipException(f"{self._what()} in DAG {self.external_dag_id} reached a skipped state. Skipping.")
        return self._count(dates, self.allowed_states) >= len(dates)

    def _what(self) -> str:
        if self.external_task_group_id is not None:
            return f"task group {self.external_task_group_id!r}"
        return f"tasks {self.external_task_ids}" if self.external_task_ids else "the run"

    def _count(self, dates: list[dt.datetime], states: list[str]) -> float:
        """The number of runs that are in one of ``states``; of several tasks, each counts its part."""
        runtime = require_runtime("ExternalTaskSensor")
        if self.external_task_group_id is not None:
            found = runtime.ti_states(self.external_dag_id, group_id=self.external_task_group_id, logical_dates=dates)
            wanted = any if states is self.failed_states else all
            return sum(1 for run in found.values() if run and wanted(state in states for state in run.values()))
        if self.external_task_ids:
            ids = [self.external_task_ids] if isinstance(self.external_task_ids, str) else list(self.external_task_ids)
            if states is not self.allowed_states:
                return runtime.ti_count(self.external_dag_id, task_ids=ids, logical_dates=dates, states=states)
            return self._finished(runtime, ids, dates)
        return runtime.dag_run_count(self.external_dag_id, logical_dates=dates, states=states)

    def _finished(self, runtime: Any, ids: list[str], dates: list[dt.datetime]) -> int:
        found = runtime.ti_states(self.external_dag_id, task_ids=ids, logical_dates=dates)
        done = 0
        for run in found.values():
            # Instances of a mapped task are listed as <task id>_<map index>.
            per_task = {name: [s for key, s in run.items() if key == name or _is_instance(key, name)] for name in ids}
            done += all(states and all(state in self.allowed_states for state in states) for states in per_task.values())
        return done

    def _fail(self) -> None:
        message = f"{self._what()} in DAG {self.external_dag_id} failed."
        if self.soft_fail:
            raise AirflowSkipException(f"{message} Skipping due to soft_fail.")
        if self.external_task_group_id is not None:
            raise ExternalTaskGroupFailedError(f"The external {message}")
        if self.external_task_ids:
            raise ExternalTaskFailedError(f"Some of the external {message}")
        raise ExternalDagFailedError(f"The external {message}")


def _names(states: Iterable[str] | None) -> list[str]:
    return [str(getattr(state, "value", state)) for state in states or ()]


def _is_instance(key: str, task_id: str) -> bool:
    return key.startswith(f"{task_id}_") and key[len(task_id) + 1 :].isdecimal()


def _takes_two(function: Callable[..., Any]) -> bool:
    import inspect

    parameters = inspect.signature(function).parameters.values()
    return len([p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]) > 1


class ExternalTaskMarker(EmptyOperator):
    """Names a task of another DAG that depends on this one; for people who read the graph."""

    template_fields: Sequence[str] = ("external_dag_id", "external_task_id", "logical_date")
    ui_color = "#4db7db"
    operator_extra_links: Sequence[Any] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        logical_date: str | dt.datetime | None = "{{ logical_date.isoformat() }}",
        execution_date: str | dt.datetime | None = None,
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        moment = execution_date if execution_date is not None else logical_date
        self.logical_date = moment.isoformat() if isinstance(moment, dt.datetime) else moment
        if recursion_depth <= 0:
            raise ValueError(f"recursion_depth of task {self.task_id!r} should be a positive integer")
        self.recursion_depth = recursion_depth
