"""Helpers that DAG files use; submodules need not be imported one by one."""

from __future__ import annotations

from typing import Any

from airflow._redirect import submodule


def __getattr__(name: str) -> Any:
    return submodule(__name__, name)
