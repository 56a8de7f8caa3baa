"""Letting only the newest run go on."""

from __future__ import annotations

from typing import Any

from airflow._runtime import require_runtime
from airflow.sdk.bases.branch import BaseBranchOperator
from airflow.utils.types import DagRunType


class LatestOnlyOperator(BaseBranchOperator):
    """Skips direct downstream tasks in runs that are not the newest by the schedule; runs by hand always go on."""

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Any) -> list[str]:
        """All direct downstream tasks, or none."""
        from airflow.sdk import timezone

        run = context["dag_run"]
        downstream = sorted(context["task"].downstream_task_ids)
        if run.run_type not in (DagRunType.SCHEDULED, DagRunType.BACKFILL_JOB):
            self.log.info("The run was not made by the schedule: allowing execution to proceed.")
            return downstream
        after = run.logical_date or run.run_after
        following = require_runtime("LatestOnlyOperator").dag_schedule(self.dag_id, after).get("next")
        if following is None:
            self.log.info("Last scheduled execution: allowing execution to proceed.")
            return downstream
        moment = following["run_after"]
        if isinstance(moment, str):
            moment = timezone.parse(moment)
        if timezone.utcnow() <= moment:
            self.log.info("Latest, allowing execution to proceed.")
            return downstream
        self.log.info("Not latest execution (the next one was due at %s), skipping downstream.", moment)
        return []
