"""The base of sensors: tasks that wait for something."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from airflow.configuration import conf
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralTimeout,
    TaskDeferred,
)

#: Beyond this a doubled interval is longer than any timeout.
_MAX_DOUBLINGS = 40

_CLASS = TypeVar("_CLASS", bound=type)


class PokeReturnValue:
    """What ``poke`` found, with a value to leave as XCom."""

    def __init__(self, is_done: bool, xcom_value: Any = None) -> None:
        self.is_done = is_done
        self.xcom_value = xcom_value

    def __bool__(self) -> bool:
        return self.is_done


class BaseSensorOperator(BaseOperator, SkipMixin):
    """Calls :meth:`poke` until it finds what it waits for. Times are seconds or timedeltas."""

    ui_color: str = "#e6f1f2"
    valid_modes = ("poke", "reschedule")
    _is_sensor = True

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = f"sensor {self.task_id!r}"
        self.poke_interval = _seconds(poke_interval, "poke_interval", where)
        default_timeout = conf.getfloat("sensors", "default_timeout")
        self.timeout = _seconds(default_timeout if timeout is None else timeout, "timeout", where)
        self.max_wait = None if max_wait is None else timedelta(seconds=_seconds(max_wait, "max_wait", where))
        if mode not in self.valid_modes:
            raise ValueError(f"The mode of {where} must be one of {', '.join(self.valid_modes)}, not {mode!r}")
        if soft_fail and never_fail:
            raise ValueError(f"soft_fail and never_fail of {where} cannot both be True; pick one")
        self.soft_fail = soft_fail
        self.mode = mode
        self.exponential_backoff = exponential_backoff
        self.silent_fail = silent_fail
        self.never_fail = never_fail

    @property
    def reschedule(self) -> bool:
        """Whether the worker slot is given back between pokes."""
        return self.mode == "reschedule"

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether what the sensor waits for is there."""
        raise NotImplementedError(f"{type(self).__name__} does not implement poke()")

    def execute(self, context: Any) -> Any:
        """Poke until done or timed out."""
        started = self._first_poke(context) if self.reschedule else None
        began = time.monotonic()

        def elapsed() -> float:
            if started is not None:
                return (datetime.now(timezone.utc) - started).total_seconds()
            return time.monotonic() - began

        count = 1
        while True:
            found = self._poke_once(context)
            if found:
                self.log.info("Success criteria met. Exiting.")
                return found.xcom_value if isinstance(found, PokeReturnValue) else None
            self._check_timeout(elapsed())
            wait = self._wait(count, elapsed(), started or getattr(context["ti"], "start_date", None))
            if self.reschedule:
                raise AirflowRescheduleException(datetime.now(timezone.utc) + timedelta(seconds=wait))
            time.sleep(wait)
            count += 1

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on after a deferral: a trigger that did not fire in time is a timeout of the sensor."""
        try:
            try:
                return super().resume_execution(next_method, next_kwargs, context)
            except TaskDeferralTimeout as error:
                raise AirflowSensorTimeout(f"Sensor has timed out: {error}") from error
        except (AirflowSkipException, AirflowRescheduleException):
            raise
        except AirflowException as error:
            self._skip_instead(error)
            raise

    def _skip_instead(self, error: BaseException) -> None:
        """Skip the task for a failure that ``soft_fail`` or ``never_fail`` is meant for."""
        if self.soft_fail or self.never_fail:
            name = "soft_fail" if self.soft_fail else "never_fail"
            raise AirflowSkipException(f"Skipping due to {name} is set to True.") from error

    def trigger_timeout(self) -> timedelta:
        """How long a trigger of this sensor may wait: the sensor's ``timeout``, or ``execution_timeout`` when that is shorter."""
        timeout = timedelta(seconds=self.timeout)
        limit = self.execution_timeout
        return min(timeout, limit) if isinstance(limit, timedelta) else timeout

    def _first_poke(self, context: Any) -> datetime | None:
        ti = context["ti"]
        first = ti.get_first_reschedule_date(context) if hasattr(ti, "get_first_reschedule_date") else None
        return first if first is not None else datetime.now(timezone.utc)

    def _poke_once(self, context: Any) -> bool | PokeReturnValue:
        try:
            return self.poke(context)
        except (AirflowSkipException, TaskDeferred, AirflowRescheduleException):
            raise
        except (AirflowFailException, AirflowSensorTimeout, AirflowTaskTimeout) as error:
            self._skip_instead(error)
            raise
        except Exception as error:
            if self.silent_fail:
                self.log.error("Sensor poke failed: %s", error, exc_info=error)
                return False
            if self.never_fail:
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from error
            raise

    def _check_timeout(self, elapsed: float) -> None:
        if elapsed <= self.timeout:
            return
        message = f"Sensor has timed out; run duration of {elapsed} seconds exceeds the specified timeout of {self.timeout}."
        if self.soft_fail:
            raise AirflowSkipException(message)
        raise AirflowSensorTimeout(message)

    def _wait(self, count: int, elapsed: float, started: datetime | None) -> float:
        """Seconds until the next poke, after ``count`` pokes of this process."""
        if not self.exponential_backoff:
            return self.poke_interval
        if self.reschedule:
            # A rescheduled sensor starts anew each time; how many pokes there were follows from the time that has gone by.
            count = total = 0
            while total <= elapsed and count < _MAX_DOUBLINGS:
                count += 1
                total += self._backoff(count, started)
        # The last poke comes just after the timeout, and never without a wait before it.
        wait = min(float(self._backoff(count, started)), max(self.timeout - int(elapsed), 1))
        return min(wait, self.max_wait.total_seconds()) if self.max_wait is not None else wait

    def _backoff(self, count: int, started: datetime | None) -> int:
        """The wait after ``count`` pokes: doubled each time, with a spread that is the same for the same sensor."""
        least = max(1, int(self.poke_interval * 2 ** (min(count, _MAX_DOUBLINGS) - 2)))
        text = f"{self.dag_id}#{self.task_id}#{started}#{count}"
        return least + int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), 16) % least


def deferrable_or_default(value: bool | None) -> bool:
    """Whether a sensor or operator waits in a trigger; unless it says, ``[operators] default_deferrable`` does."""
    return conf.getboolean("operators", "default_deferrable", fallback=False) if value is None else bool(value)


def _seconds(value: timedelta | float, name: str, where: str) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
        raise ValueError(f"{name} of {where} must be a non-negative number of seconds or a timedelta, not {value!r}")
    return seconds


def poke_mode_only(cls: _CLASS) -> _CLASS:
    """Forbid any mode but ``poke`` for a sensor class."""

    def get_mode(_: Any) -> str:
        return "poke"

    def set_mode(_: Any, value: str) -> None:
        if value != "poke":
            raise ValueError(f"Cannot set mode to {value!r}: {cls.__name__} can only poke.")

    cls.mode = property(get_mode, set_mode)  # type: ignore[attr-defined]
    return cls
