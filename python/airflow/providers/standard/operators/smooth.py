"""An operator that only says something in the log."""

from __future__ import annotations

from typing import Any

from airflow.sdk.bases.operator import BaseOperator


class SmoothOperator(BaseOperator):
    """Logs a line."""

    ui_color = "#e8f7e4"

    def execute(self, context: Any) -> None:
        """Log a line."""
        self.log.info("All went smoothly")
