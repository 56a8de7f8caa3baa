"""What the installation knows of a DAG: the questions of ``DagModel`` that files of 1.10 and 2.x ask, without a database session."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from airflow._columns import Column
from airflow._runtime import get_runtime, require_runtime
from airflow._server_tables import refuse

_TIMES = (
    "last_parsed_time",
    "next_dagrun",
    "next_dagrun_data_interval_start",
    "next_dagrun_data_interval_end",
    "next_dagrun_create_after",
)


class _Columns(type):
    """A column of the table, as queries name it."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Column(f"airflow.models.DagModel.{name}")


class DagModel(metaclass=_Columns):
    """A DAG as it was known when it was asked for; found by :meth:`get_dagmodel`."""

    def __init__(self, **fields: Any) -> None:
        if "dag_id" not in fields or "is_paused" not in fields:
            refuse("airflow.models.DagModel")
        from tradewind.times import from_wire

        self.dag_id: str = fields["dag_id"]
        self.is_paused: bool = fields["is_paused"]
        for name, value in fields.items():
            setattr(self, name, from_wire(value) if name in _TIMES else value)
        self.is_active = not fields.get("is_stale", False)
        self.tags = [SimpleNamespace(name=name, dag_id=self.dag_id) for name in fields.get("tags") or ()]

    @classmethod
    def get_dagmodel(cls, dag_id: str, session: Any = None) -> DagModel | None:
        """The DAG, ``None`` when it is not known (yet), or when nothing is known because the file is run by hand."""
        runtime = get_runtime()
        fields = None if runtime is None else runtime.dag_get(dag_id)
        return None if fields is None else cls(**fields)

    get_current = get_dagmodel

    @classmethod
    def get_paused_dag_ids(cls, dag_ids: Iterable[str], session: Any = None) -> set[str]:
        """Those of ``dag_ids`` that are paused."""
        found = (cls.get_dagmodel(dag_id) for dag_id in dag_ids)
        return {model.dag_id for model in found if model is not None and model.is_paused}

    def set_is_paused(self, is_paused: bool, including_subdags: bool = True, session: Any = None) -> None:
        """Pause or unpause the DAG."""
        require_runtime("DagModel.set_is_paused").dag_pause(self.dag_id, is_paused)
        self.is_paused = is_paused

    def get_is_paused(self, *, session: Any = None) -> bool:
        """Whether it is paused."""
        return self.is_paused

    def get_is_active(self, session: Any = None) -> bool:
        """Whether its file is still there."""
        return self.is_active

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"
