"""Starting runs of other DAGs."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from airflow import _warnings
from airflow._runtime import RuntimeCallError, get_runtime, require_runtime
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.operatorlink import BaseOperatorLink
from airflow.sdk.bases.sensor import deferrable_or_default
from airflow.sdk.bases.xcom import XCom
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, DagRunAlreadyExists
from airflow.sdk.types import NOTSET, ArgNotSet
from airflow.utils.state import DagRunState
from tradewind import links

XCOM_RUN_ID = "trigger_run_id"


class DagIsPaused(AirflowException):
    """The DAG that is to be triggered is paused."""

    def __init__(self, dag_id: str) -> None:
        super().__init__(dag_id)
        self.dag_id = dag_id

    def __str__(self) -> str:
        return f"Dag {self.dag_id} is paused"


class TriggerDagRunLink(BaseOperatorLink):
    """Leads to the run that was triggered."""

    name = "Triggered DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the run, of the DAG when there is none."""
        key = {"dag_id": ti_key.dag_id, "task_id": ti_key.task_id, "run_id": ti_key.run_id, "map_index": ti_key.map_index}
        # Outside of a running task nobody can be asked for the run.
        return links.page(operator.trigger_dag_id, XCom.get_one(key=XCOM_RUN_ID, **key) if get_runtime() else None)


class TriggerDagRunOperator(BaseOperator):
    """Starts a run of another DAG, and waits for its end when asked."""

    template_fields: Sequence[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "run_after",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    )
    template_fields_renderers: Mapping[str, str] = {"conf": "py"}
    operator_extra_links: Sequence[Any] = (TriggerDagRunLink(),)
    ui_color = "#ffefeb"

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: dict[str, Any] | str | None = None,
        logical_date: str | dt.datetime | ArgNotSet | None = NOTSET,
        execution_date: str | dt.datetime | None = None,
        run_after: str | dt.datetime | ArgNotSet | None = NOTSET,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: float = 60,
        allowed_states: list[str] | None = None,
        failed_states: list[str] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        note: str | None = None,
        deferrable: bool | None = None,
        python_callable: Any = None,
        openlineage_inject_parent_info: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if python_callable is not None:
            _warnings.deprecated(
                "TriggerDagRunOperator's 'python_callable' is gone since 2.0; pass 'conf', which may be templated"
            )
        self.python_callable = python_callable
        if execution_date is not None:
            _warnings.deprecated("TriggerDagRunOperator's 'execution_date' is now 'logical_date'", refused=True)
            logical_date = execution_date
        for name, value in (("logical_date", logical_date), ("run_after", run_after)):
            if value is not None and not isinstance(value, (str, dt.datetime, ArgNotSet)):
                raise TypeError(
                    f"Expected str, datetime.datetime, or None for parameter {name!r} of task {self.task_id!r}, "
                    f"got {type(value).__name__}"
                )
        self.trigger_dag_id = trigger_dag_id
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.logical_date = None if isinstance(logical_date, ArgNotSet) else logical_date
        self.run_after = None if isinstance(run_after, ArgNotSet) else run_after
        self._date_is_given = not isinstance(logical_date, ArgNotSet) or self.run_after is not None
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.allowed_states = [DagRunState(state).value for state in allowed_states or [DagRunState.SUCCESS]]
        self.failed_states = [
            DagRunState(state).value for state in ([DagRunState.FAILED] if failed_states is None else failed_states)
        ]
        self.skip_when_already_exists = skip_when_already_exists
        self.fail_when_dag_is_paused = fail_when_dag_is_paused
        self.note = note
        self.deferrable = deferrable_or_default(deferrable)

    def execute(self, context: Any) -> None:
        """Start the run."""
        from airflow.sdk import timezone

        runtime = require_runtime("TriggerDagRunOperator")
        if self.fail_when_dag_is_paused and runtime.dag_schedule(self.trigger_dag_id).get("is_paused"):
            raise DagIsPaused(self.trigger_dag_id)
        if self.python_callable is not None and not self._ask_callable(context):
            self.log.info("Criteria not met, moving on")
            return
        logical_date = self._moment(self.logical_date)
        if not self._date_is_given:
            logical_date = timezone.utcnow()
        try:
            run_id = runtime.dag_run_trigger(
                dag_id=self.trigger_dag_id,
                run_id=self.trigger_run_id,
                logical_date=logical_date,
                conf=self._checked_conf(),
                run_after=self._moment(self.run_after),
                note=self.note,
                reset=self.reset_dag_run,
            )
        except RuntimeCallError as error:
            if error.code != "conflict":
                raise AirflowException(f"triggering a run of DAG {self.trigger_dag_id!r} failed: {error}") from error
            if self._skips_existing():
                raise AirflowSkipException(
                    f"Skipping due to skip_when_already_exists is set to True and DagRun already exists: {error}"
                ) from error
            raise DagRunAlreadyExists(str(error)) from error
        self.log.info("Triggered run %s of DAG %s", run_id, self.trigger_dag_id)
        context["ti"].xcom_push(key=XCOM_RUN_ID, value=run_id)
        if not self._waits():
            return
        if self.deferrable:
            from airflow.providers.standard.triggers.external_task import DagStateTrigger

            trigger = DagStateTrigger(
                dag_id=self.trigger_dag_id,
                states=[*self.allowed_states, *self.failed_states],
                run_ids=[run_id],
                poll_interval=self.poke_interval,
            )
            self.defer(trigger=trigger, method_name="execute_complete", kwargs={"run_id": run_id})
        self._wait(runtime, run_id)

    def execute_complete(self, context: Any, event: Any = None, run_id: str | None = None) -> None:
        """The run has ended."""
        path_and_data = event if isinstance(event, (list, tuple)) and len(event) == 2 else (None, {})
        data = dict(path_and_data[1] or {})
        run_ids = [run_id] if run_id is not None else list(data.get("run_ids") or [])
        for one in run_ids:
            state = data.get(one)
            if state in self.failed_states or state not in self.allowed_states:
                raise AirflowException(f"{self.trigger_dag_id} failed with failed state {state}")
            self.log.info("%s finished with allowed state %s for run_id %s", self.trigger_dag_id, state, one)

    def _ask_callable(self, context: Any) -> bool:
        """What 1.10 did: the function fills in ``payload`` and ``run_id``, and returns nothing when no run is to be made."""
        order = SimpleNamespace(run_id=self.trigger_run_id, payload=self.conf)
        order = self.python_callable(context, order)
        if not order:
            return False
        self.trigger_run_id = getattr(order, "run_id", None)
        self.conf = getattr(order, "payload", None)
        return True

    def _skips_existing(self) -> bool:
        return _truth(self.skip_when_already_exists)

    def _waits(self) -> bool:
        return _truth(self.wait_for_completion)

    def _checked_conf(self) -> dict[str, Any]:
        conf = self.conf
        if isinstance(conf, str):
            try:
                conf = json.loads(conf)
            except ValueError as error:
                raise AirflowException(f"conf of task {self.task_id!r} is not JSON: {error}") from None
        try:
            json.dumps(conf)
        except (TypeError, ValueError) as error:
            raise AirflowException(f"conf parameter should be JSON Serializable: {error}") from None
        if conf is not None and not isinstance(conf, dict):
            raise AirflowException(f"conf of task {self.task_id!r} has to be a dict, not {type(conf).__name__}")
        return conf or {}

    def _moment(self, value: Any) -> dt.datetime | None:
        from airflow.sdk import timezone

        if value is None or value in ("None", ""):
            return None
        return timezone.parse(value) if isinstance(value, str) else timezone.coerce_datetime(value)

    def _wait(self, runtime: Any, run_id: str) -> None:
        while True:
            self.log.info("Waiting for run %s of DAG %s to end...", run_id, self.trigger_dag_id)
            run = runtime.dag_run_get(self.trigger_dag_id, run_id)
            state = run.get("state") if run else None
            if run is None or state in self.failed_states:
                raise AirflowException(f"{self.trigger_dag_id} failed with failed states {state}")
            if state in self.allowed_states:
                self.log.info("%s finished with allowed state %s", self.trigger_dag_id, state)
                return
            time.sleep(self.poke_interval)


def _truth(value: Any) -> bool:
    """A flag that may have been rendered."""
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)
