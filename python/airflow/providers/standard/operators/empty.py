"""An operator that does nothing."""

from __future__ import annotations

from typing import Any

from airflow.sdk.bases.operator import BaseOperator


class EmptyOperator(BaseOperator):
    """Does nothing; for joining and grouping. The scheduler marks it as done without running anything."""

    ui_color = "#e8f7e4"
    inherits_from_empty_operator = True

    def execute(self, context: Any) -> None:
        """Nothing."""

    @property
    def is_instant(self) -> bool:
        """Whether nothing hangs on the task being run: no callbacks, outlets or hooks."""
        callbacks = self.on_execute_callback or self.on_success_callback or self.on_skipped_callback
        hooks = self._pre_execute_hook is not None or self._post_execute_hook is not None
        return not (callbacks or hooks or self.outlets) and type(self).execute is EmptyOperator.execute


class DummyOperator(EmptyOperator):
    """The name of :class:`EmptyOperator` in 1.10 and 2.x."""
