"""How partition keys of assets lead to partition keys of runs. They are kept with the DAG; the scheduler does not follow partitions."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, ClassVar


class WaitPolicy:
    """When a rolled-up partition counts as complete."""


class WaitForAll(WaitPolicy):
    """When all keys of the window are there."""


class MinimumCount(WaitPolicy):
    """When ``n`` keys of the window are there; with a negative number, all but that many."""

    def __init__(self, n: int) -> None:
        if not isinstance(n, int) or isinstance(n, bool) or n == 0:
            raise ValueError(f"n of MinimumCount has to be a whole number other than 0, not {n!r}")
        self.n = n


class Window:
    """A span of keys."""

    class Direction(Enum):
        """Where the span lies, seen from its key."""

        FORWARD = "forward"
        BACKWARD = "backward"

    def __init__(self, direction: Direction = Direction.FORWARD) -> None:
        self.direction = direction


class HourWindow(Window):
    """An hour."""


class DayWindow(Window):
    """A day."""


class WeekWindow(Window):
    """A week."""


class MonthWindow(Window):
    """A month."""


class QuarterWindow(Window):
    """A quarter of a year."""


class YearWindow(Window):
    """A year."""


class SegmentWindow(Window):
    """Some keys by name."""

    def __init__(self, segments: Iterable[str]) -> None:
        super().__init__()
        self.segments = list(segments)


class PartitionMapper:
    """Leads from one key to others."""

    def __init__(self, *, max_downstream_keys: int | None = None) -> None:
        self.max_downstream_keys = max_downstream_keys


class IdentityMapper(PartitionMapper):
    """The same key."""


class FixedKeyMapper(PartitionMapper):
    """One key for all."""

    def __init__(self, downstream_key: str, *, max_downstream_keys: int | None = None) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.downstream_key = downstream_key


class AllowedKeyMapper(PartitionMapper):
    """The same key, of some."""

    def __init__(self, allowed_keys: list[str], *, max_downstream_keys: int | None = None) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.allowed_keys = list(allowed_keys)


class _Several(PartitionMapper):
    def __init__(
        self,
        mapper0: PartitionMapper,
        mapper1: PartitionMapper,
        *mappers: PartitionMapper,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.mappers = [mapper0, mapper1, *mappers]


class ChainMapper(_Several):
    """One mapper after the other."""


class ProductMapper(_Several):
    """A mapper for each part of the key."""

    def __init__(self, *mappers: PartitionMapper, delimiter: str = "|", max_downstream_keys: int | None = None) -> None:
        super().__init__(*mappers, max_downstream_keys=max_downstream_keys)
        self.delimiter = delimiter


class _Temporal(PartitionMapper):
    default_output: ClassVar[str]

    def __init__(
        self,
        *,
        timezone: Any = "UTC",
        input_format: str = "%Y-%m-%dT%H:%M:%S",
        output_format: str | None = None,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.timezone, self.input_format = timezone, input_format
        self.output_format = output_format or self.default_output


class StartOfHourMapper(_Temporal):
    """The hour of the key."""

    default_output = "%Y-%m-%dT%H"


class StartOfDayMapper(_Temporal):
    """The day of the key."""

    default_output = "%Y-%m-%d"


class StartOfWeekMapper(_Temporal):
    """The week of the key."""

    default_output = "%Y-%m-%d (W%V)"


class StartOfMonthMapper(_Temporal):
    """The month of the key."""

    default_output = "%Y-%m"


class StartOfQuarterMapper(_Temporal):
    """The quarter of the key."""

    default_output = "%Y-Q{quarter}"


class StartOfYearMapper(_Temporal):
    """The year of the key."""

    default_output = "%Y"


class FanOutMapper(PartitionMapper):
    """All keys of the window of a key."""

    def __init__(
        self,
        *,
        upstream_mapper: PartitionMapper,
        window: Window,
        downstream_mapper: PartitionMapper | None = None,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.upstream_mapper, self.window, self.downstream_mapper = upstream_mapper, window, downstream_mapper


class RollupMapper(PartitionMapper):
    """One key for the keys of a window."""

    def __init__(
        self,
        *,
        upstream_mapper: PartitionMapper,
        window: Window,
        wait_policy: WaitPolicy | None = None,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.upstream_mapper, self.window, self.wait_policy = upstream_mapper, window, wait_policy or WaitForAll()
