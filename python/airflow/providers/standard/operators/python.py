"""Running Python functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from airflow.providers.standard.operators._callables import finish, own_arguments
from airflow.sdk.bases.branch import BaseBranchOperator
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.definitions.context import get_current_context
from airflow.sdk.exceptions import AirflowException, DownstreamTasksSkipped
from tradewind.logs import say


def is_venv_installed() -> bool:
    """Whether virtual environments can be made: ``venv`` is a part of Python."""
    return True


__all__ = ["BranchPythonOperator", "PythonOperator", "ShortCircuitOperator", "get_current_context"]


class PythonOperator(BaseOperator):
    """Calls a function; it gets ``op_args``, ``op_kwargs``, and those names of the context that it has parameters for."""

    template_fields: Sequence[str] = ("templates_dict", "op_args", "op_kwargs")
    template_fields_renderers: Mapping[str, str] = {"templates_dict": "json", "op_args": "py", "op_kwargs": "py"}
    shallow_copy_attrs: Sequence[str] = ("python_callable", "op_kwargs")
    ui_color = "#ffefeb"
    _running_in: Any = None

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: Sequence[str] | None = None,
        show_return_value_in_logs: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(python_callable):
            raise AirflowException(f"`python_callable` of task {self.task_id!r} must be a function, not {python_callable!r}")
        self.python_callable = python_callable
        self.op_args = op_args or ()
        self.op_kwargs = op_kwargs or {}
        self.templates_dict = templates_dict
        if templates_exts:
            self.template_ext = templates_exts
        self.show_return_value_in_logs = show_return_value_in_logs

    def execute(self, context: Any) -> Any:
        """Call the function."""
        result = self._call_in(context)
        if self.show_return_value_in_logs:
            say(self.log, "Done. Returned value was: %s", result)
        else:
            say(self.log, "Done. Returned value not shown")
        return result

    def _call_in(self, context: Any) -> Any:
        if self.templates_dict is not None:
            context["templates_dict"] = self.templates_dict
        given = self.op_kwargs
        self._running_in = context
        # Not by assignment: these are values of a running task, in which nothing has to be looked for.
        self.__dict__["op_kwargs"] = self.determine_kwargs(context)
        try:
            return self.execute_callable()
        finally:
            self.__dict__["op_kwargs"] = given

    def determine_kwargs(self, context: Any) -> Mapping[str, Any]:
        """What the function gets by name."""
        return own_arguments(self.python_callable, self.op_args, self.op_kwargs, context)

    def execute_callable(self) -> Any:
        """Call the function with ``op_args`` and what :meth:`determine_kwargs` gave, which is now ``op_kwargs``; its result."""
        result = self.python_callable(*self.op_args, **self.op_kwargs)
        return finish(self.python_callable, result, self._running_in)


class BranchPythonOperator(BaseBranchOperator, PythonOperator):
    """Follows the tasks whose ids the function returns and skips the others downstream."""

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """The result of the function."""
        return PythonOperator.execute(self, context)  # type: ignore[no-any-return]


class ShortCircuitMixin(SkipMixin):
    """Skips what is downstream when a condition is false."""

    ignore_downstream_trigger_rules: bool

    def short_circuit(self: Any, context: Any, condition: Any) -> Any:
        """Go on when ``condition`` is true; else skip everything downstream but teardowns, or only direct downstream."""
        self.log.info("Condition result is %s", condition)
        if condition:
            self.log.info("Proceeding with downstream tasks...")
            return condition
        task = context["ti"].task
        if not task.downstream_task_ids:
            self.log.info("No downstream tasks; nothing to do.")
            return condition
        if self.ignore_downstream_trigger_rules:
            self.log.info("Skipping all downstream tasks...")
            candidates = task.get_flat_relatives(upstream=False)
        else:
            self.log.info("Skipping downstream tasks while respecting trigger rules...")
            candidates = task.downstream_list
        skipped = sorted(node.task_id for node in candidates if not node.is_teardown)
        if skipped:
            raise DownstreamTasksSkipped(tasks=skipped, return_value=condition)
        return condition


class ShortCircuitOperator(PythonOperator, ShortCircuitMixin):
    """Skips what is downstream unless the function returns something true."""

    def __init__(self, *, ignore_downstream_trigger_rules: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules

    def execute(self, context: Any) -> Any:
        """Call the function and decide."""
        return self.short_circuit(context, super().execute(context))


_OTHER_PYTHON = frozenset(
    [
        "BranchExternalPythonOperator",
        "BranchPythonVirtualenvOperator",
        "ExternalPythonOperator",
        "PythonVirtualenvOperator",
    ]
)


def __getattr__(name: str) -> Any:
    # Few files run functions in other interpreters; the others need not load what that takes.
    if name in _OTHER_PYTHON:
        return getattr(import_module("airflow.providers.standard.operators._other_python"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
