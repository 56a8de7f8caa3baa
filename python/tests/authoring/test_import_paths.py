"""Every import path of 1.10, 2.x and 3.x whose thing exists here gives that thing."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from airflow import _warnings
from airflow._moves import moves
from airflow._redirect import distribution_of
from airflow.sdk.exceptions import AirflowException

PYTHON = Path(__file__).parents[2]
PROBE = json.loads((PYTHON / "tests" / "vectors" / "import_paths.json").read_text(encoding="utf-8"))

#: What only Airflow itself could use: its DAGs for demonstration, and constants about its interpreter.
SERVER = ("airflow.example_dags.", "airflow.PY38")
#: Things of provider packages, which are installed from elsewhere.
PROVIDED = (
    "airflow.hooks.dbapi",
    "airflow.hooks.http_hook.",
    "airflow.operators.check_operator.",
    "airflow.operators.generic_transfer.",
    "airflow.operators.sql.",
    "airflow.sensors.http_sensor.",
    "airflow.sensors.sql",
    "airflow.providers.common.",
)
ABSENT = SERVER + PROVIDED


def wanted() -> list[str]:
    names = [entry["name"] for entry in PROBE["probe"] if entry["2.11.0"]["importable"] or entry["3.3.2"]["importable"]]
    return [name for name in names if not name.startswith(ABSENT)]


def load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    found = importlib.import_module(module)
    try:
        return getattr(found, name)
    except AttributeError:
        return importlib.import_module(path)


@pytest.mark.parametrize("path", wanted())
def test_path_works(path: str) -> None:
    assert load(path) is not None


def test_enough_is_wanted() -> None:
    assert len(wanted()) >= 205


@pytest.mark.parametrize("path", [entry["name"] for entry in PROBE["probe"] if entry["name"].startswith(ABSENT)])
def test_the_list_of_absent_names_is_not_too_long(path: str) -> None:
    with pytest.raises((ImportError, AttributeError)):
        load(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("airflow.operators.bash_operator.BashOperator", "airflow.providers.standard.operators.bash.BashOperator"),
        ("airflow.operators.python.PythonOperator", "airflow.providers.standard.operators.python.PythonOperator"),
        ("airflow.operators.dummy_operator.DummyOperator", "airflow.providers.standard.operators.empty.DummyOperator"),
        ("airflow.contrib.sensors.file_sensor.FileSensor", "airflow.providers.standard.sensors.filesystem.FileSensor"),
        ("airflow.models.DAG", "airflow.sdk.DAG"),
        ("airflow.models.dag.DAG", "airflow.DAG"),
        ("airflow.decorators.task", "airflow.sdk.task"),
        ("airflow.utils.helpers.chain", "airflow.sdk.chain"),
        ("airflow.hooks.base_hook.BaseHook", "airflow.sdk.BaseHook"),
        ("airflow.utils.weekday.WeekDay", "airflow.providers.standard.utils.weekday.WeekDay"),
        ("airflow.timetables.datasets.DatasetOrTimeSchedule", "airflow.timetables.assets.DatasetOrTimeSchedule"),
        ("airflow.exceptions.AirflowException", "airflow.sdk.exceptions.AirflowException"),
    ],
)
def test_old_and_new_path_give_one_thing(old: str, new: str) -> None:
    assert load(old) is load(new)


def test_targets_in_our_own_packages_exist() -> None:
    missing = []
    for module, targets in moves().items():
        for target, renames in targets:
            if target.startswith("airflow.providers.") and not target.startswith("airflow.providers.standard."):
                continue
            found = importlib.import_module(target)
            missing.extend(f"{module}: {target}.{name}" for name in (renames or {}).values() if not hasattr(found, name))
    assert missing == []


def test_a_deprecated_name_is_noted_with_the_line_that_uses_it(tmp_path: Path) -> None:
    file = tmp_path / "old_style.py"
    file.write_text("import os\n\nfrom airflow.operators.python_operator import PythonOperator\n", encoding="utf-8")
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), {})
    assert _warnings.collected == [
        {
            "type": "deprecation",
            "message": "airflow.operators.python_operator.PythonOperator is now "
            "airflow.providers.standard.operators.python.PythonOperator",
            "file": str(file),
            "line": 3,
        }
    ]


def test_a_name_that_moved_to_a_provider_package_says_which_one_to_install() -> None:
    with pytest.raises(ImportError, match="install apache-airflow-providers-postgres"):
        from airflow.operators.postgres_operator import PostgresOperator  # noqa: F401
    assert distribution_of("airflow.providers.common.sql.hooks.sql") == "apache-airflow-providers-common-sql"
    assert distribution_of("airflow.providers.amazon.aws.hooks.s3") == "apache-airflow-providers-amazon"


def test_a_submodule_does_not_hide_a_name_of_its_package() -> None:
    code = (
        "from airflow.decorators.task_group import task_group as one\n"
        "from airflow.decorators import task_group as other\n"
        "from airflow.utils import timezone\n"
        "print(one is other, timezone.datetime(2024, 1, 1).year)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(PYTHON)}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "2024"]


def test_submodules_are_there_after_importing_the_package() -> None:
    code = (
        "import airflow\n"
        "print(airflow.utils.dates.days_ago(1) is not None, airflow.models.dag.DAG is airflow.DAG,"
        " airflow.operators.python_operator.PythonOperator.__name__, airflow.macros.ds_add('2024-01-01', 1))\n"
        "print(hasattr(airflow, 'nothing'), hasattr(airflow.utils, 'nothing'), hasattr(airflow.operators, 'nothing'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(PYTHON)}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "True", "PythonOperator", "2024-01-02", "False", "False", "False"]


def test_tables_of_the_old_server_can_be_imported_but_not_used() -> None:
    from airflow.utils.db import provide_session

    from airflow.models import DagModel, Log
    from airflow.settings import Session
    from airflow.utils.session import create_session

    @provide_session
    def ask(session: Any = None) -> Any:
        return session

    session = Session()
    assert "Session" in str(session)
    session.close()
    with create_session() as made:
        made.commit()
    for use in (
        lambda: DagModel.get_everything(),
        DagModel,
        lambda: Log(),
        lambda: session.query(Log),
        lambda: Session.query(Log),
        lambda: create_session().add(1),
        lambda: ask().execute("select 1"),
        lambda: ask(session=None).get(Log, 1),
    ):
        with pytest.raises(AirflowException, match="use Variable, Connection, XCom, the task's context, or the REST API"):
            use()
    assert ask(session=5) == ask(5) == 5


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("airflow.operators.MyPluginOperator", "no plugin has it; import it from the module that defines it"),
        ("airflow.hooks.MyPluginHook", "no plugin has it; import it from the module that defines it"),
    ],
)
def test_removed_names_say_what_to_write_instead(path: str, hint: str) -> None:
    with pytest.raises(ImportError, match=hint):
        load(path)


def test_an_unknown_name_of_an_old_module_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="NoSuchOperator"):
        from airflow.operators.bash_operator import NoSuchOperator  # type: ignore[import-not-found]  # noqa: F401
    with pytest.raises(ModuleNotFoundError):
        import airflow.operators.no_such_module  # type: ignore[import-not-found]  # noqa: F401


def test_installed_provider_packages_are_found_and_ours_wins(tmp_path: Path) -> None:
    package = tmp_path / "airflow" / "providers" / "acme"
    package.mkdir(parents=True)
    (package / "hooks.py").write_text("class AcmeHook: ...\n", encoding="utf-8")
    other = tmp_path / "airflow" / "providers" / "standard" / "operators"
    other.mkdir(parents=True)
    (other / "bash.py").write_text("raise RuntimeError('the wrong file')\n", encoding="utf-8")
    (tmp_path / "airflow" / "__init__.py").write_text("raise RuntimeError('another airflow')\n", encoding="utf-8")
    code = (
        "from airflow.providers.acme.hooks import AcmeHook\n"
        "from airflow.providers.standard.operators.bash import BashOperator\n"
        "print(AcmeHook.__module__, BashOperator.__module__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{PYTHON}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["airflow.providers.acme.hooks", "airflow.providers.standard.operators.bash"], done.stderr


def test_importing_is_light() -> None:
    code = (
        "import sys\n"
        "from airflow import DAG\n"
        "from airflow.operators.python import PythonOperator\n"
        "from airflow.operators.bash import BashOperator\n"
        "from airflow.decorators import task\n"
        "heavy = {'pendulum', 'jinja2', 'asyncio', 'importlib.metadata', 'sqlite3', 'http.client'} & set(sys.modules)\n"
        "print(sorted(heavy), len(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(PYTHON)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    heavy, _, count = done.stdout.rpartition(" ")
    assert heavy == "[]"
    assert int(count) < 200
