"""Hiding values in the task's log."""

from __future__ import annotations

from typing import Any

from airflow.utils.log.secrets_masker import mask_secret, redact

__all__ = ["amask_secret", "configure_logging", "mask_secret", "redact"]


async def amask_secret(secret: Any, name: str | None = None) -> None:
    """Hide ``secret``, for coroutines."""
    mask_secret(secret, name)


def configure_logging(**_: Any) -> None:
    """Nothing is left to do: the process has its log."""
