"""The context that user code and templates see: all names of Airflow 3 and those of 2.x that still mean something.

Names that depend on a logical date are absent when the run has none, so that a template which uses them fails instead of
rendering ``None``. The names of 2.x that 3.x dropped exist for every run that could exist in 2.x: one with a logical date.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from airflow.utils.types import DagRunType
from tradewind import macros, times
from tradewind.accessors import ConnectionAccessor, VariableAccessor
from tradewind.assetevents import (
    InletEventsAccessors,
    OutletEventAccessors,
    TriggeringAssetEvents,
    TriggeringDatasetEvents,
    triggering,
)
from tradewind.lazy import Lazy, unwrap

if TYPE_CHECKING:
    from tradewind.taskinstance import TaskInstance

_MISSING = object()


class Context(dict[str, Any]):
    """A dict whose costly values are computed when they are looked up.

    ``**context`` copies the cells as they are (a :class:`Lazy` behaves like its value); looking up by name gives the value.
    """

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if type(value) is Lazy:
            value = unwrap(value)
            self[key] = value
        return value

    def get(self, key: str, default: Any = None) -> Any:
        # The lookup by [] is ours, the one inside dict.get is not.
        return self[key] if key in self else default  # noqa: SIM401

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        value = super().pop(key) if default is _MISSING else super().pop(key, default)
        return unwrap(value)

    def copy(self) -> Context:
        return Context(dict.items(self))

    __copy__ = copy


def build(ti: TaskInstance, test_mode: bool = False) -> Context:
    """The context of one task instance, before its task has been rendered."""

    from airflow.configuration import conf

    task, dag, run = ti.task, ti.task.dag, ti.dag_run
    inlets = list(getattr(task, "inlets", None) or [])
    made_by = triggering(ti.runtime, ti.dag_id, run.run_id)
    if run.run_type == DagRunType.ASSET_TRIGGERED:
        run.consumed_asset_events = Lazy(made_by)  # type: ignore[assignment]
    context = Context(
        dag=dag,
        task=task,
        ti=ti,
        task_instance=ti,
        dag_run=run,
        run_id=run.run_id,
        params=effective_params(dag, task, run.conf),
        inlets=inlets,
        outlets=list(getattr(task, "outlets", None) or []),
        macros=macros,
        var={"value": VariableAccessor(deserialize_json=False), "json": VariableAccessor(deserialize_json=True)},
        conn=ConnectionAccessor(),
        map_index_template=getattr(task, "map_index_template", None),
        task_reschedule_count=ti.task_reschedule_count,
        partition_key=run.partition_key,
        partition_date=run.partition_date,
        triggering_asset_events=TriggeringAssetEvents(made_by),
        triggering_dataset_events=TriggeringDatasetEvents(made_by),
        outlet_events=OutletEventAccessors(),
        inlet_events=InletEventsAccessors(ti.runtime, inlets),
        prev_start_date_success=Lazy(lambda: _previous(ti, "start_date")),
        prev_end_date_success=Lazy(lambda: _previous(ti, "end_date")),
        task_instance_key_str=f"{ti.dag_id}__{ti.task_id}__{run.run_id}",
    )
    if run.logical_date is not None:
        _add_dates(context, ti)
        context.update(test_mode=test_mode, conf=conf, expanded_ti_count=ti.map_length)
        _add_old_dates(context, ti)
    return context


def effective_params(dag: Any, task: Any, run_conf: dict[str, Any] | None) -> dict[str, Any]:
    """The DAG's params, then the task's, then the run's conf (``[core] dag_run_conf_overrides_params``), validated."""
    from airflow.configuration import conf
    from airflow.sdk.definitions.param import ParamsDict

    if not run_conf and not dag.params and not getattr(task, "params", None):
        return {}
    merged = ParamsDict(suppress_exception=False)
    merged.update(dag.params)
    if getattr(task, "params", None):
        merged.update(task.params)
    if run_conf and conf.getboolean("core", "dag_run_conf_overrides_params", fallback=True):
        merged.update(run_conf)
    return merged.validate()


def _add_dates(context: Context, ti: TaskInstance) -> None:
    run = ti.dag_run
    logical = run.logical_date
    assert logical is not None
    ds = logical.strftime("%Y-%m-%d")
    ds_nodash = ds.replace("-", "")
    ts = logical.isoformat()
    context.update(
        logical_date=logical,
        ds=ds,
        ds_nodash=ds_nodash,
        ts=ts,
        ts_nodash=logical.strftime("%Y%m%dT%H%M%S"),
        ts_nodash_with_tz=ts.replace("-", "").replace(":", ""),
        task_instance_key_str=f"{ti.dag_id}__{ti.task_id}__{ds_nodash}",
        data_interval_start=run.data_interval_start if run.data_interval_start is not None else logical,
        data_interval_end=run.data_interval_end if run.data_interval_end is not None else logical,
        prev_data_interval_start_success=Lazy(lambda: _previous(ti, "data_interval_start")),
        prev_data_interval_end_success=Lazy(lambda: _previous(ti, "data_interval_end")),
    )


def _add_old_dates(context: Context, ti: TaskInstance) -> None:
    """The names of 1.10 and 2.x."""
    run = ti.dag_run
    logical = run.logical_date
    assert logical is not None
    ordinal = logical.toordinal()
    yesterday, tomorrow = date.fromordinal(ordinal - 1).isoformat(), date.fromordinal(ordinal + 1).isoformat()
    following, preceding = Lazy(lambda: next_date(ti)), Lazy(lambda: previous_date(ti))
    context.update(
        execution_date=logical,
        next_execution_date=following,
        prev_execution_date=preceding,
        prev_execution_date_success=Lazy(lambda: _previous(ti, "logical_date")),
        next_ds=Lazy(lambda: _day(unwrap(following))),
        next_ds_nodash=Lazy(lambda: _day(unwrap(following), "%Y%m%d")),
        prev_ds=Lazy(lambda: _day(unwrap(preceding))),
        prev_ds_nodash=Lazy(lambda: _day(unwrap(preceding), "%Y%m%d")),
        yesterday_ds=yesterday,
        yesterday_ds_nodash=yesterday.replace("-", ""),
        tomorrow_ds=tomorrow,
        tomorrow_ds_nodash=tomorrow.replace("-", ""),
    )


def _day(moment: datetime | None, pattern: str = "%Y-%m-%d") -> str | None:
    return None if moment is None else moment.strftime(pattern)


def _previous(ti: TaskInstance, attribute: str) -> Any:
    run = ti.get_previous_dagrun("success")
    return None if run is None else getattr(run, attribute)


def next_date(ti: TaskInstance) -> datetime | None:
    """Logical date of the run after this one by the schedule; a run made by hand is its own neighbour, as in 2.x."""
    run = ti.dag_run
    if run.run_type not in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB):
        return run.logical_date
    if _has_interval(ti):
        return run.data_interval_end
    planned = ti.runtime.dag_schedule(ti.dag_id, run.logical_date).get("next")
    return times.from_wire(planned["logical_date"]) if planned else None


def previous_date(ti: TaskInstance) -> datetime | None:
    """Logical date of the run before this one by the schedule, as far as this run's interval tells it."""
    run = ti.dag_run
    if run.run_type not in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB):
        return run.logical_date
    if not _has_interval(ti):
        before = ti.get_previous_dagrun()
        return None if before is None else before.logical_date
    zone = ti.task.dag.timezone
    start, end = run.data_interval_start.in_timezone(zone), run.data_interval_end.in_timezone(zone)  # type: ignore[union-attr]
    # Wall time: the day before a change of the clocks is still one day before.
    wall = start.naive() - (end.naive() - start.naive())
    return wall.replace(tzinfo=zone).in_timezone("UTC")  # type: ignore[no-any-return]


def _has_interval(ti: TaskInstance) -> bool:
    run = ti.dag_run
    start, end = run.data_interval_start, run.data_interval_end
    return start is not None and end is not None and end > start and start == run.logical_date
