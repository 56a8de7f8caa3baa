"""A logger for classes."""

from __future__ import annotations

import logging
from typing import Any


def remove_escape_codes(text: str) -> str:
    """``text`` without the codes that colour a terminal."""
    import re

    return re.sub(r"\x1B[@-_][0-?]*[ -/]*[@-~]", "", text)


class ExternalLoggingMixin:
    """Log handlers whose logs are read elsewhere."""

    log_name: str = ""
    supports_external_link: bool = False

    def get_external_log_url(self, task_instance: Any, try_number: int) -> str:
        """Where the log is."""
        raise NotImplementedError


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
