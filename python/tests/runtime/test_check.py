"""What ``dags check`` says of files, and how a corpus is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).parents[2]
CORPUS = PYTHON.parent / "crates" / "xtask" / "corpus" / "load.py"

OLD = """
from datetime import datetime
from airflow import DAG
from airflow.operators.bash_operator import BashOperator
from airflow.operators.python import PythonOperator
dag = DAG("old", start_date=datetime(2024, 1, 1), schedule_interval="@daily", concurrency=3)
PythonOperator(task_id="a", python_callable=print, provide_context=True, dag=dag)
BashOperator(task_id="b", bash_command="x", dag=dag, trigger_rule="dummy", sla=None)
print("noise")
"""
NEW = "from airflow.sdk import DAG, Asset, AssetWatcher\ndag = DAG('new', schedule=[Asset('a', watchers=[AssetWatcher('w', None)])])\n"


def check(folder: Path, *files: str, code: int) -> list[dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "tradewind.check",
        "--dags-folder",
        str(folder),
        "--",
        *(str(folder / name) for name in files),
    ]
    env = {**os.environ, "PYTHONPATH": str(PYTHON), "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "2", "TRADEWIND_HOME": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=env)
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_old_and_what_3_refuses_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(NEW)
    old, new = check(tmp_path, "old.py", "new.py", code=0)
    assert (old["dags"], old["errors"]) == (["old"], [])
    told = [(note["kind"], note["line"], note["message"].split(" is now ")[0].split(";")[0]) for note in old["notes"]]
    assert told == [
        ("refused", 4, "airflow.operators.bash_operator.BashOperator"),
        ("deprecated", 5, "airflow.operators.python.PythonOperator"),
        ("refused", 6, "DAG 'old' sets 'concurrency'"),
        ("refused", 6, "DAG 'old' uses 'schedule_interval', with its old meaning"),
        ("refused", 7, "'provide_context' is no longer needed: the context is always available"),
        ("refused", 8, "trigger rule 'dummy'"),
    ]
    assert [note["kind"] for note in new["notes"]] == ["warning"]
    assert "watch" in new["notes"][0]["message"]


def test_errors_and_ends_are_told(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import airflow\n\n1 / 0\n")
    (tmp_path / "leaves.py").write_text("import airflow, os\nos._exit(4)\n")
    (tmp_path / "hangs.py").write_text("import airflow, time\ntime.sleep(600)\n")
    broken, leaves, hangs = check(tmp_path, "broken.py", "leaves.py", "hangs.py", code=1)
    assert broken["errors"][0]["line"] == 3
    assert broken["errors"][0]["message"] == "ZeroDivisionError: division by zero"
    assert leaves["errors"][0]["message"].endswith("ended with exit code 4")
    assert hangs["errors"][0]["message"].endswith("nothing after 2 s ([core] dagbag_import_timeout)")


CORPUS_FILE = """
import importlib.metadata
import os
import no_such_package.deep.down as deep
from no_such_package import connect, Client, SomeError
from airflow import DAG
from airflow.decorators import task_group
from airflow.models import Variable
from airflow.hooks.base import BaseHook
from airflow.utils.task_group import TaskGroup
from airflow.providers.nobody.operators.thing import ThingOperator
from airflow.contrib.operators.bigquery_operator import BigQueryOperator
from sales.steps import VALUE

class Mine(Client):
    pass

@connect(retries=3)
def decorated():
    return 1

assert decorated() == 1
limit = int(Variable.get("limit"))
for table in Variable.get("tables", deserialize_json=True)["names"]:
    pass
assert importlib.metadata.version("no-such-package")
words = Client.split_case("SomeName")

@task_group
def group_of(value):
    ThingOperator(task_id="inner", x=value)

with DAG("corpus", schedule=Variable.get("schedule_of_it"), description=os.environ["ENVIRONMENT"]) as dag:
    thing = ThingOperator(task_id="thing", anything=deep.value, retries=2)
    thing >> BigQueryOperator(task_id="query", sql="x") >> ThingOperator.partial(task_id="many").expand(x=[1])
    BaseHook.get_connection("db").extra_dejson["key"]
    TaskGroup(deep.table.table_id)
    group_of.expand(value=deep.rows)
"""


def test_a_corpus_is_loaded_with_stand_ins(tmp_path: Path) -> None:
    dags = tmp_path / "repo" / "dags"
    (dags / "sales").mkdir(parents=True)
    (dags / "sales" / "steps.py").write_text("VALUE = 1\n")
    (dags / "sales" / "sales.py").write_text(CORPUS_FILE)
    (dags / "outside.py").write_text("import airflow, urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')\n")
    asked = [{"path": str(dags / name), "root": str(tmp_path / "repo")} for name in ("sales/sales.py", "outside.py")]
    done = subprocess.run(
        [sys.executable, str(CORPUS)],
        input="".join(json.dumps(one) + "\n" for one in asked),
        env={**os.environ, "PYTHONPATH": str(PYTHON)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    loaded, outside = (json.loads(line) for line in done.stdout.splitlines())
    assert loaded["errors"] == []
    assert loaded["dags"] == ["corpus"]
    assert {"no_such_package", "Variable limit", "environment ENVIRONMENT", "Connection db"} <= set(loaded["stand_ins"])
    assert "no network and no other programs" in outside["errors"][0]
