"""Skipping under the provider's name."""

from airflow.sdk.bases.skipmixin import SkipMixin

__all__ = ["SkipMixin"]
