"""Weight rules: whose weights a task's effective priority sums up."""

from __future__ import annotations

from enum import Enum

DB_SAFE_MINIMUM = -2147483648
DB_SAFE_MAXIMUM = 2147483647


def db_safe_priority(priority_weight: int) -> int:
    """``priority_weight`` held within a signed 32-bit number."""
    return max(DB_SAFE_MINIMUM, min(DB_SAFE_MAXIMUM, priority_weight))


class WeightRule(str, Enum):
    """How the weights of other tasks count for a task."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def is_valid(cls, weight_rule: str) -> bool:
        """Whether ``weight_rule`` is one of the built-in rules."""
        return weight_rule in {rule.value for rule in cls}

    @classmethod
    def all_weight_rules(cls) -> set[str]:
        """The names of the built-in rules."""
        return {rule.value for rule in cls}
