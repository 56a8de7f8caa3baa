"""Functions that run in other interpreters."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.operators.python import (
    BranchExternalPythonOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)

from airflow.providers.standard.operators import _venv
from airflow.providers.standard.operators._venv import Recipe
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException, DownstreamTasksSkipped


def make() -> DAG:
    return DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1))


def run(operator: Any, **extra: Any) -> Any:
    moment = pendulum.datetime(2024, 1, 1, tz="Asia/Seoul")
    context = {
        "ds": "2024-01-01",
        "logical_date": moment,
        "run_id": "r",
        "params": {"n": 1},
        "ti": SimpleNamespace(task=operator),
        **extra,
    }
    operator.render_template_fields(context)
    return operator.execute(context)


def external(function: Any, **kwargs: Any) -> ExternalPythonOperator:
    return ExternalPythonOperator(task_id="t", python=sys.executable, python_callable=function, dag=make(), **kwargs)


def describe(x, ds, logical_date, params, *, extra=None):  # type: ignore[no-untyped-def]
    import os

    return {"x": x, "ds": ds, "date": logical_date, "params": params, "extra": extra, "pid": os.getpid()}


def everything(**kwargs):  # type: ignore[no-untyped-def]
    return sorted(kwargs)


def nothing():  # type: ignore[no-untyped-def]
    print("said")


def broken():  # type: ignore[no-untyped-def]
    raise KeyError("gone")


def leave(code):  # type: ignore[no-untyped-def]
    import sys

    sys.exit(code)


def texts():  # type: ignore[no-untyped-def]
    return virtualenv_string_args  # type: ignore[name-defined]  # noqa: F821


def environment():  # type: ignore[no-untyped-def]
    import os

    return os.environ.get("GIVEN"), "FROM_OUTSIDE" in os.environ


def test_arguments_and_result() -> None:
    found = run(external(describe, op_args=["{{ ds }}"], op_kwargs={"extra": (1, 2)}))
    assert found["x"] == "2024-01-01"
    assert found["extra"] == (1, 2)
    assert found["params"] == {"n": 1}
    assert type(found["date"]) is dt.datetime
    assert found["date"].isoformat() == "2024-01-01T00:00:00+09:00"
    import os

    assert found["pid"] != os.getpid()
    assert run(external(nothing)) is None
    assert {"ds", "run_id", "params"} <= set(run(external(everything)))
    assert "ti" not in run(external(everything))
    assert run(external(texts, string_args=["a", 5])) == ["a", "5"]


def test_errors_and_exit_codes() -> None:
    with pytest.raises(AirflowException, match="KeyError: 'gone'"):
        run(external(broken))
    with pytest.raises(AirflowException, match="exit status 3"):
        run(external(leave, op_args=[3]))
    with pytest.raises(AirflowSkipException):
        run(external(leave, op_args=[3], skip_on_exit_code=3))


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "1")
    assert run(external(environment, env_vars={"GIVEN": "x"})) == ("x", True)
    assert run(external(environment, env_vars={"GIVEN": "x"}, inherit_env=False)) == ("x", False)


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="no lambda"):
        external(lambda: 1)
    with pytest.raises(AirflowException, match="serializer of task 't' must be one of pickle, cloudpickle, dill, not 'json'"):
        external(nothing, serializer="json")
    with pytest.raises(ValueError, match="'/no/python' of task 't' must exist"):
        run(ExternalPythonOperator(task_id="t", python="/no/python", python_callable=nothing, dag=make()))
    with pytest.raises(AirflowException, match=r"there is no python9\.9 on the path"):
        run(PythonVirtualenvOperator(task_id="t", python_version="9.9", python_callable=nothing, dag=make()))


def where():  # type: ignore[no-untyped-def]
    import sys

    return sys.prefix, sys.base_prefix


def test_a_virtual_environment_of_its_own() -> None:
    prefix, base = run(PythonVirtualenvOperator(task_id="t", python_callable=where, dag=make()))
    assert prefix != base
    assert prefix != sys.prefix
    assert not Path(prefix).exists()


def test_a_virtual_environment_that_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = PythonVirtualenvOperator(task_id="t", python_callable=where, venv_cache_path=tmp_path, dag=make())
    first = run(operator)
    monkeypatch.setattr(_venv, "make", lambda *_: pytest.fail("made twice"))
    assert run(operator) == first
    assert first[0].startswith(str(tmp_path))


def test_what_is_installed_decides_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(_venv, "_run", lambda command, what: commands.append(command))
    monkeypatch.setenv(
        "AIRFLOW_CONN_INDEX", '{"conn_type": "package_index", "host": "pkg.example.com/simple", "login": "u", "password": "p"}'
    )
    operator = PythonVirtualenvOperator(
        task_id="t",
        python_callable=nothing,
        requirements="one==1\n# note\ntwo",
        serializer="dill",
        pip_install_options=["--no-cache-dir"],
        index_urls=["https://first.example.com"],
        index_urls_from_connection_ids=["index"],
        system_site_packages=False,
        dag=make(),
    )
    recipe = operator._recipe()
    (tmp_path / "venv").mkdir()
    _venv.make(recipe, str(tmp_path / "venv"))
    assert "--system-site-packages" not in commands[0]
    assert (tmp_path / "venv" / "requirements.txt").read_text(encoding="utf-8").split() == ["one==1", "two", "dill"]
    assert commands[1][-5:] == [
        "--no-cache-dir",
        "--index-url",
        "https://first.example.com",
        "--extra-index-url",
        "https://u:p@pkg.example.com/simple",
    ]
    assert recipe.digest() != Recipe(requirements=("one==2",)).digest()


def choose():  # type: ignore[no-untyped-def]
    return "a"


def test_branches() -> None:
    with make():
        operator = BranchExternalPythonOperator(task_id="choose", python=sys.executable, python_callable=choose)
        operator >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(operator)
    assert signalled.value.tasks == ["b"]


def test_decorators() -> None:
    with make() as dag:

        @task.external_python(python=sys.executable)
        def add(x: int, y: int) -> int:
            return x + y

        @task.virtualenv(system_site_packages=False)
        def alone(word: str) -> str:
            return word.upper()

        @task.branch_external_python(python=sys.executable)
        def pick() -> str:
            return "left"

        add(1, y=2)
        alone("hi")
        pick() >> [EmptyOperator(task_id="left"), EmptyOperator(task_id="right")]
    assert run(dag.get_task("add")) == 3
    assert run(dag.get_task("alone")) == "HI"
    with pytest.raises(DownstreamTasksSkipped) as signalled:
        run(dag.get_task("pick"))
    assert signalled.value.tasks == ["right"]
    assert dag.get_task("alone").operator_name == "@task.virtualenv"
