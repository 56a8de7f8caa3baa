"""A logger for classes."""

from __future__ import annotations

import logging
from typing import Any


class LoggingMixin:
    """Gives ``self.log``."""

    def __init__(self, context: Any = None) -> None:
        super().__init__()

    @property
    def log(self) -> logging.Logger:
        """The logger named after the class."""
        return logging.getLogger(f"{type(self).__module__}.{type(self).__qualname__}")

    @property
    def logger(self) -> logging.Logger:
        """The same, under its 1.10 name."""
        return self.log
