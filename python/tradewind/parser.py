"""The parser process: imports one DAG file, answers with its DAGs in the JSON form, exits."""

from __future__ import annotations

import resource
import time
import warnings
from typing import Any

from airflow import _warnings
from airflow._runtime import set_runtime
from airflow.configuration import conf
from airflow.secrets.cache import SecretCache
from tradewind import loader, logs, process
from tradewind.form import dag_form
from tradewind.frames import Frame
from tradewind.loader import LoadError
from tradewind.runtime import SocketRuntime
from tradewind.template import apply_environment


def run(frame: Frame) -> None:
    """Body of a freshly forked parser process."""
    connection = process.connect("parser", frame["id"])
    process.detach_input()
    apply_environment(frame)
    logs.install(conf.get("logging", "logging_level", fallback="INFO").upper())
    limit = frame.get("memory_limit")
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    # Files ask for variables and connections; the same connection carries that.
    set_runtime(SocketRuntime(connection))
    parsed = parse(frame["path"], frame["dags_folder"])
    connection.send(parsed | {"id": frame["id"]})


def parse(path: str, dags_folder: str) -> dict[str, Any]:
    """The ``parsed`` frame of a file, without its id."""
    began = time.monotonic()
    depth = conf.getint("core", "dagbag_import_error_traceback_depth", fallback=loader.TRACEBACK_DEPTH)
    _warnings.clear()
    SecretCache.init()
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("default")
        loaded = loader.load(path, dags_folder, depth)
    forms, errors = [], list(loaded.errors)
    for dag in loaded.dags.values():
        try:
            forms.append(dag_form(dag, dags_folder))
        except Exception as error:
            text = f"DAG {dag.dag_id!r}: " + loader.format_error(error, path, depth)
            errors.append(LoadError(path, text))
    collected = [{k: v for k, v in warning.items() if k not in ("file", "refused")} for warning in _warnings.collected]
    collected += [_warning(entry) for entry in raised if entry.filename == path]
    return {
        "type": "parsed",
        "dags": forms,
        "errors": [error.as_frame() for error in errors],
        "warnings": [*loaded.warnings, *collected],
        "modules": loaded.modules,
        "seconds": time.monotonic() - began,
    }


def _warning(entry: warnings.WarningMessage) -> dict[str, Any]:
    return {"type": entry.category.__name__, "message": str(entry.message), "line": entry.lineno}
