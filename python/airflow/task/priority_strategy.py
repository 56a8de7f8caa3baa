"""Weights of one's own: the base class of strategies, and the built-in rules as strategies."""

from __future__ import annotations

import abc
from typing import Any


class PriorityWeightStrategy(abc.ABC):
    """Says what a task instance weighs. It is asked when the file is parsed, with an instance that has no run yet."""

    @abc.abstractmethod
    def get_weight(self, ti: Any) -> int:
        """The weight of a task instance."""

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> PriorityWeightStrategy:
        """The strategy that :meth:`serialize` described."""
        return cls(**data)

    def serialize(self) -> dict[str, Any]:
        """What makes an equal strategy."""
        return {}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.serialize() == other.serialize()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), repr(self.serialize())))


class _AbsolutePriorityWeightStrategy(PriorityWeightStrategy):
    """The task's own weight."""

    def get_weight(self, ti: Any) -> int:
        return int(ti.task.priority_weight)


class _Relatives(PriorityWeightStrategy):
    _upstream: bool

    def get_weight(self, ti: Any) -> int:
        task = ti.task
        return int(task.priority_weight + sum(other.priority_weight for other in task.get_flat_relatives(self._upstream)))


class _DownstreamPriorityWeightStrategy(_Relatives):
    """The weight of the task and of all that follow it."""

    _upstream = False


class _UpstreamPriorityWeightStrategy(_Relatives):
    """The weight of the task and of all before it."""

    _upstream = True


airflow_priority_weight_strategies: dict[str, type[PriorityWeightStrategy]] = {
    "absolute": _AbsolutePriorityWeightStrategy,
    "downstream": _DownstreamPriorityWeightStrategy,
    "upstream": _UpstreamPriorityWeightStrategy,
}


def _imported(path: str) -> type[PriorityWeightStrategy] | None:
    from airflow.utils.module_loading import import_string

    try:
        found = import_string(path)
    except ImportError:
        return None
    return found if isinstance(found, type) and issubclass(found, PriorityWeightStrategy) else None


def validate_and_load_priority_weight_strategy(rule: Any) -> PriorityWeightStrategy:
    """The strategy that a ``weight_rule`` names: a built-in rule, a class registered by a plugin, or a strategy."""
    if isinstance(rule, PriorityWeightStrategy):
        return rule
    text = str(getattr(rule, "value", rule))
    found = airflow_priority_weight_strategies.get(text)
    if found is None:
        from airflow import plugins_manager

        found = plugins_manager.priority_strategy(text)
    if found is None and "." in text:
        found = _imported(text)
    if found is None:
        raise ValueError(f"weight_rule {text!r} is no built-in rule, and no plugin has it among its priority_weight_strategies")
    return found()
