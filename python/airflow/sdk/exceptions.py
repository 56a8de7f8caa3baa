"""Exceptions of DAG files and tasks. What each does to a running task is decided by the task runner."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Any


class AirflowException(Exception):
    """Base of everything raised by the authoring API and by tasks on purpose."""

    status_code = HTTPStatus.INTERNAL_SERVER_ERROR


class AirflowBadRequest(AirflowException):
    """The caller asked for something that cannot be."""

    status_code = HTTPStatus.BAD_REQUEST


class AirflowNotFoundException(AirflowException):
    """A named thing (connection, DAG, task ...) does not exist."""

    status_code = HTTPStatus.NOT_FOUND


class AirflowConfigException(AirflowException):
    """A configuration value is missing or wrong."""


class AirflowOptionalProviderFeatureException(AirflowException):
    """A provider feature needs a package that is not installed."""


class AirflowProviderDeprecationWarning(DeprecationWarning):
    """A name of a provider package is deprecated."""

    deprecated_provider_since: str | None = None


class RemovedInAirflow3Warning(DeprecationWarning):
    """A name that 3.x no longer has."""

    deprecated_since: str | None = None


class RemovedInAirflow4Warning(DeprecationWarning):
    """A name that has moved in 3.x."""

    deprecated_since: str | None = None


class AirflowInternalRuntimeError(BaseException):
    """The runner itself is broken; never caught by task code."""


class AirflowRuntimeError(Exception):
    """The control plane answered a task's call with an error; ``error.error`` names its kind."""

    def __init__(self, error: Any) -> None:
        self.error = error
        detail = getattr(error, "detail", None)
        super().__init__(f"{getattr(error, 'error', error)}: {detail}" if detail else str(getattr(error, "error", error)))


class ErrorType:
    """Kinds of :class:`AirflowRuntimeError`."""

    CONNECTION_NOT_FOUND = "CONNECTION_NOT_FOUND"
    VARIABLE_NOT_FOUND = "VARIABLE_NOT_FOUND"
    XCOM_NOT_FOUND = "XCOM_NOT_FOUND"
    ASSET_NOT_FOUND = "ASSET_NOT_FOUND"
    DAGRUN_ALREADY_EXISTS = "DAGRUN_ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    GENERIC_ERROR = "GENERIC_ERROR"
    API_SERVER_ERROR = "API_SERVER_ERROR"


class TaskAlreadyRunningError(AirflowException):
    """The task has been started by another worker."""


class AirflowUnsupportedFileTypeException(AirflowException):
    """A file is of a type that cannot be read."""


class AirflowSecretsBackendAccessDenied(AirflowException):
    """The secrets backend does not let us look."""


class AirflowInactiveAssetInInletOrOutletException(AirflowException):
    """A task names an asset that is not active."""


class BackfillUnfinished(AirflowException):
    """Not all tasks of a backfill have succeeded."""

    def __init__(self, message: str = "", ti_status: Any = None) -> None:
        super().__init__(message)
        self.ti_status = ti_status


class ConnectionNotUnique(AirflowException):
    """Several connections have one id."""


class DagCodeNotFound(AirflowNotFoundException):
    """There is no source of a DAG."""


class DagConcurrencyLimitReached(AirflowException):
    """A DAG runs as many tasks as it may."""


class DagFileExists(AirflowBadRequest):
    """A DAG is defined elsewhere."""


class DagRunTypeNotAllowed(AirflowException):
    """A DAG does not allow this type of run."""


class DeserializingResultError(ValueError):
    """The result of another interpreter cannot be read."""


class FileSyntaxError(AirflowException):
    """A file is not written as it should be."""


class InvalidStatsNameException(AirflowException):
    """A metric cannot be called so."""


class NoAvailablePoolSlot(AirflowException):
    """A pool has no free slot."""


class NotMapped(Exception):
    """A task is not mapped."""


class TaskConcurrencyLimitReached(AirflowException):
    """A task runs as often as it may at a time."""


class UnknownExecutorException(ValueError):
    """There is no such executor."""


class AirflowFailException(AirflowException):
    """Fail the task now, without any retry that may be left."""


class AirflowSkipException(AirflowException):
    """Mark the task as skipped."""


class AirflowSensorTimeout(AirflowException):
    """A sensor waited longer than its ``timeout``."""


class AirflowRescheduleException(AirflowException):
    """Give the worker slot back and run the task again at ``reschedule_date``."""

    def __init__(self, reschedule_date: datetime) -> None:
        super().__init__(reschedule_date)
        self.reschedule_date = reschedule_date


class AirflowTaskTimeout(BaseException):
    """The task ran longer than its ``execution_timeout``; not an ``Exception``, so that task code does not swallow it."""


class AirflowTaskTerminated(BaseException):
    """The task was told to stop from outside."""


class AirflowWebServerTimeout(AirflowException):
    """A web server did not answer in time."""


class DownstreamTasksSkipped(AirflowException):
    """The task succeeded with ``return_value``; these downstream tasks are skipped: ids, or ``(id, map_index)`` pairs."""

    def __init__(self, *, tasks: Collection[str | tuple[str, int]], return_value: Any = None) -> None:
        super().__init__()
        self.tasks = tasks
        self.return_value = return_value


class DagRunTriggerException(AirflowException):
    """Raised by TriggerDagRunOperator where the runner triggers the run; kept for code that catches it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        for name, value in kwargs.items():
            setattr(self, name, value)


class TaskDeferred(BaseException):
    """The task waits for a trigger and goes on in ``method_name``."""

    def __init__(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> None:
        super().__init__()
        self.trigger = trigger
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timedelta(seconds=timeout) if isinstance(timeout, (int, float)) else timeout
        if self.timeout is not None and not isinstance(self.timeout, timedelta):
            raise ValueError("Timeout value must be a timedelta")


class TaskAwaitingInput(BaseException):
    """The task has asked people and goes on in ``method_name`` with their answer."""

    def __init__(
        self,
        *,
        method_name: str = "execute_complete",
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> None:
        super().__init__()
        self.method_name = method_name
        self.kwargs = kwargs
        self.timeout = timedelta(seconds=timeout) if isinstance(timeout, (int, float)) else timeout


class TriggerFailureReason(str, Enum):
    """Why the trigger of a deferred task did not fire."""

    TRIGGER_TIMEOUT = "Trigger timeout"
    TRIGGER_FAILURE = "Trigger failure"


class TaskDeferralError(AirflowException):
    """The trigger of a deferred task failed."""


class TaskDeferralTimeout(AirflowException):
    """The trigger of a deferred task did not fire in time."""


class XComNotFound(AirflowException):
    """The XCom a task refers to does not exist."""

    def __init__(self, dag_id: str, task_id: str, key: str) -> None:
        super().__init__(dag_id, task_id, key)
        self.dag_id, self.task_id, self.key = dag_id, task_id, key

    def __str__(self) -> str:
        return f'XComArg result from {self.task_id} at {self.dag_id} with key="{self.key}" is not found!'


class XComForMappingNotPushed(TypeError):
    """A task that others are mapped over returned nothing."""

    def __str__(self) -> str:
        return "did not push XCom for task mapping"


class UnmappableXComTypePushed(TypeError):
    """A task that others are mapped over returned something that is neither a list nor a dict."""

    def __init__(self, value: Any, *values: Any) -> None:
        super().__init__(value, *values)

    def __str__(self) -> str:
        name = type(self.args[0]).__qualname__
        for value in self.args[1:]:
            name = f"{name}[{type(value).__qualname__}]"
        return f"unmappable return type {name!r}"


class UnmappableXComLengthPushed(ValueError):
    """A task that others are mapped over returned more items than ``[core] max_map_length``."""

    def __init__(self, value: Any, max_length: int) -> None:
        super().__init__(value)
        self.max_length = max_length

    def __str__(self) -> str:
        return f"unmappable return value length: {len(self.args[0])} > {self.max_length}"


class DuplicateTaskIdFound(AirflowException):
    """Two tasks or groups of a DAG have the same id."""


class TaskAlreadyInTaskGroup(AirflowException):
    """A task cannot be added to a second group."""

    def __init__(self, task_id: str, existing_group_id: str | None, new_group_id: str) -> None:
        super().__init__(task_id, new_group_id)
        self.task_id, self.existing_group_id, self.new_group_id = task_id, existing_group_id, new_group_id

    def __str__(self) -> str:
        where = f"'{self.existing_group_id}'" if self.existing_group_id is not None else "the DAG's root group"
        return f"cannot add '{self.task_id}' to '{self.new_group_id}' (already in {where})"


class TaskNotFound(AirflowNotFoundException):
    """The DAG has no such task."""


class NodeNotFound(AirflowNotFoundException):
    """The DAG has no such task or group."""


class DagNotFound(AirflowNotFoundException):
    """There is no such DAG."""


class DagRunNotFound(AirflowNotFoundException):
    """There is no such DAG run."""


class DagRunAlreadyExists(AirflowBadRequest):
    """A DAG run with this id or logical date exists."""


class AirflowDagCycleException(AirflowException):
    """The tasks of a DAG depend on each other in a circle."""


class AirflowDagDuplicatedIdException(AirflowException):
    """Two files define the same DAG id."""

    def __init__(self, dag_id: str, incoming: str, existing: str) -> None:
        super().__init__(dag_id, incoming, existing)
        self.dag_id, self.incoming, self.existing = dag_id, incoming, existing

    def __str__(self) -> str:
        return f"Ignoring DAG {self.dag_id} from {self.incoming} - also found in {self.existing}"


class AirflowDagInconsistent(AirflowException):
    """The attributes of a DAG contradict each other."""


class AirflowTimetableInvalid(AirflowException):
    """A schedule cannot be followed."""


class AirflowClusterPolicyViolation(AirflowException):
    """A policy of the installation refuses the DAG or task."""


class AirflowClusterPolicySkipDag(AirflowException):
    """A policy of the installation leaves the DAG out."""


class AirflowClusterPolicyError(AirflowException):
    """A policy of the installation is itself broken."""


class AirflowFileParseException(AirflowException):
    """A file of variables or connections cannot be read."""

    def __init__(self, msg: str, file_path: str, parse_errors: list[Any] | None = None) -> None:
        super().__init__(msg)
        self.msg, self.file_path, self.parse_errors = msg, file_path, parse_errors or []


class FailFastDagInvalidTriggerRule(AirflowException):
    """A DAG with ``fail_fast`` has a task whose trigger rule could wait for failures."""

    @classmethod
    def check(cls, *, fail_fast: bool, trigger_rule: str) -> None:
        """Raise when ``trigger_rule`` is not allowed in a DAG with this ``fail_fast``."""
        if fail_fast and trigger_rule not in ("all_success", "all_done_setup_success"):
            raise cls(f"A 'fail_fast' dag can only have 'all_success' trigger rule, not {trigger_rule!r}")


class ParamValidationError(AirflowException, ValueError):
    """A param's value does not fit its schema."""


class AirflowExternalTaskSensorException(AirflowException):
    """A sensor of another DAG cannot go on waiting."""


class DuplicateStateError(AirflowExternalTaskSensorException, ValueError):
    """The same state is listed as allowed and as failed or skipped."""


class ExternalTaskNotFoundError(AirflowExternalTaskSensorException, ValueError):
    """The task a sensor waits for is not there."""


class ExternalDagNotFoundError(AirflowExternalTaskSensorException, ValueError):
    """The DAG a sensor waits for is not there."""


class ExternalDagDeletedError(AirflowExternalTaskSensorException):
    """The DAG a sensor waits for was deleted."""


class ExternalTaskGroupNotFoundError(AirflowExternalTaskSensorException):
    """The task group a sensor waits for is not there."""


class ExternalTaskFailedError(AirflowExternalTaskSensorException):
    """The task a sensor waits for has failed."""


class ExternalTaskGroupFailedError(AirflowExternalTaskSensorException):
    """The task group a sensor waits for has failed."""


class ExternalDagFailedError(AirflowExternalTaskSensorException):
    """The DAG run a sensor waits for has failed."""


class AirflowClearRunningTaskException(AirflowException):
    """A task that runs was to be cleared."""


class PodMutationHookException(AirflowException):
    """The installation's hook for pods has failed."""


class PodReconciliationError(AirflowException):
    """Two descriptions of a pod do not go together."""


class DeserializationError(Exception):
    """A stored DAG cannot be read."""


class DagNotPartitionedError(ValueError):
    """A partition was named for a DAG that has none."""


class InvalidPartitionKeyError(ValueError):
    """A partition key is not one of the DAG's."""


class PoolNotFound(AirflowNotFoundException):
    """There is no such pool."""


class VariableNotUnique(AirflowException):
    """Several variables were found under one key."""


class SerializationError(AirflowException):
    """A value cannot be written as JSON."""


class TaskInstanceNotFound(AirflowNotFoundException):
    """There is no such task instance."""


FailStopDagInvalidTriggerRule = FailFastDagInvalidTriggerRule
