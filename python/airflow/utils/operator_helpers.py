"""Choosing the arguments of a function from the context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from airflow.providers.standard.operators._callables import select_arguments


class KeywordParameters:
    """Which keyword arguments a function takes of the context."""

    def __init__(self, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> None:
        self._found = determine_kwargs(func, args, kwargs)

    @classmethod
    def determine(cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> KeywordParameters:
        """Those that ``func`` takes after ``args``."""
        return cls(func, args, kwargs)

    def unpacking(self) -> dict[str, Any]:
        """The arguments."""
        return self._found


DEFAULT_FORMAT_PREFIX = "airflow.ctx."
ENV_VAR_FORMAT_PREFIX = "AIRFLOW_CTX_"
_NAMES = (
    "DAG_ID", "TASK_ID", "LOGICAL_DATE", "EXECUTION_DATE", "TRY_NUMBER", "DAG_RUN_ID", "DAG_OWNER", "DAG_EMAIL"
)  # fmt: skip
AIRFLOW_VAR_NAME_FORMAT_MAPPING = {
    f"AIRFLOW_CONTEXT_{name}": {
        "default": f"{DEFAULT_FORMAT_PREFIX}{name.lower()}",
        "env_var_format": f"{ENV_VAR_FORMAT_PREFIX}{name}",
    }
    for name in _NAMES
}


def context_to_airflow_vars(context: Mapping[str, Any], in_env_var_format: bool = False) -> dict[str, str]:
    """What tells a program which task has started it: as ``airflow.ctx.dag_id``, or as ``AIRFLOW_CTX_DAG_ID``."""
    from tradewind.execute import context_values, extra_environment

    values = {**context_values(context["ti"]), **extra_environment(context)}
    if in_env_var_format:
        return values
    return {DEFAULT_FORMAT_PREFIX + name.removeprefix(ENV_VAR_FORMAT_PREFIX).lower(): value for name, value in values.items()}


def determine_kwargs(func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``kwargs`` those that ``func`` takes after ``args``."""
    return select_arguments(func, args, kwargs)
