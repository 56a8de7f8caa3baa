"""Notifiers: callbacks with templated arguments."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from airflow.sdk.definitions._internal.templater import Templater
from airflow.utils.log.logging_mixin import LoggingMixin


class BaseNotifier(LoggingMixin, Templater):
    """An instance can be used as any callback; subclasses implement :meth:`notify`."""

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()

    def __init__(self, context: Any = None) -> None:
        super().__init__()
        self.context = context or {}

    def _update_context(self, context: Any) -> Any:
        merged = dict(context)
        merged["message"] = getattr(self, "message", None)
        return merged

    def render(self, context: Any, jinja_env: Any = None) -> None:
        """Render the template fields."""
        dag = context.get("dag") if hasattr(context, "get") else None
        self.render_template_fields(context, jinja_env or self.get_template_env(dag))

    @abstractmethod
    def notify(self, context: Any) -> None:
        """Send the notification."""

    async def async_notify(self, context: Any) -> None:
        """Send the notification from a coroutine."""
        self.notify(context)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        # DAG callbacks of 2.x for missed SLAs pass several values; all others pass the context.
        context = args[0] if len(args) == 1 and not kwargs else {**kwargs, "args": args} if args else kwargs
        self._last_context = self._update_context(context)
        self.render(self._last_context)
        self.notify(self._last_context)
