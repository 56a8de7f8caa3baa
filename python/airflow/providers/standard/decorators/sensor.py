"""``@task.sensor``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.providers.standard.sensors.python import PythonSensor
from airflow.sdk.bases.decorator import get_unique_task_id, task_decorator_factory


class DecoratedSensorOperator(PythonSensor):
    """The operator behind ``@task.sensor``."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    custom_operator_name: str = "@task.sensor"

    def __init__(self, *, task_id: str, multiple_outputs: bool = False, **kwargs: Any) -> None:
        if self.__dict__["_construction"].registers:
            task_id = get_unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        super().__init__(task_id=task_id, **kwargs)


def sensor_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function a task that calls it until it returns something true."""
    return task_decorator_factory(python_callable, decorated_operator_class=DecoratedSensorOperator, **kwargs)
