"""Runs the DAGs of files as ``tradewind dags test`` does and says what became of each task."""
from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import forks

from tradewind import loader, parser
from tradewind.inprocess import dag_test


def states(dag: Any) -> dict[str, Any]:
    run = dag_test(dag)
    tasks = {task if index < 0 else f"{task}[{index}]": state for task, by_index in run.states.items() for index, state in by_index.items()}
    values = {task if index < 0 else f"{task}[{index}]": json.loads(text) for (_, task, key), by_index in run.runtime.xcoms.items()
              if key == "return_value" for index, text in by_index.items()}
    return {"run": run.state, "tasks": tasks, "values": values, "said": {task: text for (task, _), text in run.errors.items()}}


def work(path: str) -> dict[str, Any]:
    folder = str(Path(path).parent)
    frame = parser.parse(path, folder)
    loaded = loader.load(path, folder)
    found: dict[str, Any] = {"errors": {error["filename"]: error["stacktrace"] for error in frame["errors"]}, "dags": {}}
    for dag_id, dag in loaded.dags.items():
        try:
            found["dags"][dag_id] = states(dag)
        except BaseException:
            found["dags"][dag_id] = {"error": traceback.format_exc()[-1500:]}
    return found


forks.main(work)
