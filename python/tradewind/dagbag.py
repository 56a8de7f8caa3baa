"""The DAGs of a folder, loaded into this process: ``DagBag`` of Airflow, for tests and for files that look at other files."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from airflow.configuration import conf
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.utils.file import might_contain_dag
from tradewind import loader, times


class FileLoadStat(NamedTuple):
    """What loading one file took."""

    file: str
    duration: timedelta
    dag_num: int
    task_num: int
    dags: str
    warning_num: int


class DagBag:
    """All DAGs below ``dag_folder`` (also one file); what cannot be loaded is in ``import_errors``, by path."""

    #: Files that are being loaded: one that makes a ``DagBag`` of its own folder must not load itself for ever.
    _open: list[str] = []

    def __init__(
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        include_examples: bool | None = None,
        safe_mode: bool | None = None,
        collect_dags: bool = True,
        **_: Any,
    ) -> None:
        self.dag_folder = os.path.abspath(dag_folder or conf.get("core", "dags_folder"))
        self.dags: dict[str, Any] = {}
        self.import_errors: dict[str, str] = {}
        self.captured_warnings: dict[str, tuple[str, ...]] = {}
        self.file_last_changed: dict[str, datetime] = {}
        self.dagbag_stats: list[FileLoadStat] = []
        self._safe_mode = conf.getboolean("core", "dag_discovery_safe_mode", fallback=True) if safe_mode is None else safe_mode
        if collect_dags:
            self.collect_dags()

    @property
    def dag_ids(self) -> list[str]:
        """The ids of all DAGs."""
        return list(self.dags)

    def size(self) -> int:
        """How many DAGs there are."""
        return len(self.dags)

    def get_dag(self, dag_id: str, session: Any = None) -> Any:
        """The DAG of this id, ``None`` when there is none."""
        return self.dags.get(dag_id)

    def bag_dag(self, dag: Any, **_: Any) -> None:
        """Put a DAG into the bag."""
        self.dags[dag.dag_id] = dag

    def collect_dags(self, dag_folder: str | None = None, safe_mode: bool | None = None, **_: Any) -> None:
        """Load all files of the folder."""
        for path in files(os.path.abspath(dag_folder or self.dag_folder), self._safe_mode if safe_mode is None else safe_mode):
            self.process_file(path)

    def process_file(self, filepath: str, only_if_updated: bool = True, safe_mode: bool = True) -> list[Any]:
        """Load one file; its DAGs."""
        path = os.path.abspath(filepath)
        if path in self._open:
            return []
        began = times.now()
        root = self.dag_folder if os.path.isdir(self.dag_folder) else os.path.dirname(self.dag_folder)
        kept = list(DagContext._stack), list(DagContext.autoregistered_dags), list(TaskGroupContext._stack)
        self._open.append(path)
        try:
            loaded = loader.load(path, root)
        finally:
            self._open.remove(path)
            DagContext._stack.extend(kept[0])
            DagContext.autoregistered_dags[:] = kept[1]
            TaskGroupContext._stack.clear()
            TaskGroupContext._stack.extend(kept[2])
        for error in loaded.errors:
            self.import_errors[error.filename] = error.stacktrace
        dags = list(loaded.dags.values())
        for dag in dags:
            self._check(dag, path)
        self.file_last_changed[path] = datetime.fromtimestamp(os.path.getmtime(path), tz=times.now().tzinfo)
        warnings = tuple(str(warning["message"]) for warning in loaded.warnings)
        if warnings:
            self.captured_warnings[path] = warnings
        tasks = sum(len(dag.tasks) for dag in dags)
        named = ", ".join(dag.dag_id for dag in dags)
        self.dagbag_stats.append(FileLoadStat(path, times.now() - began, len(dags), tasks, named, len(warnings)))
        return dags

    def _check(self, dag: Any, path: str) -> None:
        from tradewind.form import dag_form

        try:
            dag_form(dag, os.path.dirname(path))
        except Exception as error:
            self.import_errors[path] = f"DAG {dag.dag_id!r}: " + loader.format_error(error, path)
            return
        other = self.dags.get(dag.dag_id)
        if other is not None and other.fileloc != dag.fileloc:
            self.import_errors[path] = f"DAG id {dag.dag_id!r} is also in {other.fileloc}: each DAG needs an id of its own"
            return
        self.dags[dag.dag_id] = dag

    def dagbag_report(self) -> str:
        """A line for each file."""
        return "\n".join(
            f"{stat.file}: {stat.dags or 'no DAG'} ({stat.duration.total_seconds():.2f} s)" for stat in self.dagbag_stats
        )


def files(folder: str, safe_mode: bool = True) -> list[str]:
    """Files that may hold DAGs, without those that a ``.airflowignore`` leaves out."""
    if os.path.isfile(folder):
        return [folder]
    found = []
    ignored: list[tuple[str, bool, str]] = []
    for place, folders, names in os.walk(folder, followlinks=True):
        if ".airflowignore" in names:
            ignored += _patterns(place)
        folders[:] = sorted(
            name for name in folders if name != "__pycache__" and not _is_ignored(os.path.join(place, name), ignored)
        )
        paths = [os.path.join(place, name) for name in sorted(names) if name.endswith((".py", ".zip"))]
        found += [path for path in paths if not _is_ignored(path, ignored) and might_contain_dag(path, safe_mode)]
    return found


def _patterns(folder: str) -> Iterator[tuple[str, bool, str]]:
    """Folder, whether it takes back an earlier line, and a regular expression for the path below the folder."""
    glob = conf.get("core", "dag_ignore_file_syntax", fallback="glob") == "glob"
    with open(os.path.join(folder, ".airflowignore"), encoding="utf-8") as file:
        for line in file:
            text = line.split("#", 1)[0].strip()
            if not text:
                continue
            if not glob:
                yield folder, False, text
                continue
            negated, text = text.startswith("!"), text.removeprefix("!").rstrip("/")
            anchored, text = "/" in text, text.removeprefix("/").removeprefix("**/")
            inside = fnmatch.translate(text).removesuffix(r"\Z").removesuffix(r"\z")
            yield folder, negated, f"{'^' if anchored else '(^|/)'}{inside}(/|$)"


def _is_ignored(path: str, patterns: list[tuple[str, bool, str]]) -> bool:
    ignored = False
    for folder, negated, expression in patterns:
        if path.startswith(folder + os.sep) and re.search(expression, os.path.relpath(path, folder)):
            ignored = not negated
    return ignored
