"""The DAG run as tasks see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from airflow._columns import WithColumns, column_property
from airflow.sdk.exceptions import AirflowException
from airflow.utils.types import DagRunType
from tradewind.times import from_wire

_TIMES = ("logical_date", "data_interval_start", "data_interval_end", "run_after", "start_date", "end_date", "queued_at")


def _several(value: Any) -> list[Any] | None:
    if value is None:
        return None
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


@dataclass
class DagRun(metaclass=WithColumns):
    """One run; times are pendulum DateTimes in UTC."""

    dag_id: str
    run_id: str
    run_type: Any = None
    state: str | None = None
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    run_after: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    queued_at: datetime | None = None
    conf: dict[str, Any] = field(default_factory=dict)
    clear_number: int = 0
    triggered_by: str | None = None
    triggering_user_name: str | None = None
    note: str | None = None
    partition_key: str | None = None
    partition_date: datetime | None = None
    consumed_asset_events: list[Any] = field(default_factory=list)

    @classmethod
    def from_frame(cls, data: dict[str, Any]) -> DagRun:
        """A run as it travels in frames; keys we do not know are left out."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__ and value is not None}
        for name in _TIMES:
            if name in known:
                known[name] = from_wire(known[name])
        run_type = known.get("run_type")
        if run_type in DagRunType._value2member_map_:
            known["run_type"] = DagRunType(run_type)
        return cls(**known)

    @classmethod
    def find(
        cls,
        dag_id: str | list[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: datetime | Iterable[datetime] | None = None,
        state: Any = None,
        external_trigger: bool | None = None,
        no_backfills: bool = False,
        run_type: Any = None,
        session: Any = None,
        execution_start_date: datetime | None = None,
        execution_end_date: datetime | None = None,
        logical_date: datetime | Iterable[datetime] | None = None,
        **_: Any,
    ) -> list[DagRun]:
        """The runs of a DAG (the newest 1,000, oldest first), by the API of 2.x. A call to the control plane."""
        from airflow._runtime import require_runtime

        runtime = require_runtime("DagRun.find")
        if dag_id is None:
            raise AirflowException("DagRun.find needs a dag_id")
        dates = _several(logical_date if logical_date is not None else execution_date)
        states = None if state is None else [str(getattr(item, "value", item)) for item in _several(state) or ()]
        found = []
        for one in [dag_id] if isinstance(dag_id, str) else dag_id:
            found += [cls.from_frame(data) for data in runtime.dag_run_list(one, dates, _several(run_id), states)]
        wanted_type = getattr(run_type, "value", run_type)
        return [
            run
            for run in found
            if (external_trigger is None or run.external_trigger == external_trigger)
            and not (no_backfills and run.is_backfill)
            and (wanted_type is None or str(getattr(run.run_type, "value", run.run_type)) == wanted_type)
            and (execution_start_date is None or (run.logical_date is not None and run.logical_date >= execution_start_date))
            and (execution_end_date is None or (run.logical_date is not None and run.logical_date <= execution_end_date))
        ]

    @column_property
    def execution_date(self) -> datetime | None:
        """1.10 and 2.x name of ``logical_date``."""
        return self.logical_date

    @column_property
    def external_trigger(self) -> bool:
        """Whether somebody, and not the schedule, asked for the run (2.x)."""
        return self.run_type not in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB)

    @property
    def is_backfill(self) -> bool:
        return bool(self.run_type == DagRunType.BACKFILL_JOB)

    def get_state(self) -> str | None:
        return self.state

    def get_task_instances(self, state: Any = None) -> list[Any]:
        """The task instances of this run with their states (a call to the control plane)."""
        from tradewind.taskinstance import states_of_run

        wanted = (
            None if state is None else {str(s) for s in (state if isinstance(state, (list, tuple, set, frozenset)) else [state])}
        )
        return [ti for ti in states_of_run(self) if wanted is None or str(ti.state) in wanted]

    def get_task_instance(self, task_id: str, map_index: int = -1) -> Any:
        """One task instance of this run, ``None`` when there is none."""
        for ti in self.get_task_instances():
            if ti.task_id == task_id and ti.map_index == map_index:
                return ti
        return None

    def __repr__(self) -> str:
        return f"<DagRun {self.dag_id} @ {self.logical_date or self.run_after}: {self.run_id}, state:{self.state}>"
