"""Operators that choose which downstream tasks go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.exceptions import DownstreamTasksSkipped


class BranchMixIn(SkipMixin):
    """For operators that choose a branch."""

    def do_branch(self, context: Any, branches_to_execute: str | Iterable[str] | None) -> Any:
        """Skip the direct downstream tasks that are not chosen; the choice is the return value."""
        choice = branches_to_execute
        if choice is not None and not isinstance(choice, str) and isinstance(choice, Iterable):
            choice = list(choice)
        try:
            self.skip_all_except(context["ti"], choice)
        except DownstreamTasksSkipped as signal:
            signal.return_value = choice
            raise
        return choice


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Subclasses implement :meth:`choose_branch`."""

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """The ids of the tasks or groups to follow; ``None`` skips all."""
        raise NotImplementedError(f"{type(self).__name__} does not implement choose_branch()")

    def execute(self, context: Any) -> Any:
        """Choose and skip the rest."""
        return self.do_branch(context, self.choose_branch(context))
