"""The listeners of this process as one object, for provider packages that call hooks themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from tradewind import listeners


class _Hooks:
    """``hook.on_task_instance_running(...)``: told to every listener that has it."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        def tell(**arguments: Any) -> None:
            listeners.tell(name, **arguments)

        return tell


class ListenerManager:
    """Knows the listeners of plugins, and those that are added."""

    def __init__(self) -> None:
        self.hook = _Hooks()

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens."""
        return bool(listeners.all_listeners())

    def add_listener(self, listener: Any) -> None:
        """Let ``listener`` be told from now on, in this process."""
        if listener not in listeners.added:
            listeners.added.append(listener)

    def clear(self) -> None:
        """Forget those that were added."""
        listeners.added.clear()


@cache
def get_listener_manager() -> ListenerManager:
    """The one of this process."""
    return ListenerManager()
