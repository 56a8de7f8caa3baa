"""``dags check`` as a user calls it, without a database."""
from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from conftest import binary

OLD = "from airflow import DAG\nfrom airflow.operators.bash_operator import BashOperator\ndag = DAG('old', schedule_interval=None)\n"


def check(home: Path, *words: str, code: int) -> str:
    env = {**os.environ, "TRADEWIND_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags")}
    done = subprocess.run([binary(), "dags", "check", *words], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_files_are_checked_without_a_database(tmp_path: Path) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "old.py").write_text(OLD)
    (dags / "broken.py").write_text("from airflow import DAG\n\nraise RuntimeError('on import')\n")
    told = check(tmp_path, code=1)
    assert f"{dags}/broken.py: no DAG" in told
    assert "  error         line 3: RuntimeError: on import\n" in told
    assert "  refused by 3  line 2: airflow.operators.bash_operator.BashOperator is now" in told
    assert "2 files, 1 DAGs; 1 files with errors, 2 refused by Airflow 3, 0 old names, 0 warnings\n" in told
    check(tmp_path, str(dags / "old.py"), code=0)
    check(tmp_path, str(dags / "old.py"), "--strict", code=1)
    (only,) = json.loads(check(tmp_path, str(dags / "old.py"), "-o", "json", code=0))
    assert only["dags"] == ["old"]
    assert {note["kind"] for note in only["notes"]} == {"refused"}
    assert "there is no file or folder" in check(tmp_path, str(dags / "none.py"), code=1)
