"""``@task.bash``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.providers.standard.operators._callables import call
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory
from airflow.sdk.types import SET_DURING_EXECUTION


class _BashDecoratedOperator(DecoratedOperator, BashOperator):
    """The operator behind ``@task.bash``: the function returns the command."""

    template_fields: Sequence[str] = (*DecoratedOperator.template_fields, *BashOperator.template_fields)
    template_fields_renderers: Mapping[str, str] = {
        **DecoratedOperator.template_fields_renderers,
        **BashOperator.template_fields_renderers,
    }
    custom_operator_name: str = "@task.bash"
    overwrite_rtif_after_execution: bool = True

    def __init__(self, *, python_callable: Callable[..., Any], op_args: Any = None, op_kwargs: Any = None, **kwargs: Any) -> None:
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            kwargs_to_upstream={"bash_command": SET_DURING_EXECUTION},
            **kwargs,
        )

    def execute(self, context: Any) -> Any:
        """Call the function, render its result and run it."""
        command = call(self.python_callable, list(self.op_args), dict(self.op_kwargs), context)
        if not isinstance(command, str) or not command.strip():
            raise TypeError(f"The returned value from the function of task {self.task_id!r} must be a non-empty string.")
        self.bash_command = command
        self._is_inline_command = None
        context["ti"].task = self
        self._do_render_template_fields(self, ("bash_command", "env", "cwd"), context, self.get_template_env(), set())
        return BashOperator.execute(self, context)


def bash_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """Make a function that returns a shell command a task that runs it."""
    return task_decorator_factory(python_callable, decorated_operator_class=_BashDecoratedOperator, **kwargs)
