"""A timetable with assets beside it."""

from __future__ import annotations

from typing import Any

from airflow.timetables.base import Timetable
from airflow.timetables.simple import AssetTriggeredTimetable, NullTimetable


class AssetOrTimeSchedule(Timetable):
    """Runs by a timetable, and when assets have been updated."""

    run_ordering = ("logical_date",)

    def __init__(self, *, timetable: Timetable, assets: Any = None, datasets: Any = None) -> None:
        from airflow.sdk.definitions.asset import as_condition

        self.timetable = timetable
        self.asset_condition = as_condition(assets if assets is not None else datasets)
        self.description = f"Triggered by assets or {timetable.description}"
        self.periodic = timetable.periodic
        self.can_be_scheduled = timetable.can_be_scheduled
        self.active_runs_limit = timetable.active_runs_limit

    @property
    def summary(self) -> str:
        """What the timetable says, and assets."""
        return f"Asset or {self.timetable.summary}"

    def validate(self) -> None:
        """The timetable has to be valid."""
        self.timetable.validate()


class PartitionedAssetTimetable(AssetTriggeredTimetable):
    """Runs when partitions of assets have been updated; taken as any update, with a warning."""

    partitioned = True

    def __init__(
        self, *, assets: Any, partition_mapper_config: dict[Any, Any] | None = None, default_partition_mapper: Any = None
    ) -> None:
        from airflow.sdk.definitions.asset import as_condition

        super().__init__(as_condition(assets))
        self.partition_mapper_config = dict(partition_mapper_config or {})
        self.default_partition_mapper = default_partition_mapper


class PartitionedAtRuntime(NullTimetable):
    """Never scheduled: the task names the partitions."""

    partitioned_at_runtime = True


DatasetOrTimeSchedule = AssetOrTimeSchedule
