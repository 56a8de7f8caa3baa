"""Kinds of DAG runs."""

from __future__ import annotations

from enum import Enum
from typing import Any

from airflow.sdk.types import NOTSET, ArgNotSet

__all__ = ["NOTSET", "ArgNotSet", "DagRunTriggeredByType", "DagRunType"]


class DagRunType(str, Enum):
    """Why a run was made. As in 3.x a template shows the member (``DagRunType.MANUAL``), not its value."""

    BACKFILL_JOB = "backfill"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    OPERATOR_TRIGGERED = "operator_triggered"
    ASSET_TRIGGERED = "asset_triggered"
    ASSET_MATERIALIZATION = "asset_materialization"
    DATASET_TRIGGERED = "asset_triggered"

    @staticmethod
    def from_run_id(run_id: str) -> DagRunType:
        """The kind that the beginning of ``run_id`` tells; manual when it tells none."""
        for kind in DagRunType:
            if run_id.startswith(f"{kind.value}__"):
                return kind
        return DagRunType.MANUAL


EdgeInfoType = dict[str, Any]


class DagRunTriggeredByType(Enum):
    """Who asked for a run."""

    CLI = "cli"
    OPERATOR = "operator"
    REST_API = "rest_api"
    UI = "ui"
    TEST = "test"
    TIMETABLE = "timetable"
    ASSET = "asset"
    BACKFILL = "backfill"
