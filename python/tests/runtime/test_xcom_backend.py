"""``[core] xcom_backend``: classes of an installation that keep values elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowConfigException
from tradewind import xcombackend
from tradewind.inprocess import dag_test

BACKEND = """
import json
import os
from airflow.models.xcom import BaseXCom

FOLDER = {folder!r}


class Files(BaseXCom):
    @staticmethod
    def serialize_value(value, *, key=None, task_id=None, dag_id=None, run_id=None, map_index=None):
        if not isinstance(value, list):
            return BaseXCom.serialize_value(value)
        name = f"{{FOLDER}}/{{task_id}}-{{key}}-{{map_index}}.json"
        with open(name, "w") as file:
            json.dump(value, file)
        return BaseXCom.serialize_value("file:" + name)

    @staticmethod
    def deserialize_value(result):
        found = BaseXCom.deserialize_value(result)
        if isinstance(found, str) and found.startswith("file:"):
            with open(found[5:]) as file:
                return json.load(file)
        return found

    @classmethod
    def purge(cls, xcom, *args):
        if isinstance(xcom.value, str) and xcom.value.startswith("file:"):
            os.remove(xcom.value[5:])


class Old(BaseXCom):
    @staticmethod
    def serialize_value(value, key=None, task_id=None, dag_id=None):
        return json.dumps({{"kept": value, "of": task_id}}).encode()

    @staticmethod
    def deserialize_value(result):
        return result.value["kept"]


class Unrelated:
    pass
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_backends.py").write_text(BACKEND.format(folder=str(tmp_path)))
    monkeypatch.syspath_prepend(str(tmp_path))
    xcombackend._named.cache_clear()
    yield tmp_path
    xcombackend._named.cache_clear()
    sys.modules.pop("my_backends", None)


def run() -> Any:
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc)) as dag:

        @task
        def numbers(ti: Any = None) -> list[int]:
            ti.xcom_push("more", [9])
            ti.xcom_push("gone", [1])
            ti.xcom_delete("gone")
            return [1, 2]

        @task
        def double(n: int) -> list[int]:
            return [n, n]

        @task
        def collect(values: Any, ti: Any = None) -> Any:
            return {"values": list(values), "more": ti.xcom_pull("numbers", key="more"), "all": ti.xcom_pull("double")}

        collect(double.expand(n=numbers()))
    return dag_test(dag)


def test_large_values_are_kept_in_files(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", "my_backends.Files")
    done = run()
    assert done.state == "success", done.errors
    stored = {(task_id, key): values for (_, task_id, key), values in done.runtime.xcoms.items() if values}
    assert json.loads(stored["numbers", "return_value"][-1]) == f"file:{module}/numbers-return_value--1.json"
    assert json.loads(stored["double", "return_value"][1]) == f"file:{module}/double-return_value-1.json"
    assert json.loads(stored["collect", "return_value"][-1]) == {"values": [[1, 1], [2, 2]], "more": [9], "all": [[1, 1], [2, 2]]}
    assert not (module / "numbers-gone--1.json").exists()


def test_bytes_as_backends_of_2_give_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", "my_backends.Old")
    done = run()
    assert done.state == "success", done.errors
    stored = {task_id: values for (_, task_id, key), values in done.runtime.xcoms.items() if key == "return_value"}
    assert json.loads(stored["numbers"][-1]) == {"kept": [1, 2], "of": "numbers"}
    assert json.loads(stored["collect"][-1])["kept"]["all"] == [[1, 1], [2, 2]]


@pytest.mark.parametrize("path", ["", "airflow.models.xcom.BaseXCom", "airflow.sdk.bases.xcom.BaseXCom"])
def test_ours_takes_no_detour(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", path)
    assert xcombackend.backend() is None


def test_a_class_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", "my_backends.Unrelated")
    with pytest.raises(AirflowConfigException, match="derived from BaseXCom"):
        xcombackend.backend()
