"""Timetables without a clock."""

from __future__ import annotations

from airflow.timetables.base import DataInterval, Native


class _Trivial(Native):
    periodic = False
    run_ordering = ("logical_date",)

    def infer_manual_data_interval(self, *, run_after: object) -> DataInterval:
        """The moment itself."""
        return DataInterval.exact(run_after)


class NullTimetable(_Trivial):
    """Never scheduled: ``schedule=None``."""

    can_be_scheduled = False
    description = "Never, external triggers only"

    @property
    def summary(self) -> str:
        """``None``."""
        return "None"


class OnceTimetable(_Trivial):
    """One run: ``@once``."""

    description = "Once, as soon as possible"

    @property
    def summary(self) -> str:
        """``@once``."""
        return "@once"


class ContinuousTimetable(_Trivial):
    """A run as soon as the one before has ended: ``@continuous``."""

    description = "As frequently as possible, but only one run at a time."
    active_runs_limit = 1

    @property
    def summary(self) -> str:
        """``@continuous``."""
        return "@continuous"


class AssetTriggeredTimetable(_Trivial):
    """A run when assets have been updated."""

    description = "Triggered by assets"

    def __init__(self, assets: object) -> None:
        self.asset_condition = assets

    @property
    def summary(self) -> str:
        """``Asset``."""
        return "Asset"


DatasetTriggeredTimetable = AssetTriggeredTimetable
