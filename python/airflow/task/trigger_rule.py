"""Trigger rules: what a task asks of its upstream tasks before it runs."""

from __future__ import annotations

from enum import Enum

from airflow import _warnings


class TriggerRule(str, Enum):
    """When a task may run, given the states of its direct upstream tasks."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ALL_SKIPPED = "all_skipped"
    DUMMY = "always"
    NONE_FAILED_OR_SKIPPED = "none_failed_min_one_success"

    def __str__(self) -> str:
        return self.value

    @classmethod
    def is_valid(cls, trigger_rule: str) -> bool:
        """Whether ``trigger_rule`` names a rule of today."""
        return trigger_rule in {rule.value for rule in cls}

    @classmethod
    def all_triggers(cls) -> set[str]:
        """The names of all rules."""
        return {rule.value for rule in cls}


OLD_SPELLINGS = {"dummy": "always", "none_failed_or_skipped": "none_failed_min_one_success"}


def parse_trigger_rule(value: str, where: str) -> TriggerRule:
    """The rule that ``value`` names, in any version's spelling; ``where`` says whose it is for the error."""
    text = str(getattr(value, "value", value))
    if text in OLD_SPELLINGS:
        _warnings.deprecated(f"trigger rule {text!r} is now {OLD_SPELLINGS[text]!r}", refused=True)
        text = OLD_SPELLINGS[text]
    try:
        return TriggerRule(text)
    except ValueError:
        allowed = ", ".join(sorted(TriggerRule.all_triggers()))
        raise ValueError(f"The trigger_rule must be one of {allowed}, but got {text!r} for {where}") from None
