"""Helpers that old DAG files use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pendulum
import pytest

from airflow import _runtime
from airflow._runtime import RuntimeCallError
from airflow.api.common.trigger_dag import trigger_dag
from airflow.plugins_manager import AirflowPlugin, AirflowPluginException
from airflow.sdk.exceptions import AirflowTaskTimeout, DagNotFound, DagRunAlreadyExists
from airflow.utils.dates import date_range, days_ago, round_time
from airflow.utils.helpers import as_flattened_list, chunks, exactly_one, merge_dicts, prune_dict
from airflow.utils.module_loading import import_string, qualname
from airflow.utils.operator_helpers import determine_kwargs
from airflow.utils.timeout import timeout


class Control:
    """Starts runs, or refuses with a code."""

    def __init__(self, code: str | None = None) -> None:
        self.code = code
        self.asked: dict[str, Any] = {}

    def dag_run_trigger(self, **asked: Any) -> str:
        if self.code is not None:
            raise RuntimeCallError(self.code, "no")
        self.asked = asked
        return "r1"

    def dag_run_get(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return {"dag_id": dag_id, "run_id": run_id}


def test_trigger_dag() -> None:
    control = Control()
    _runtime.set_runtime(control)  # type: ignore[arg-type]
    moment = pendulum.datetime(2024, 1, 1, 0, 0, 0, 5)
    assert trigger_dag("other", conf='{"a": 1}', execution_date=moment) == {"dag_id": "other", "run_id": "r1"}
    assert control.asked == {"dag_id": "other", "run_id": None, "logical_date": moment.replace(microsecond=0), "conf": {"a": 1}}
    for code, error in (("conflict", DagRunAlreadyExists), ("not_found", DagNotFound)):
        _runtime.set_runtime(Control(code))  # type: ignore[arg-type]
        with pytest.raises(error, match="triggering a run of DAG 'other' failed"):
            trigger_dag("other")
    _runtime.set_runtime(None)
    with pytest.raises(RuntimeCallError, match="only inside a running task"):
        trigger_dag("other")


def test_dates() -> None:
    ago = days_ago(2, hour=3)
    assert ago.utcoffset() == dt.timedelta(0)
    assert (ago.hour, ago.minute, ago.microsecond) == (3, 0, 0)
    assert dt.timedelta(days=1) < pendulum.now("UTC") - ago < dt.timedelta(days=3)
    start = dt.datetime(2024, 1, 1)
    assert round_time(dt.datetime(2024, 1, 1, 0, 29), dt.timedelta(hours=1)) == start
    assert round_time(dt.datetime(2024, 1, 1, 0, 46), dt.timedelta(minutes=30)) == dt.datetime(2024, 1, 1, 1)
    assert date_range(start, num=2, delta=dt.timedelta(days=1)) == [start, dt.datetime(2024, 1, 2)]
    assert date_range(start, num=-2, delta=86400) == [dt.datetime(2023, 12, 31), start]
    assert len(date_range(start, dt.datetime(2024, 1, 3), delta=dt.timedelta(days=1))) == 3
    with pytest.raises(ValueError, match="cannot be 0"):
        date_range(start, dt.datetime(2024, 1, 3), delta=0)


def test_collections() -> None:
    assert as_flattened_list([1, [2, (3, [4])]]) == [1, 2, 3, 4]
    assert list(chunks([1, 2, 3], 2)) == [[1, 2], [3]]
    assert merge_dicts({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}) == {"a": {"b": 3, "c": 2}}
    assert exactly_one(0, "x", None)
    assert not exactly_one(1, 2)
    assert prune_dict({"a": None, "b": {"c": None, "d": 0}}) == {"b": {"d": 0}}
    assert prune_dict({"a": [], "b": [0, 1]}, mode="truthy") == {"b": [1]}


def test_loading_and_arguments() -> None:
    assert import_string("datetime.timedelta") is dt.timedelta
    with pytest.raises(ImportError, match='does not define a "nothing"'):
        import_string("datetime.nothing")
    with pytest.raises(ImportError, match="doesn't look like a module path"):
        import_string("datetime")
    assert qualname(dt.timedelta) == "datetime.timedelta"
    assert determine_kwargs(lambda a, b: None, [1], {"b": 2, "c": 3}) == {"b": 2}


def test_timeout_ends_a_block() -> None:
    with pytest.raises(AirflowTaskTimeout, match="too slow"), timeout(0.05, "too slow"):  # noqa: PT012
        while True:
            pass


def test_plugins_need_a_name() -> None:
    class Nameless(AirflowPlugin): ...

    class Named(AirflowPlugin):
        name = "named"

    Named.validate()
    with pytest.raises(AirflowPluginException):
        Nameless.validate()
