"""Exceptions of the standard operators."""

from airflow.sdk.exceptions import (
    AirflowException,
    DuplicateStateError,
    ExternalDagFailedError,
    ExternalDagNotFoundError,
    ExternalTaskFailedError,
    ExternalTaskGroupFailedError,
    ExternalTaskNotFoundError,
)


class HITLTriggerEventError(AirflowException):
    """An answer cannot be used."""


class HITLTimeoutError(HITLTriggerEventError):
    """Nobody answered in time."""


class HITLRejectException(AirflowException):
    """What was to be approved was rejected."""


__all__ = [
    "DuplicateStateError",
    "ExternalDagFailedError",
    "ExternalDagNotFoundError",
    "ExternalTaskFailedError",
    "ExternalTaskGroupFailedError",
    "ExternalTaskNotFoundError",
    "HITLRejectException",
    "HITLTimeoutError",
    "HITLTriggerEventError",
]
