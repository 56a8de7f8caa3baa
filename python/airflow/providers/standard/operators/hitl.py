"""Tasks that ask people. They can be defined; running one fails, because there is no page yet on which anybody could answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn

from airflow import _warnings
from airflow.sdk.bases.branch import BranchMixIn
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException


class HITLOperator(BaseOperator):
    """Asks people to choose among ``options`` and to fill in ``params``."""

    template_fields: Sequence[str] = ("subject", "body")

    def __init__(
        self,
        *,
        subject: str,
        options: list[str],
        body: str | None = None,
        defaults: str | list[str] | None = None,
        multiple: bool = False,
        params: ParamsDict | dict[str, Any] | None = None,
        notifiers: Any = None,
        assigned_users: Any = None,
        response_timeout: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(params=params, **kwargs)
        self.subject, self.body = subject, body
        self.options = options
        self.multiple = multiple
        self.defaults = [defaults] if isinstance(defaults, str) else defaults
        self.notifiers = (
            [notifiers] if notifiers is not None and not isinstance(notifiers, (list, tuple)) else list(notifiers or [])
        )
        self.assigned_users = assigned_users
        self.response_timeout = response_timeout
        self._check()
        _warnings.record("hitl", f"task {self.task_id!r} asks people, which is not possible yet: it fails when it runs")

    def _check(self) -> None:
        where = f"task {self.task_id!r}"
        if not self.options:
            raise ValueError(f'"options" of {where} cannot be empty.')
        for option in self.options:
            if option is None or not isinstance(option, str) or not option:
                raise ValueError(f'"options" of {where} have to be texts that are not empty, not {option!r}')
        if len(set(self.options)) != len(self.options):
            raise ValueError(f'"options" of {where} cannot have duplicates: {self.options}')
        if "_options" in self.params:
            raise ValueError(f'"_options" is not allowed among the params of {where}')
        if self.defaults is not None:
            unknown = sorted(set(self.defaults) - set(self.options))
            if unknown:
                raise ValueError(f'"defaults" of {where} should be among its options {self.options}, not {unknown}')
            if len(self.defaults) > 1 and not self.multiple:
                raise ValueError(f'More than one "defaults" given when "multiple" of {where} is set to False.')

    def execute(self, context: Any) -> NoReturn:
        """Fail at once: nobody can answer."""
        raise AirflowFailException(f"task {self.task_id!r} asks people ({self.subject!r}), and there is no way to answer yet")


class ApprovalOperator(HITLOperator, SkipMixin):
    """Asks people to approve or to reject; rejection skips what follows."""

    APPROVE = "Approve"
    REJECT = "Reject"

    def __init__(self, *, ignore_downstream_trigger_rules: bool = False, fail_on_reject: bool = False, **kwargs: Any) -> None:
        for name in ("options", "multiple"):
            if name in kwargs:
                raise ValueError(f"Passing {name} to ApprovalOperator is not allowed.")
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules
        self.fail_on_reject = fail_on_reject
        super().__init__(options=[self.APPROVE, self.REJECT], multiple=False, **kwargs)


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Asks people which tasks to follow."""

    inherits_from_skipmixin = True

    def __init__(self, *, options_mapping: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = dict(options_mapping or {})
        unknown = sorted(set(self.options_mapping) - set(self.options))
        if unknown:
            raise ValueError(f"options_mapping of task {self.task_id!r} has keys that are no options: {unknown}")


class HITLEntryOperator(HITLOperator):
    """Asks people to fill in ``params``."""

    OK = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", [self.OK])
        super().__init__(**kwargs)
