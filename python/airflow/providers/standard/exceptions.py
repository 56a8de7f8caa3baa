"""Exceptions of the standard operators."""

from airflow.sdk.exceptions import (
    DuplicateStateError,
    ExternalDagFailedError,
    ExternalDagNotFoundError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
    ExternalTaskNotFoundError,
)

__all__ = [
    "DuplicateStateError",
    "ExternalDagFailedError",
    "ExternalDagNotFoundError",
    "ExternalTaskFailedError",
    "ExternalTaskGroupFailedError",
    "ExternalTaskNotFoundError",
]
