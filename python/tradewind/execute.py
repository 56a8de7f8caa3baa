"""One attempt of one task: context, rendering, execution, and what follows from its end.

Knows nothing of sockets and processes: the same code runs in an attempt process and in ``dags test``.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from airflow._runtime import set_runtime
from airflow.sdk.definitions.context import set_current_context
from airflow.sdk.exceptions import AirflowException, AirflowTaskTimeout, DownstreamTasksSkipped, TaskAwaitingInput, TaskDeferred
from airflow.utils.state import TaskInstanceState
from tradewind import assets, callbacks, deferral, expand, interrupts, links, listeners, outcome, policies, rendering, triggerwire
from tradewind.context import build
from tradewind.runtime import Runtime
from tradewind.taskinstance import TaskInstance

log = logging.getLogger("airflow.task")

#: What listeners are told when a task instance has reached a state.
_LISTENED = {
    "success": "on_task_instance_success",
    "failed": "on_task_instance_failed",
    "up_for_retry": "on_task_instance_failed",
    "skipped": "on_task_instance_skipped",
}

_current: TaskInstance | None = None


def current() -> TaskInstance | None:
    """The task instance that is running in this process."""
    return _current


class Execution:
    """Runs one attempt: :meth:`run` gives the result frame, :meth:`after` runs the callbacks of the final state."""

    def __init__(
        self, start: dict[str, Any], dag: Any, runtime: Runtime, test_mode: bool = False, keep_task: bool = False
    ) -> None:
        """``keep_task``: work on a copy, because this process is going to run the task again."""
        global _current
        self.start = start
        self.error: BaseException | None = None
        self.runtime = runtime
        self.task = dag.get_task(start["task_id"])
        if keep_task and not self.task.is_mapped:
            self.task = self.task.prepare_for_execution()
        self.ti = _current = TaskInstance(start, self.task, runtime)
        self.test_mode = test_mode
        #: There is no triggerer: the task waits in this process.
        self.in_place = test_mode
        self.context: Any = None
        self.started = False
        set_runtime(runtime)

    def run(self) -> dict[str, Any]:
        """Execute the task; every way it can end becomes a result frame."""
        result = self._run()
        if self.started and self.task.operator_extra_links:
            with set_current_context(self.context):
                links.keep(self.task, self.ti)
        return result

    def _run(self) -> dict[str, Any]:
        mapped_over = self.task.task_id in expand.mapped_sources(self.task.dag)
        try:
            value = self._execute()
            return self._with_assets(outcome.success(self.ti, value, mapped_over), value)
        except DownstreamTasksSkipped as skipped:
            try:
                return self._with_assets(outcome.downstream_skipped(self.ti, skipped, mapped_over), None)
            except Exception as error:
                return self._failed(error)
        except (TaskDeferred, TaskAwaitingInput) as waits:
            return self._waits(waits)
        except BaseException as error:
            return self._failed(error)

    def _with_assets(self, result: dict[str, Any], value: Any) -> dict[str, Any]:
        events = assets.updates(self.task, self.context, value)
        if events:
            result["asset_events"] = events
        return result

    def _begin_deferred(self, task: Any) -> Any:
        """A task that waits before anything else. It comes here only when its trigger's arguments have to be rendered."""
        begin = triggerwire.start_trigger(task, lambda kwargs: task.render_template(kwargs, self.context))
        if not self.in_place:
            raise begin
        task.execute = _raiser(begin)
        return deferral.execute(task, self.context, None, True)

    def _waits(self, waits: TaskDeferred | TaskAwaitingInput) -> dict[str, Any]:
        try:
            if isinstance(waits, TaskAwaitingInput):
                log.info("Pausing task as AWAITING_INPUT until somebody answers")
                return {**outcome.base("awaiting_input"), "deferral": triggerwire.question(waits)}
            wait = triggerwire.deferral(waits)
            log.info("Pausing task as DEFERRED until trigger %s fires", wait["classpath"])
            return {**outcome.base("deferred"), "deferral": wait}
        except Exception as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> dict[str, Any]:
        self.error = error
        return outcome.with_policy(outcome.failure(error), error, self.ti, self.context)

    def _execute(self) -> Any:
        self.context = self.ti._context = build(self.ti, self.test_mode)
        if "AIRFLOW_CTX_TASK_ID" not in (self.start.get("env") or {}):
            export_environment(self.ti)
        os.environ.update(extra_environment(self.context))
        with set_current_context(self.context):
            self.task = rendering.prepare(self.ti, self.context)
            task = self.task
            fields = rendering.rendered_fields(task)
            if fields:
                self.runtime.rendered_set(fields)
            resume = self.start.get("resume")
            if not resume and task.start_from_trigger:
                return self._begin_deferred(task)
            try:
                listeners.tell("on_task_instance_running", previous_state=TaskInstanceState.QUEUED, task_instance=self.ti)
                task.pre_execute(self.context)
                callbacks.run(task, "on_execute_callback", self.context)
                self.started = True
                with self._time_limit():
                    value = deferral.execute(task, self.context, resume, self.in_place)
                task.post_execute(self.context, value)
                return value
            finally:
                rendering.label(self.ti, self.context)

    @contextmanager
    def _time_limit(self) -> Iterator[None]:
        seconds = self.start.get("execution_timeout")
        if seconds is None:
            own = getattr(self.task, "execution_timeout", None)
            seconds = own.total_seconds() if isinstance(own, timedelta) else own
        if seconds is None:
            yield
            return
        if seconds <= 0:
            raise AirflowTaskTimeout(f"execution_timeout of task {self.ti.task_id!r} is {seconds} s: it can never run")

        def expired() -> None:
            log.error("Task ran longer than its execution_timeout of %s s", seconds)
            self.kill()
            raise AirflowTaskTimeout(f"Task {self.ti.task_id!r} ran longer than its execution_timeout of {seconds} s")

        interrupts.on(signal.SIGALRM, expired)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def kill(self) -> None:
        """Let the operator clean up what it has started; only once its ``execute`` has begun."""
        if not self.started:
            return
        try:
            self.task.on_kill()
        except Exception:
            log.exception("on_kill of task %s failed", self.ti.task_id)

    def heeds(self, result: str) -> bool:
        """Whether anything may follow from the answer to a result of this kind; if not, the process need not wait for it."""
        if result not in ("success", "skipped"):
            return True
        return bool(getattr(self.task, callbacks.OF_STATE[result], None)) or bool(listeners.all_listeners())

    def after(self, state: str) -> None:
        """Run the callbacks that the final state of the task instance asks for."""
        self.ti.state = state
        told = _LISTENED.get(state)
        if told is not None:
            before = TaskInstanceState.RUNNING
            listeners.tell(told, previous_state=before, task_instance=self.ti, error=self.error)
        name = callbacks.OF_STATE.get(state)
        if name is None or (self.context is None and self.error is None):
            return
        if state == "skipped" and self.error is None:
            return
        context = self.context if self.context is not None else self._bare_context()
        if self.error is not None and state in ("failed", "up_for_retry"):
            context["exception"] = self.error
        context["try_number"] = self.ti.try_number
        with set_current_context(context):
            callbacks.run(self.task, name, context)

    def _bare_context(self) -> dict[str, Any]:
        """What there is when the context itself could not be made (bad params)."""
        ti = self.ti
        return {
            "dag": self.task.dag,
            "task": self.task,
            "ti": ti,
            "task_instance": ti,
            "dag_run": ti.dag_run,
            "run_id": ti.run_id,
        }


def _raiser(error: BaseException) -> Any:
    def execute(context: Any) -> None:
        raise error

    return execute


def export_environment(ti: TaskInstance) -> None:
    """``AIRFLOW_CTX_*`` for the task and the processes it starts."""
    os.environ.update(context_values(ti))


def context_values(ti: TaskInstance) -> dict[str, str]:
    """The values of ``AIRFLOW_CTX_*`` that are not empty."""
    task, run = ti.task, ti.dag_run
    email = getattr(task, "email", None)
    addresses = [email] if isinstance(email, str) else list(email or [])
    logical = run.logical_date.isoformat() if run.logical_date is not None else ""
    values = {
        "DAG_OWNER": str(getattr(task, "owner", "") or ""),
        "DAG_EMAIL": ",".join(str(address) for address in addresses),
        "DAG_ID": ti.dag_id,
        "TASK_ID": ti.task_id,
        "LOGICAL_DATE": logical,
        "EXECUTION_DATE": logical,
        "TRY_NUMBER": str(ti.try_number),
        "DAG_RUN_ID": ti.run_id,
    }
    return {f"AIRFLOW_CTX_{name}": value for name, value in values.items() if value}


def extra_environment(context: Any) -> dict[str, str]:
    """What ``get_airflow_context_vars`` of a user's ``airflow_local_settings`` adds."""
    extra: dict[str, str] = {}
    for hook in policies.functions("get_airflow_context_vars"):
        found = hook(context)
        if not isinstance(found, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in found.items()):
            raise AirflowException("get_airflow_context_vars of airflow_local_settings has to return a dict of text to text")
        extra.update(found)
    return {
        name.upper() if name.upper().startswith("AIRFLOW_CTX_") else f"AIRFLOW_CTX_{name}".upper(): v for name, v in extra.items()
    }
