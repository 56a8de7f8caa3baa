"""Listeners: functions of plugins that are told what happens to tasks."""

from __future__ import annotations

from airflow._hooks import hookimpl

__all__ = ["hookimpl"]
