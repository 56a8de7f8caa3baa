"""Writes the forms that the Rust side is tested against: ``python tests/authoring/write_forms.py`` in the folder ``python``."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from airflow import _warnings
from airflow.sdk import DAG
from airflow.sdk.definitions._internal.contextmanager import DagContext
from tradewind.form import dag_form

TESTS = Path(__file__).parents[1]
TARGET = TESTS.parents[1] / "crates" / "core" / "tests" / "vectors" / "forms_from_python.json"
FOLDER = "/dags"


def forms_of(path: Path, shown: str) -> list[dict[str, Any]]:
    """The forms of a file as if it lay in the DAGs folder under the name ``shown``."""
    DagContext.clear()
    _warnings.clear()
    spec = importlib.util.spec_from_file_location("dag_file", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = []
    for dag in {
        id(dag): dag for dag in [*vars(module).values(), *DagContext.autoregistered_dags] if isinstance(dag, DAG)
    }.values():
        dag.fileloc = f"{FOLDER}/{shown}"
        for entry in _warnings.collected:
            entry["file"] = dag.fileloc
        found.append(json.loads(json.dumps(dag_form(dag, FOLDER))))
    return found


def all_forms() -> list[dict[str, Any]]:
    """Forms of the DAG files whose form is the same each day."""
    found = []
    for name in ("bench.py", "taskflow_etl.py", "report_mail.py", "features.py"):
        found.extend(
            form for form in forms_of(TESTS / "dags" / name, name) if form["dag_id"] not in ("bench_40", "bench_10", "fan_100")
        )
    live = json.loads((TESTS / "vectors" / "live_sources.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        for case in live["cases"]:
            file = Path(folder) / f"{case['case']}.py"
            file.write_text(f"{live['prelude']}\n\n{case['source']}", encoding="utf-8")
            found.extend(forms_of(file, file.name))
    return found


def text() -> str:
    """The file: one form per line."""
    lines = [json.dumps(form, ensure_ascii=False, sort_keys=True) for form in all_forms()]
    return "[\n" + ",\n".join(lines) + "\n]\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}: {len(all_forms())} forms\n")
