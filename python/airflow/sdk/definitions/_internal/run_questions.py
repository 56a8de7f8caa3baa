"""What files of 1.10 and 2.x ask a DAG about its runs: calls to the control plane, without a database session."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow._runtime import get_runtime


class RunQuestions:
    """The questions; a file that is run by hand knows of no runs."""

    dag_id: str

    def _runs(self, **wanted: Any) -> list[Any]:
        from tradewind.dagrun import DagRun

        return DagRun.find(dag_id=self.dag_id, **wanted) if get_runtime() is not None else []

    def get_last_dagrun(self, session: Any = None, include_externally_triggered: bool = False, **_: Any) -> Any:
        """The run with the latest date, ``None`` without any; of those that the schedule made unless told otherwise."""
        dated = [run for run in self._runs() if run.logical_date is not None]
        wanted = [run for run in dated if include_externally_triggered or not run.external_trigger]
        return max(wanted, key=lambda run: run.logical_date, default=None)

    def get_dagrun(self, execution_date: datetime | None = None, session: Any = None, run_id: str | None = None) -> Any:
        """The run of a date or an id, ``None`` when there is none."""
        if execution_date is None and run_id is None:
            raise TypeError(f"get_dagrun of DAG {self.dag_id!r} needs a run_id or an execution_date")
        return next(iter(self._runs(execution_date=execution_date, run_id=run_id)), None)

    def get_active_runs(self, session: Any = None) -> list[datetime]:
        """The dates of the runs that are going on, oldest first."""
        return [run.logical_date for run in self._runs(state="running")]

    def get_num_active_runs(self, external_trigger: bool | None = None, only_running: bool = True, session: Any = None) -> int:
        """How many runs are going on; with those that wait to begin unless ``only_running``."""
        states = ["running"] if only_running else ["running", "queued"]
        return len(self._runs(state=states, external_trigger=external_trigger))

    def get_latest_execution_date(self, session: Any = None) -> datetime | None:
        """The latest date of a run."""
        last = self.get_last_dagrun(include_externally_triggered=True)
        return None if last is None else last.logical_date

    @property
    def latest_execution_date(self) -> datetime | None:
        """1.10 and 2.x: the latest date of a run."""
        return self.get_latest_execution_date()

    def get_is_paused(self, session: Any = None) -> bool:
        """Whether the DAG is paused; one that nobody knows yet is not."""
        from airflow._dag_model import DagModel

        found = DagModel.get_dagmodel(self.dag_id)
        return found is not None and bool(found.is_paused)
