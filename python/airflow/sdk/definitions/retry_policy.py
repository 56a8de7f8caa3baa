"""Whether a task that failed is tried again, decided by the error."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

ExceptionSpec = type[BaseException] | str


class RetryAction(str, Enum):
    """What to do after a failure."""

    RETRY = "retry"
    FAIL = "fail"
    DEFAULT = "default"


@dataclass
class RetryDecision:
    """What a policy says: an action, for a retry perhaps a delay of its own, and a reason for the log."""

    action: RetryAction = RetryAction.DEFAULT
    retry_delay: timedelta | None = None
    reason: str | None = None

    @classmethod
    def fail(cls, reason: str | None = None) -> RetryDecision:
        """No further try."""
        return cls(RetryAction.FAIL, reason=reason)

    @classmethod
    def retry(cls, delay: timedelta | None = None, reason: str | None = None) -> RetryDecision:
        """Another try, if any is left."""
        return cls(RetryAction.RETRY, retry_delay=delay, reason=reason)

    @classmethod
    def default(cls) -> RetryDecision:
        """As the task's own settings say."""
        return cls()


class RetryPolicy(abc.ABC):
    """Subclasses decide from the error."""

    @abc.abstractmethod
    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """What to do after ``exception``."""


@dataclass
class RetryRule:
    """What to do after certain errors: classes, or their dotted paths."""

    exception: ExceptionSpec | Sequence[ExceptionSpec]
    action: RetryAction = RetryAction.RETRY
    retry_delay: timedelta | None = None
    reason: str | None = None
    match_subclasses: bool = True

    def matches(self, exception: BaseException) -> bool:
        """Whether ``exception`` is one of these errors."""
        wanted = self.exception if isinstance(self.exception, (list, tuple, set)) else [self.exception]
        kinds = type(exception).__mro__ if self.match_subclasses else (type(exception),)
        names = {f"{kind.__module__}.{kind.__qualname__}" for kind in kinds} | {kind.__qualname__ for kind in kinds}
        return any(one in names if isinstance(one, str) else one in kinds for one in wanted)


class ExceptionRetryPolicy(RetryPolicy):
    """The first of ``rules`` that fits the error decides."""

    def __init__(self, rules: Sequence[RetryRule], default: RetryAction = RetryAction.DEFAULT) -> None:
        self.rules = list(rules)
        self.default = default

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """What the first rule that fits says, else the default."""
        for rule in self.rules:
            if rule.matches(exception):
                return RetryDecision(rule.action, rule.retry_delay, rule.reason)
        return RetryDecision(self.default)
