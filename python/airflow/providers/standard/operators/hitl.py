"""Tasks that ask people: they wait for an answer without a worker slot, and go on with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode

from airflow._runtime import require_runtime
from airflow.providers.standard.exceptions import HITLRejectException, HITLTimeoutError, HITLTriggerEventError
from airflow.sdk.bases.branch import BranchMixIn
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import DownstreamTasksSkipped, ParamValidationError, TaskAwaitingInput, TaskDeferralTimeout


class HITLOperator(BaseOperator):
    """Asks people to choose among ``options`` and to fill in ``params``; the answer is the return value."""

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
        self.assigned_users = _users(assigned_users, self.task_id)
        self.response_timeout = response_timeout
        self._check()

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

    def _asked_params(self) -> dict[str, Any]:
        """The params of the question: the task's own, not those of the DAG."""
        asked = {}
        for name, param in ParamsDict(self._own_params).raw().items():
            dump = param.dump()
            asked[name] = {key: dump[key] for key in ("value", "description", "schema")}
            asked[name]["has_value"] = param.has_value
        return asked

    def execute(self, context: Any) -> NoReturn:
        """Ask, and wait."""
        require_runtime("HITLOperator").hitl_ask(
            subject=self.subject,
            body=self.body,
            options=self.options,
            defaults=self.defaults,
            multiple=self.multiple,
            params=self._asked_params(),
            assigned_users=self.assigned_users,
        )
        self.log.info("Waiting for response")
        for notifier in self.notifiers:
            notifier(context)
        raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on with the answer; without one in time the task fails."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout:
            raise HITLTimeoutError(f"nobody answered {self.subject!r} in time, and the task has no defaults") from None

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Check the answer and return it."""
        answer = dict(event or {})
        chosen = list(answer.get("chosen_options") or [])
        unknown = sorted(set(chosen) - set(self.options))
        if unknown or not chosen:
            raise HITLTriggerEventError(f"the answer {chosen} is not among the options {self.options}")
        given = dict(answer.get("params_input") or {})
        self._check_input(given)
        if answer.get("timedout"):
            self.log.info("Nobody answered in time: going on with the defaults %s", chosen)
        else:
            self.log.info("%s answered %s", (answer.get("responded_by_user") or {}).get("name"), chosen)
        return {
            "chosen_options": chosen,
            "params_input": given,
            "responded_at": answer.get("responded_at"),
            "responded_by_user": answer.get("responded_by_user"),
        }

    def _check_input(self, given: dict[str, Any]) -> None:
        params = ParamsDict(self._own_params)
        unknown = sorted(set(given) - set(params))
        if unknown:
            raise HITLTriggerEventError(f"the answer has values for {unknown}, which are no params of task {self.task_id!r}")
        try:
            params.update(given)
            params.validate()
        except ParamValidationError as error:
            raise HITLTriggerEventError(str(error)) from None

    def generate_link_to_ui(
        self,
        *,
        task_instance: Any,
        base_url: str | None = None,
        options: str | list[str] | None = None,
        params_input: dict[str, Any] | None = None,
    ) -> str:
        """The page where the question is answered, with an answer filled in when one is given."""
        chosen = [options] if isinstance(options, str) else list(options or [])
        unknown = sorted(set(chosen) - set(self.options))
        if unknown:
            raise ValueError(f"options {unknown} are not among the options {self.options} of task {self.task_id!r}")
        page = task_instance.log_url.split("?")[0]
        if base_url:
            page = f"{base_url.rstrip('/')}/dags/{task_instance.dag_id}/runs/{task_instance.run_id}/tasks/{task_instance.task_id}"
        query: dict[str, str] = {"map_index": str(task_instance.map_index)} if task_instance.map_index >= 0 else {}
        if chosen:
            query["options"] = json.dumps(chosen)
        if params_input:
            query["params_input"] = json.dumps(params_input)
        return f"{page}?{urlencode(query)}" if query else page

    def generate_link_to_ui_from_context(
        self,
        *,
        context: Any,
        base_url: str | None = None,
        options: str | list[str] | None = None,
        params_input: dict[str, Any] | None = None,
    ) -> str:
        """The same, given the context of the task."""
        return self.generate_link_to_ui(
            task_instance=context["task_instance"], base_url=base_url, options=options, params_input=params_input
        )


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

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Go on when approved."""
        answer = super().execute_complete(context, event)
        if self.REJECT not in answer["chosen_options"]:
            self.log.info("Approved. Proceeding with downstream tasks...")
            return answer
        if self.fail_on_reject:
            raise HITLRejectException(f"{self.subject!r} was rejected")
        task = context["ti"].task
        wide = self.ignore_downstream_trigger_rules
        candidates: Iterable[Any] = task.get_flat_relatives(upstream=False) if wide else task.downstream_list
        skipped = sorted(node.task_id for node in candidates if not node.is_teardown)
        self.log.info("Rejected. Skipping downstream tasks %s", skipped)
        if skipped:
            raise DownstreamTasksSkipped(tasks=skipped, return_value=answer)
        return answer


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Asks people which tasks to follow."""

    def __init__(self, *, options_mapping: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = dict(options_mapping or {})
        unknown = sorted(set(self.options_mapping) - set(self.options))
        if unknown:
            raise ValueError(f"options_mapping of task {self.task_id!r} has keys that are no options: {unknown}")

    def execute_complete(self, context: Any, event: Any = None) -> Any:
        """Follow what was chosen."""
        answer = super().execute_complete(context, event)
        chosen = [self.options_mapping.get(option, option) for option in answer["chosen_options"]]
        try:
            self.do_branch(context, chosen)
        except DownstreamTasksSkipped as signal:
            signal.return_value = answer
            raise
        return answer


class HITLEntryOperator(HITLOperator):
    """Asks people to fill in ``params``."""

    OK = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", [self.OK])
        super().__init__(**kwargs)


def _users(given: Any, task_id: str) -> list[dict[str, str]]:
    users = [] if given is None else [given] if isinstance(given, (Mapping, str)) or hasattr(given, "id") else list(given)
    found = []
    for user in users:
        if isinstance(user, str):
            user = {"id": user, "name": user}
        number = user.get("id") if isinstance(user, Mapping) else getattr(user, "id", None)
        name = user.get("name") if isinstance(user, Mapping) else getattr(user, "name", None)
        if number is None:
            raise ValueError(f'"assigned_users" of task {task_id!r} have to have an "id" and a "name", not {user!r}')
        found.append({"id": str(number), "name": str(name if name is not None else number)})
    return found
