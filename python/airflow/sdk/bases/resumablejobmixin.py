"""The home of :class:`ResumableJobMixin` in 3.3."""

from airflow.sdk.bases.resumable import ResumableJobMixin

__all__ = ["ResumableJobMixin"]
