"""Notifiers: callbacks with templated arguments."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
        """Render the template fields. A notifier may be shared by many tasks: each time begins with the templates."""
        dag = context.get("dag") if hasattr(context, "get") else None
        kept: dict[str, tuple[Any, Any]] = self.__dict__.setdefault("_rendered", {})
        for name, (template, rendered) in kept.items():
            if getattr(self, name, None) is rendered:
                setattr(self, name, template)
        templates = {name: getattr(self, name, None) for name in self.template_fields}
        try:
            self.render_template_fields(context, jinja_env or self.get_template_env(dag))
        finally:
            kept.update({name: (template, getattr(self, name, None)) for name, template in templates.items()})

    def notify(self, context: Any) -> None:
        """Send the notification; a notifier that has only the asynchronous half is waited for."""
        if type(self).async_notify is BaseNotifier.async_notify:
            raise NotImplementedError(f"{type(self).__name__} implements neither notify() nor async_notify()")
        import asyncio

        asyncio.run(self.async_notify(context))  # type: ignore[arg-type]

    async def async_notify(self, context: Any) -> None:
        """Send the notification from a coroutine."""
        self.notify(context)

    def _begin(self, context: Any) -> Any:
        """The context of one notification, for which the fields are rendered."""
        self._last_context = self._update_context(context)
        self.render(self._last_context)
        return self._last_context

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        # DAG callbacks of 2.x for missed SLAs pass several values; all others pass the context.
        context = args[0] if len(args) == 1 and not kwargs else {**kwargs, "args": args} if args else kwargs
        self.notify(self._begin(context))

    def __await__(self) -> Generator[Any, None, None]:
        return self.async_notify(self._begin(self.context)).__await__()
