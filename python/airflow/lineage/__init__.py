"""Lineage under its old home."""

from airflow.sdk.lineage import apply_lineage, prepare_lineage

__all__ = ["apply_lineage", "prepare_lineage"]
