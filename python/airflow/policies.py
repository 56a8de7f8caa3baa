"""Marks for policies in plugins; ``airflow_local_settings`` needs no marks."""

from __future__ import annotations

from airflow._hooks import hookimpl

__all__ = ["hookimpl"]
