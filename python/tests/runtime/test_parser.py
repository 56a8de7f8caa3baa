"""Parsing as a real process: what is found, and how broken files are told."""

from __future__ import annotations

import os
import signal
import zipfile
from pathlib import Path

import pytest
from rust_side import Driver

GOOD = """
from datetime import datetime
from airflow.sdk import DAG, task
with DAG("{dag_id}", schedule=None, start_date=datetime(2024, 1, 1)) as {name}:
    @task
    def t():
        return 1
    t()
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def dag(dag_id: str, name: str = "dag") -> str:
    return GOOD.format(dag_id=dag_id, name=name)


def test_several_dags_in_order_with_their_form(driver: Driver, tmp_path: Path) -> None:
    path = write(tmp_path, "two.py", dag("b", "one") + dag("a", "two"))
    parsed = driver.parse(path)
    assert parsed["type"] == "parsed", parsed
    assert [form["dag_id"] for form in parsed["dags"]] == ["b", "a"]
    assert parsed["dags"][0]["tasks"][0]["task_id"] == "t"
    assert parsed["dags"][0]["fileloc"] == str(path)
    assert parsed["errors"] == []


def test_dag_that_is_no_module_level_name(driver: Driver, tmp_path: Path) -> None:
    text = "def make():\n" + "".join(f"    {line}\n" for line in dag("hidden", "inner").splitlines()) + "\nmake()\n"
    assert [form["dag_id"] for form in driver.parse(write(tmp_path, "hidden.py", text))["dags"]] == ["hidden"]


def test_syntax_error_names_the_line(driver: Driver, tmp_path: Path) -> None:
    parsed = driver.parse(write(tmp_path, "broken.py", "import airflow\n\ndag = = 1\n"))
    (error,) = parsed["errors"]
    assert error["line"] == 3
    assert error["filename"].endswith("broken.py")
    assert "SyntaxError" in error["stacktrace"]
    assert "tradewind" not in error["stacktrace"], "only the user's frames"
    assert parsed["dags"] == []


def test_exception_names_the_line_and_keeps_nothing_else(driver: Driver, tmp_path: Path) -> None:
    parsed = driver.parse(write(tmp_path, "raises.py", dag("fine") + "\nraise RuntimeError('on import')\n"))
    (error,) = parsed["errors"]
    assert "RuntimeError: on import" in error["stacktrace"]
    assert error["line"] == len(dag("fine").splitlines()) + 2
    assert error["stacktrace"].count("File ") == 1


def test_one_bad_dag_leaves_the_others(driver: Driver, tmp_path: Path) -> None:
    cycle = "with DAG('cycle', schedule=None):\n    from airflow.sdk import BaseOperator as B\n    a, b = B(task_id='a'), B(task_id='b')\n    a >> b >> a\n"
    parsed = driver.parse(write(tmp_path, "mixed.py", dag("fine") + cycle))
    assert [form["dag_id"] for form in parsed["dags"]] == ["fine"]
    (error,) = parsed["errors"]
    assert "'cycle'" in error["stacktrace"]


def test_sys_exit_is_told(driver: Driver, tmp_path: Path) -> None:
    (error,) = driver.parse(write(tmp_path, "leaves.py", "import sys\nsys.exit(3)\n"))["errors"]
    assert "sys.exit(3)" in error["stacktrace"]


@pytest.mark.parametrize(
    ("body", "code", "number"),
    [("os._exit(4)", 4, None), ("os.kill(os.getpid(), 11)", None, signal.SIGSEGV)],
    ids=["os_exit", "segfault"],
)
def test_death_costs_only_the_parser(driver: Driver, tmp_path: Path, body: str, code: int | None, number: int | None) -> None:
    ended = driver.parse(write(tmp_path, "dies.py", f"import os\n{body}\n"))
    assert (ended["type"], ended["code"], ended["signal"]) == ("exited", code, number)
    assert driver.parse(write(tmp_path, "next.py", dag("next")))["dags"][0]["dag_id"] == "next"


def test_endless_loop_can_be_killed(driver: Driver, tmp_path: Path) -> None:
    path = write(tmp_path, "endless.py", "print('looping', flush=True)\nwhile True: pass\n")
    driver.host.send({"type": "parse", "id": "endless", "path": str(path), "dags_folder": str(tmp_path), "config": {}, "env": {}})
    peer = driver.wait(lambda: (p := driver.by_id("endless")) and "looping" in p.text and p, "the loop")
    os.kill(peer.hello["pid"], signal.SIGKILL)
    ended = driver.wait(lambda: driver.exit_of("endless"), "the exit")
    assert ended["signal"] == signal.SIGKILL


def test_memory_limit(driver: Driver, tmp_path: Path) -> None:
    path = write(tmp_path, "hungry.py", "x = bytearray(4 << 30)\n")
    (error,) = driver.parse(path, memory_limit=2 << 30)["errors"]
    assert "MemoryError" in error["stacktrace"]


def test_helper_modules_are_reported(driver: Driver, tmp_path: Path) -> None:
    helper = write(tmp_path, "helper_of_test.py", "VALUE = 1\n")
    package = tmp_path / "package_of_test"
    package.mkdir()
    inner = write(package, "__init__.py", "")
    path = write(tmp_path, "uses.py", "import helper_of_test, package_of_test\n" + dag("uses"))
    parsed = driver.parse(path)
    assert parsed["modules"] == sorted([str(helper), str(inner)])
    assert not list(tmp_path.rglob("__pycache__")), "no byte code is left in the folder of the user"


def test_a_file_does_not_hide_its_folder(driver: Driver, tmp_path: Path) -> None:
    below = tmp_path / "sales"
    below.mkdir()
    write(below, "steps_of_test.py", "VALUE = 1\n")
    path = write(below, "sales.py", "from sales.steps_of_test import VALUE\n" + dag("sales"))
    parsed = driver.parse(path, dags_folder=str(tmp_path))
    assert (parsed["errors"], [form["dag_id"] for form in parsed["dags"]]) == ([], ["sales"])


def test_helper_beside_a_file_in_a_subfolder(driver: Driver, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    write(below, "beside_of_test.py", "VALUE = 1\n")
    path = write(below, "uses.py", "import beside_of_test\n" + dag("below"))
    parsed = driver.parse(path, dags_folder=str(tmp_path))
    assert [form["relative_fileloc"] for form in parsed["dags"]] == ["below/uses.py"]


def test_zip_of_dags(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first_in_zip.py", "import library_in_zip\n" + dag("first"))
        archive.writestr("second_in_zip.py", dag("second"))
        archive.writestr("library_in_zip.py", "VALUE = 1\n")
        archive.writestr("sub/__init__.py", "")
    parsed = driver.parse(path)
    assert [form["dag_id"] for form in parsed["dags"]] == ["first", "second"], parsed["errors"]
    fileloc = Path(parsed["dags"][1]["fileloc"])
    assert fileloc == path / "second_in_zip.py"
    template = driver.template(fileloc)
    assert template.frames[0]["dag_ids"] == ["first", "second"]
    peer, _ = driver.run(template, fileloc, "second", "t")
    assert peer.frames[0]["state"] == "success"


def test_same_id_twice_in_one_file_warns(driver: Driver, tmp_path: Path) -> None:
    parsed = driver.parse(write(tmp_path, "twice.py", dag("same", "one") + dag("same", "two")))
    assert len(parsed["dags"]) == 1
    assert any("more than once" in warning["message"] for warning in parsed["warnings"])


def test_warnings_of_the_file_have_their_line(driver: Driver, tmp_path: Path) -> None:
    text = "import warnings\nwarnings.warn('old way', DeprecationWarning)\n" + dag("warns")
    parsed = driver.parse(write(tmp_path, "warns.py", text))
    assert {"type": "DeprecationWarning", "message": "old way", "line": 2} in parsed["warnings"]


def test_local_settings_add_to_the_environment_of_tasks(driver: Driver, tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    write(
        plugins,
        "airflow_local_settings.py",
        "def get_airflow_context_vars(context):\n    return {'TEAM': context['dag'].dag_id}\n",
    )
    text = dag("settings").replace("return 1", "import os; return os.environ['AIRFLOW_CTX_TEAM']")
    path = write(tmp_path, "settings.py", text)
    template = driver.template(path, config={"core.plugins_folder": str(plugins)})
    peer, _ = driver.run(template, path, "settings", "t")
    assert peer.frames[0].get("return_value") == '"settings"', peer.text


def test_output_of_the_file_goes_to_the_pipe(driver: Driver, tmp_path: Path) -> None:
    path = write(tmp_path, "prints.py", "import logging\nprint('on stdout')\nlogging.warning('logged')\n" + dag("prints"))
    driver.parse(path)
    peer = driver.peers[-1]
    driver.wait(lambda: "on stdout" in peer.text and "logged" in peer.text, "the output")


def test_folder_with_config_and_plugins(driver: Driver, tmp_path: Path) -> None:
    config = driver.folder / "config"
    config.mkdir()
    write(config, "settings_of_test.py", "NAME = 'from_config'\n")
    path = write(tmp_path, "uses_config.py", "import settings_of_test\n" + dag("x").replace('"x"', "settings_of_test.NAME"))
    assert [form["dag_id"] for form in driver.parse(path)["dags"]] == ["from_config"]


def test_template_that_is_not_safe_to_fork(driver: Driver, tmp_path: Path) -> None:
    text = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n" + dag("threaded")
    path = write(tmp_path, "threaded.py", text)
    template = driver.template(path)
    assert template.frames[0]["safe"] is False
    assert "thread" in template.frames[0]["reason"]
    peer, _ = driver.run(driver.host, path, "threaded", "t")
    assert peer is not None
    assert peer.frames[0]["state"] == "success", "the host's child loads the file itself"


def test_template_of_a_broken_file(driver: Driver, tmp_path: Path) -> None:
    template = driver.template(write(tmp_path, "broken.py", "1 / 0\n"))
    assert template.frames[0]["type"] == "load_failed"
    assert "ZeroDivisionError" in template.frames[0]["stacktrace"]
