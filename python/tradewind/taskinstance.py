"""The task instance as user code sees it: identity, XComs, and questions about other runs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from airflow._columns import WithColumns, column_property
from airflow._runtime import get_runtime
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.types import NOTSET, is_arg_set
from tradewind import xcombackend
from tradewind.dagrun import DagRun
from tradewind.runtime import Runtime
from tradewind.times import from_wire

RETURN_KEY = "return_value"


class TaskInstance(metaclass=WithColumns):
    """One task in one run (and map index), during one attempt."""

    def __init__(self, start: dict[str, Any], task: Any, runtime: Runtime) -> None:
        extra = start.get("ti") or {}
        self.id: str | None = start.get("attempt_id")
        self.dag_id: str = start["dag_id"]
        self.task_id: str = start["task_id"]
        self.run_id: str = start["run_id"]
        self.map_index: int = -1 if start.get("map_index") is None else start["map_index"]
        self.try_number: int = start.get("try_number") or 1
        self.max_tries: int = start.get("max_tries") or 0
        self.state: Any = "running"
        self.task = task
        self.runtime = runtime
        self.dag_run = DagRun.from_frame({"dag_id": self.dag_id, "run_id": self.run_id, **(start.get("dag_run") or {})})
        if self.dag_run.logical_date is None and getattr(task.dag, "legacy_schedule", False):
            # 2.x had no run without a date, and DAGs written for it use one everywhere.
            self.dag_run.logical_date = self.dag_run.run_after
        self.start_date: datetime | None = from_wire(extra.get("start_date"))
        self.end_date: datetime | None = None
        self.queued_dttm: datetime | None = from_wire(extra.get("queued_at"))
        self.first_poke_at: datetime | None = from_wire(extra.get("first_poke_at"))
        self.hostname: str | None = extra.get("hostname")
        self.queue: str = extra.get("queue") or "default"
        self.pool: str = extra.get("pool") or "default_pool"
        self.pool_slots: int = extra.get("pool_slots") or 1
        self.priority_weight: int = extra.get("priority_weight") or 1
        self.operator: str = str(extra.get("operator") or getattr(task, "task_type", type(task).__name__))
        self.log_url: str = extra.get("log_url") or ""
        self.mark_success_url: str = extra.get("mark_success_url") or ""
        self.task_reschedule_count: int = extra.get("reschedule_count") or 0
        self.map_length: int | None = start.get("map_length_resolved", start.get("map_length"))
        if not isinstance(self.map_length, int):
            self.map_length = None
        self.rendered_map_index: str | None = None
        self.pushed_return_value = False
        self._context: Any = None
        self._previous: dict[str | None, DagRun | None] = {}
        self.log = logging.getLogger("airflow.task")

    @column_property
    def execution_date(self) -> datetime | None:
        """1.10 and 2.x name of the run's logical date."""
        return self.dag_run.logical_date

    @column_property
    def logical_date(self) -> datetime | None:
        return self.dag_run.logical_date

    @property
    def is_mapped(self) -> bool:
        return self.map_index >= 0

    @property
    def key(self) -> TaskInstanceKey:
        """What tells task instances apart: dag, task, run, try and map index."""
        return TaskInstanceKey(self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index)

    @property
    def duration(self) -> float | None:
        """Seconds between start and end, ``None`` while the task runs."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).total_seconds()

    @property
    def prev_attempted_tries(self) -> int:
        return self.try_number

    # XCom

    def xcom_push(self, key: str, value: Any, execution_date: datetime | None = None) -> None:
        """Store ``value`` under ``key`` for this task instance."""
        if not isinstance(key, str) or not key:
            raise ValueError(f"an XCom key has to be a text that is not empty, not {key!r}")
        self.runtime.xcom_set(key, xcombackend.text(value, key, self))

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str | None = RETURN_KEY,
        include_prior_dates: bool = False,
        session: Any = None,
        *,
        map_indexes: Any = NOTSET,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """The XCom of one task (a text) or of several (a list); without ``task_ids`` that of this task.

        A mapped task gives the list of what its instances pushed; what is missing is ``default``.
        """
        single = task_ids is None or isinstance(task_ids, str)
        wanted: list[str] = [str(task_ids or self.task_id)] if single else [str(task_id) for task_id in task_ids or ()]
        if task_ids is not None and getattr(getattr(self.task, "_dag", None), "subdags", None):
            from airflow.sdk.definitions._internal.subdag import translate

            dag_id, wanted = translate(self.task, dag_id, wanted)
        where = (dag_id or self.dag_id, run_id or self.run_id)
        out: list[Any] = []
        for task_id in wanted:
            values = self._pull(where, task_id, key or RETURN_KEY, include_prior_dates, map_indexes, default, task_ids is None)
            if single:
                return values
            # Several tasks: the instances of a mapped one are listed with the others.
            out += values if isinstance(values, _Instances) else [values]
        return out

    def _pull(
        self, where: tuple[str, str], task_id: str, key: str, prior: bool, map_indexes: Any, default: Any, own: bool
    ) -> Any:
        def read(text: str, index: int) -> Any:
            return xcombackend.value(text, key, *where, task_id, index)

        if own and not is_arg_set(map_indexes):
            map_indexes = self.map_index
        if is_arg_set(map_indexes):
            if map_indexes is None or isinstance(map_indexes, int):
                index = -1 if map_indexes is None else map_indexes
                text = self.runtime.xcom_get(*where, task_id, key, index, prior)
                return default if text is None else read(text, index)
            known = dict(self.runtime.xcom_list(*where, task_id, key, prior))
            return _Instances(read(known[index], index) if index in known else default for index in map_indexes)
        known_values = self.runtime.xcom_list(*where, task_id, key, prior)
        if not known_values:
            return default
        if len(known_values) == 1 and known_values[0][0] < 0:
            return read(known_values[0][1], -1)
        return _Instances(read(text, index) for index, text in known_values if index >= 0)

    def xcom_delete(self, key: str) -> None:
        """Remove an XCom of this task instance."""
        if xcombackend.backend() is not None:
            stored = self.runtime.xcom_get(self.dag_id, self.run_id, self.task_id, key, self.map_index, False)
            xcombackend.deleted(stored, key, self)
        self.runtime.xcom_delete(key)

    # Other runs

    def get_dagrun(self, session: Any = None) -> DagRun:
        return self.dag_run

    def get_previous_dagrun(self, state: Any = None, session: Any = None) -> DagRun | None:
        """The run before this one, with ``state`` when given."""
        name = None if state is None else str(getattr(state, "value", state))
        if name not in self._previous:
            data = self.runtime.dag_run_previous(name)
            self._previous[name] = None if data is None else DagRun.from_frame(data)
        return self._previous[name]

    def get_previous_ti(self, state: Any = None, session: Any = None, **_: Any) -> PastInstance | None:
        """This task's instance in the run before."""
        data = self.runtime.ti_previous(state)
        return None if data is None else PastInstance(data)

    def get_previous_start_date(self, state: Any = None, session: Any = None) -> datetime | None:
        before = self.get_previous_ti(state)
        return None if before is None else before.start_date

    def get_previous_execution_date(self, state: Any = None, session: Any = None) -> datetime | None:
        before = self.get_previous_dagrun(state)
        return None if before is None else before.logical_date

    get_previous_logical_date = get_previous_execution_date

    @property
    def previous_ti(self) -> PastInstance | None:
        return self.get_previous_ti()

    @property
    def previous_ti_success(self) -> PastInstance | None:
        return self.get_previous_ti("success")

    def get_first_reschedule_date(self, first_try_number: Any = None) -> datetime | None:
        """When a sensor in reschedule mode poked for the first time, ``None`` when it never has."""
        return self.first_poke_at

    @staticmethod
    def get_ti_count(
        dag_id: str,
        map_index: int | None = None,
        task_ids: Sequence[str] | None = None,
        task_group_id: str | None = None,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
    ) -> int:
        """How many task instances of a DAG fit."""
        return _runtime().ti_count(dag_id, task_ids, task_group_id, logical_dates, run_ids, states, map_index)

    @staticmethod
    def get_task_states(
        dag_id: str,
        map_index: int | None = None,
        task_ids: Sequence[str] | None = None,
        task_group_id: str | None = None,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
    ) -> dict[str, dict[str, str | None]]:
        """States by run id and task id."""
        return _runtime().ti_states(dag_id, task_ids, task_group_id, logical_dates, run_ids, map_index)

    @staticmethod
    def get_dr_count(
        dag_id: str,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
    ) -> int:
        """How many runs of a DAG fit."""
        return _runtime().dag_run_count(dag_id, logical_dates, run_ids, states)

    @staticmethod
    def get_dagrun_state(dag_id: str, run_id: str) -> str | None:
        """The state of a run."""
        run = _runtime().dag_run_get(dag_id, run_id)
        return None if run is None else run.get("state")

    @staticmethod
    def get_dag(dag_id: str) -> Any:
        """What is known of a DAG: ``is_paused``, ``owners``, ``tags`` and so on; an ``AirflowNotFoundException`` when there is none."""
        found = _runtime().dag_get(dag_id)
        if found is None:
            raise AirflowNotFoundException(f"DAG {dag_id!r} was not found")
        return SimpleNamespace(**found)

    async def axcom_push(self, key: str, value: Any) -> None:
        """:meth:`xcom_push` for coroutines."""
        self.xcom_push(key, value)

    async def axcom_pull(self, *args: Any, **kwargs: Any) -> Any:
        """:meth:`xcom_pull` for coroutines."""
        return self.xcom_pull(*args, **kwargs)

    # Context and templates

    def get_template_context(self, session: Any = None, ignore_param_exceptions: bool = True) -> Any:
        """The context of this attempt, always the same object."""
        if self._context is None:
            from tradewind.context import build

            self._context = build(self)
        return self._context

    def render_templates(self, context: Any = None, jinja_env: Any = None) -> Any:
        """Render the task's template fields; gives the task as it was before."""
        original = self.task
        context = context if context is not None else self.get_template_context()
        rendered = (
            self.task.render_template_fields(context, jinja_env) if jinja_env else self.task.render_template_fields(context)
        )
        if rendered is not None:
            self.task = rendered
        return original

    def current_state(self, session: Any = None) -> Any:
        return self.state

    def is_eligible_to_retry(self) -> bool:
        """Whether a failure now would be followed by another try."""
        return self.try_number <= self.max_tries

    def __repr__(self) -> str:
        mapped = f" map_index={self.map_index}" if self.map_index >= 0 else ""
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id}{mapped} [{self.state}]>"


class _Instances(list[Any]):
    """The values of the instances of one mapped task, by map index."""


class PastInstance:
    """A task instance of another run, as far as it travels in frames."""

    def __init__(self, data: dict[str, Any]) -> None:
        for name, value in data.items():
            setattr(self, name, from_wire(value) if isinstance(value, str) and name.endswith(("_date", "_at")) else value)
        self.__dict__.setdefault("state", None)
        self.__dict__.setdefault("map_index", -1)
        self.__dict__.setdefault("start_date", None)
        self.__dict__.setdefault("end_date", None)

    state: Any
    start_date: datetime | None
    end_date: datetime | None

    @property
    def execution_date(self) -> Any:
        return self.__dict__.get("logical_date")

    def __repr__(self) -> str:
        return f"<PastInstance {self.__dict__}>"


def states_of_run(run: DagRun) -> list[PastInstance]:
    """Every task instance of a run with its state."""
    states = _runtime().ti_states(run.dag_id, run_ids=[run.run_id]).get(run.run_id, {})
    out = []
    for name, state in states.items():
        task_id, _, index = name.rpartition("_")
        mapped = bool(task_id) and index.isdigit() and name not in _known_tasks(run.dag_id)
        data = {"task_id": task_id if mapped else name, "map_index": int(index) if mapped else -1, "state": state}
        out.append(PastInstance({**data, "dag_id": run.dag_id, "run_id": run.run_id}))
    return out


def _known_tasks(dag_id: str) -> set[str]:
    """Task ids of the DAG that is running here, to tell ``task_1`` from map index 1 of ``task``."""
    from tradewind.execute import current

    running = current()
    return set(running.task.dag.task_dict) if running is not None and running.dag_id == dag_id else set()


def _runtime() -> Runtime:
    runtime = get_runtime()
    if runtime is None:
        raise RuntimeError("this question needs the control plane: ask it inside a running task")
    return cast(Runtime, runtime)
