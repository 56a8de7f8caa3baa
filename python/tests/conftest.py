"""Each test starts with no open DAG blocks, no warnings, no runtime and no settings from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from airflow import _runtime, _warnings
from airflow.configuration import conf
from airflow.sdk.definitions._internal.contextmanager import DagContext
from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext


def _reset() -> None:
    DagContext.clear()
    SetupTeardownContext._stack.clear()
    _warnings.clear()
    _runtime.set_runtime(None)
    conf.install({})


@pytest.fixture(autouse=True)
def clean_authoring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(("AIRFLOW__", "AIRFLOW_VAR_", "AIRFLOW_CONN_")):
            monkeypatch.delenv(name)
    _reset()
    yield
    _reset()
