"""What the corpus tool finds in a repository and what it puts in its place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).parents[2]
LOADER = PYTHON.parent / "crates" / "xtask" / "corpus" / "load.py"
DAG = "from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator\n"


def load(root: Path, *names: str) -> list[dict[str, Any]]:
    asked = "".join(json.dumps({"path": str(root / name), "root": str(root)}) + "\n" for name in names)
    environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
    done = subprocess.run(
        [sys.executable, str(LOADER)], input=asked, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_a_repository_states_is_taken_from_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "config/variables.json": '{"tables": {"accounts": "a"}, "name": "stated"}',
            "docker-compose.yml": "services:\n  web:\n    environment:\n      STAGE: ${STAGE:-blue}\n      SECRET: ${SECRET}\n",
            "Dockerfile": "FROM python\nENV COLOUR green\n",
            "lib/helper.py": "ID = 'found'\n",
            "dags/a.py": DAG + "import os\nimport helper\nfrom airflow.models import Variable\n"
            "tables = Variable.get('tables', deserialize_json=True)\n"
            "parts = [helper.ID, *tables, Variable.get('name'), {'blue': 'dark'}[os.getenv('STAGE')], os.environ['COLOUR']]\n"
            "with DAG('_'.join(parts)): EmptyOperator(task_id='t')\n",
        },
    )
    (found,) = load(tmp_path, "dags/a.py")
    assert found["errors"] == []
    assert found["dags"] == ["found_accounts_stated_dark_green"]
    assert {"stated Variable name", "stated environment STAGE", "stated environment COLOUR"} <= set(found["stand_ins"])
    assert not {"helper", "stated environment SECRET", "stated environment FROM"} & set(found["stand_ins"])


def test_a_module_that_a_package_of_the_repository_lacks_is_not_replaced(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "dags/common/__init__.py": "",
            "dags/common/names.py": "ID = 'd'\n",
            "dags/whole.py": DAG + "from common.names import ID\nfrom somebody.elses import thing\nwith DAG(ID): ...\n",
            "dags/lacking.py": DAG + "from common.gone import ID\nwith DAG('x'): ...\n",
            # Somebody else's package of this name comes first where it is installed.
            "dags/kubernetes/__init__.py": "",
            "dags/kubernetes/pods.py": DAG + "from kubernetes.client import models\nwith DAG('pods'): ...\n",
        },
    )
    whole, lacking, pods = load(tmp_path, "dags/whole.py", "dags/lacking.py", "dags/kubernetes/pods.py")
    assert whole["dags"] == ["d"]
    assert whole["stand_ins"] == ["somebody"]
    assert lacking["errors"][0].strip().endswith("ModuleNotFoundError: No module named 'common.gone'")
    assert pods["dags"] == ["pods"]


def test_a_data_file_that_is_not_there_stays_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"dags/a.py": DAG + "open('gone.json')\nwith DAG('a'): ...\n"})
    (found,) = load(tmp_path, "dags/a.py")
    assert found["errors"][0].strip().endswith("No such file or directory: 'gone.json'")


def test_settings_of_their_own_and_the_scheduler(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": DAG + "from datetime import datetime\nfrom airflow import configuration, settings\n"
            "assert configuration.get('mine', 'SOME_DIR') == '1'\nsession = settings.Session()\n"
            "with DAG('a', schedule='@daily', start_date=datetime(2024, 1, 1)) as dag:\n"
            "    assert dag.get_run_dates(start_date=dag.start_date) == []\n",
            "b.py": DAG + "from airflow.configuration import conf\nconf.get('core', 'no_such_key')\nDAG('b')\n",
        },
    )
    good, unknown = load(tmp_path, "a.py", "b.py")
    assert good["errors"] == []
    assert {"setting mine.SOME_DIR", "the scheduler"} <= set(good["stand_ins"])
    assert "section/key [core/no_such_key] not found in config" in unknown["errors"][0]
