"""Waiting for a Python function to return something true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.providers.standard.operators._callables import call
from airflow.sdk.bases.sensor import BaseSensorOperator, PokeReturnValue


class PythonSensor(BaseSensorOperator):
    """Calls a function until it returns something true."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: list[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.op_args = op_args or []
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict

    def poke(self, context: Any) -> PokeReturnValue | bool:
        """Call the function once."""
        if self.templates_dict is not None:
            context["templates_dict"] = self.templates_dict
        self.log.info("Poking callable: %s", self.python_callable)
        result = call(self.python_callable, list(self.op_args), dict(self.op_kwargs), context)
        return result if isinstance(result, PokeReturnValue) else PokeReturnValue(bool(result))
