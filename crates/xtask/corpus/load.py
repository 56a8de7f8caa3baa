"""Loads DAG files, one JSON line ``{"path", "root"}`` after the other from the standard input, each in a fork; answers with JSON lines."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

SECONDS = 60
MEMORY = 4 << 30
FILE_SIZE = 8 << 20


def folders(path: Path, root: Path, whole: bool = False) -> tuple[Path, list[Path]]:
    """The DAGs folder that ``path`` lies in, and what an installation would have on ``sys.path`` besides."""
    above = [folder for folder in path.parents if folder == root or root in folder.parents]
    named = next((folder for folder in reversed(above) if folder.name == "dags"), path.parent)
    dags = root if whole else named
    found = [dags.parent, root, *([named] if whole and named.name == "dags" else [])]
    for folder in above:
        found += [folder / name for name in ("plugins", "include", "config", "src")]
    return dags, [folder for folder in found if folder.is_dir() and (folder == root or root in folder.parents)]


def home_of(dags: Path) -> Path:
    """A home folder as images have it: ``dags`` and what lies beside it in the repository. What a file writes stays out of the repository."""
    home = Path(tempfile.mkdtemp(dir=os.getcwd()))
    (home / "dags").symlink_to(dags)
    for beside in dags.parent.iterdir() if dags.name == "dags" else ():
        if beside.name not in ("dags", ".git"):
            (home / beside.name).symlink_to(beside)
    return home


def load(path: Path, root: Path, installation: int) -> dict[str, Any]:
    """Parse one file as the DAG processor does, in one of the installations that stand-ins can be."""
    import standins

    from tradewind import parser

    like = standins.INSTALLATIONS[installation]
    dags, more = folders(path, root, like.whole)
    os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(next((f for f in more if f.name == "plugins"), root / "plugins"))
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(dags)
    sys.path.extend(str(folder) for folder in more)
    standins.install(path, root, dags, like)
    frame = parser.parse(str(path), str(dags))
    return {
        "dags": [dag["dag_id"] for dag in frame["dags"]],
        "errors": [error["stacktrace"] for error in frame["errors"]],
        "warnings": [warning["message"] for warning in frame["warnings"]],
        "stand_ins": sorted(standins.used),
        "seconds": frame["seconds"],
    }


def in_child(path: Path, root: Path, installation: int, out: int) -> None:
    """Body of the fork: ends by itself when a limit is reached."""
    # Of the processor's time, so that a busy machine changes no result; the alarm is for files that wait.
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(10 * SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    import installations

    dags, _ = folders(path, root, installations.INSTALLATIONS[installation].whole)
    home = home_of(dags)
    os.environ["HOME"] = os.environ["AIRFLOW_HOME"] = str(home)
    os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "sqlite://"
    os.chdir(home)
    with os.fdopen(out, "w", encoding="utf-8") as pipe:
        json.dump(load(path, root, installation), pipe)


def one(path: Path, root: Path) -> dict[str, Any]:
    """Load ``path``; where it asks for what is not there, in one installation after the other until it can be loaded."""
    import repository
    import standins

    repository.look(root)
    first = attempt(path, root, 0)
    if not first["errors"] or not first["stand_ins"] or "SyntaxError" in first["errors"][0]:
        return first
    for installation in range(1, len(standins.INSTALLATIONS)):
        found = attempt(path, root, installation)
        if not found["errors"]:
            return found
    return first


def attempt(path: Path, root: Path, installation: int) -> dict[str, Any]:
    """Load ``path`` in a fork and say how that went."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            in_child(path, root, installation, writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if status == 0:
        return {"path": str(path), **json.loads(text)}
    ended = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.waitstatus_to_exitcode(status)}"
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (
        signal.SIGALRM,
        signal.SIGXCPU,
        signal.SIGKILL,
    ):
        ended = f"took longer than {SECONDS} s"
    return {
        "path": str(path),
        "dags": [],
        "errors": [f"ProcessEnded: {ended}"],
        "warnings": [],
        "stand_ins": [],
        "seconds": 0.0,
    }


def main() -> None:
    import tradewind.parser  # noqa: F401

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for line in sys.stdin:
            asked = json.loads(line)
            sys.stdout.write(json.dumps(one(Path(asked["path"]), Path(asked["root"]))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
