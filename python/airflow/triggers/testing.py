"""Triggers that end at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent


class SuccessTrigger(BaseTrigger):
    """Fires at once."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class."""
        return f"{__name__}.SuccessTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An event."""
        yield TriggerEvent(True)


class FailureTrigger(BaseTrigger):
    """Fails at once."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class."""
        return f"{__name__}.FailureTrigger", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An error."""
        raise ValueError("Deliberate trigger failure")
        yield TriggerEvent(False)
