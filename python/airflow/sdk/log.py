"""Hiding values in the task's log."""

from airflow.utils.log.secrets_masker import mask_secret, redact

__all__ = ["mask_secret", "redact"]
