"""The base of triggers and the events they send."""

from __future__ import annotations

import abc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.utils.log.logging_mixin import LoggingMixin
from airflow.utils.state import TaskInstanceState


@dataclass
class StartTriggerArgs:
    """With what a task starts that is deferred from the beginning."""

    trigger_cls: str
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


class TriggerEvent:
    """What a trigger has seen; ``payload`` is handed to the task's next method."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TriggerEvent) and other.payload == self.payload

    def __hash__(self) -> int:
        return hash(repr(self.payload))

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"


class BaseTrigger(abc.ABC, LoggingMixin):
    """Subclasses implement :meth:`serialize` and :meth:`run`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.task_instance: Any = None
        self.trigger_id: Any = None

    @abc.abstractmethod
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The dotted path of the class, and the arguments that make the same trigger."""

    @abc.abstractmethod
    def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield an event."""

    async def cleanup(self) -> None:
        """Called when the trigger has ended, whatever way."""

    async def on_kill(self) -> None:
        """Called when the task is stopped while it waits."""

    def __repr__(self) -> str:
        path, kwargs = self.serialize()
        return f"<{path} {', '.join(f'{name}={value}' for name, value in kwargs.items())}>"


class BaseEventTrigger(BaseTrigger):
    """A trigger that may also watch an asset."""


class BaseTaskEndEvent(TriggerEvent):
    """An event that ends the task without calling it again; ``xcoms`` are pushed."""

    task_instance_state: TaskInstanceState

    def __init__(self, *, xcoms: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(payload=str(self.task_instance_state.value))
        self.xcoms = xcoms or {}


class TaskSuccessEvent(BaseTaskEndEvent):
    """The task has succeeded."""

    task_instance_state = TaskInstanceState.SUCCESS


class TaskFailedEvent(BaseTaskEndEvent):
    """The task has failed."""

    task_instance_state = TaskInstanceState.FAILED


class TaskSkippedEvent(BaseTaskEndEvent):
    """The task is skipped."""

    task_instance_state = TaskInstanceState.SKIPPED


__all__ = [
    "BaseEventTrigger",
    "BaseTaskEndEvent",
    "BaseTrigger",
    "StartTriggerArgs",
    "TaskFailedEvent",
    "TaskSkippedEvent",
    "TaskSuccessEvent",
    "TriggerEvent",
]
