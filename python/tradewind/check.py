"""``dags check``: what is wrong with DAG files, and what will be with a later Airflow.

``python -m tradewind.check --dags-folder F FILE ...`` prints one line of JSON for each file, in the order given::

    {"path", "seconds", "dags": [ids], "errors": [{"line", "message", "stacktrace"}],
     "notes": [{"kind": "refused"|"deprecated"|"warning", "line", "file", "message"}]}

``refused`` is what Airflow 3.3 does not take, ``deprecated`` what it takes with a warning. Each file is loaded in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from typing import Any

from airflow import _warnings
from airflow._moves import IN_3
from airflow.configuration import conf
from tradewind import parser

#: What each kind of ``_warnings`` entry means to a reader.
_KINDS = {"deprecation": "deprecated"}


def check(path: str, dags_folder: str) -> dict[str, Any]:
    """What there is to say about the file at ``path``, loaded into this process."""
    frame = parser.parse(path, dags_folder)
    noted = [_note(entry, path) for entry in _warnings.collected]
    told = {note["message"] for note in noted}
    others = [*frame["warnings"], *(warning for dag in frame["dags"] for warning in dag.get("warnings", ()))]
    for warning in others:
        if warning["message"] not in told:
            told.add(warning["message"])
            noted.append({"kind": "warning", "line": warning.get("line"), "file": path, "message": warning["message"]})
    return {
        "path": path,
        "seconds": round(frame["seconds"], 3),
        "dags": [dag["dag_id"] for dag in frame["dags"]],
        "errors": [_error(error) for error in frame["errors"]],
        "notes": sorted(noted, key=lambda note: (note["file"] != path, note["file"] or "", note["line"] or 0)),
    }


def _note(entry: dict[str, object], path: str) -> dict[str, Any]:
    kind = _KINDS.get(str(entry["type"]), "warning")
    if kind == "deprecated" and refused_by_3(str(entry["message"]), bool(entry.get("refused"))):
        kind = "refused"
    return {"kind": kind, "line": entry.get("line"), "file": entry.get("file") or path, "message": entry["message"]}


def refused_by_3(message: str, argument: bool) -> bool:
    """Whether Airflow 3.3 refuses what ``message`` is about: an old argument, or an import path that it does not have."""
    if argument:
        return True
    path, mark, _ = message.partition(" is now ")
    module = path.rpartition(".")[0]
    return bool(mark) and path.startswith("airflow.") and module not in IN_3


def _error(error: dict[str, Any]) -> dict[str, Any]:
    text = str(error["stacktrace"]).strip()
    return {"line": error.get("line"), "message": text.splitlines()[-1] if text else "", "stacktrace": text}


def _in_child(path: str, dags_folder: str) -> dict[str, Any]:
    seconds = max(1, int(conf.getfloat("core", "dagbag_import_timeout", fallback=30)))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            signal.alarm(seconds)
            os.dup2(2, 1)  # what the file prints is no part of the answer
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(check(path, dags_folder), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if status == 0:
        found: dict[str, Any] = json.loads(text)
        return found
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        how = f"nothing after {seconds} s ([core] dagbag_import_timeout)"
    else:
        code = os.waitstatus_to_exitcode(status)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
    message = f"the process that loaded the file ended with {how}"
    return {
        "path": path,
        "seconds": None,
        "dags": [],
        "errors": [{"line": None, "message": message, "stacktrace": message}],
        "notes": [],
    }


def main() -> int:
    """Check the files named; 1 when any has an error."""
    arguments = argparse.ArgumentParser(prog="python -m tradewind.check")
    arguments.add_argument("--dags-folder", required=True)
    arguments.add_argument("--data-from-stdin", action="store_true")
    arguments.add_argument("files", nargs="*")
    options = arguments.parse_args()
    if options.data_from_stdin:
        from airflow._runtime import set_runtime
        from tradewind.localrun import LocalRuntime

        data = json.load(sys.stdin)
        conf.install(data.get("config") or {})
        set_runtime(LocalRuntime(data.get("variables") or {}, data.get("connections") or {}))
    failed = False
    for path in options.files:
        found = _in_child(os.path.abspath(path), os.path.abspath(options.dags_folder))
        failed = failed or bool(found["errors"])
        print(json.dumps(found), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
