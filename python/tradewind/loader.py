"""Imports one DAG file (a ``.py`` or a zip) the way Airflow does, and finds the DAGs in it."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from airflow import _old_pendulum
from airflow.configuration import get_airflow_home
from airflow.sdk.definitions._internal.contextmanager import DagContext
from airflow.sdk.definitions.dag import DAG
from airflow.sdk.exceptions import AirflowClusterPolicySkipDag
from tradewind import listeners, policies

#: Frames of the traceback shown for a broken file, unless ``[core] dagbag_import_error_traceback_depth`` says otherwise.
TRACEBACK_DEPTH = 2


@dataclass
class LoadError:
    """Why a file (or one DAG in it) could not be loaded."""

    filename: str
    stacktrace: str
    line: int | None = None

    def as_frame(self) -> dict[str, Any]:
        out: dict[str, Any] = {"filename": self.filename, "stacktrace": self.stacktrace}
        if self.line is not None:
            out["line"] = self.line
        return out


@dataclass
class Loaded:
    """What came out of a file: DAG objects by id in order of definition, errors, and the local modules it imported."""

    path: str
    dags: dict[str, Any] = field(default_factory=dict)
    errors: list[LoadError] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)


def load(path: str, dags_folder: str, traceback_depth: int = TRACEBACK_DEPTH) -> Loaded:
    """Import the file at ``path`` (also the path of a module inside a zip: all of the zip is loaded). Errors of user code are returned, not raised; exits and kills are the caller's matter."""
    path = archive_of(path)
    loaded = Loaded(path)
    prepare_sys_path(dags_folder)
    _old_pendulum.install()
    _OwnFolder.install(path)
    _load_installation(loaded)
    before = set(sys.modules)
    modules: list[ModuleType] = []
    DagContext.clear()
    if path.lower().endswith(".zip"):
        sys.path.insert(0, path)
        names = _zip_modules(path)
        if not names:
            loaded.warnings.append(
                {"type": "UserWarning", "message": f"{path} holds no module that mentions both 'dag' and 'airflow'"}
            )
        for name in names:
            _import_into(loaded, modules, os.path.join(path, f"{name}.py"), name, traceback_depth)
    else:
        _import_into(loaded, modules, path, None, traceback_depth)
    _collect(loaded, modules)
    _apply_policies(loaded, traceback_depth)
    loaded.modules = _local_modules(before, path, dags_folder)
    return loaded


def archive_of(path: str) -> str:
    """The zip that a path such as ``dags.zip/file.py`` leads into; any other path as it is."""
    outer = os.path.dirname(path)
    return outer if outer.lower().endswith(".zip") and os.path.isfile(outer) else path


def prepare_sys_path(dags_folder: str) -> None:
    """Appended, as Airflow does: a ``json.py`` among the DAGs must not hide the standard library's.

    The parent of the DAGs folder is there for ``from dags.common import ...``, which images that set ``PYTHONPATH`` allow.
    """
    from airflow.plugins_manager import plugins_folder

    parent = os.path.dirname(os.path.abspath(dags_folder)) if dags_folder else ""
    for folder in (dags_folder, os.path.join(get_airflow_home(), "config"), plugins_folder(), parent):
        if folder and folder != os.sep and folder not in sys.path:
            sys.path.append(folder)


class _OwnFolder:
    """Helpers beside a file in a subfolder, when nothing else has the name.

    As an entry of ``sys.path`` the folder would let ``sales/sales.py`` hide the folder ``sales`` from itself.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def install(cls, path: str) -> None:
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, cls)]
        sys.meta_path.append(cls(os.path.dirname(path)))  # type: ignore[arg-type]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return None if path is not None or "." in name else importlib.machinery.PathFinder.find_spec(name, [self.folder])


def _load_installation(loaded: Loaded) -> None:
    """The installation's policies and plugins; what is wrong with them is told with each file, and stops none."""
    from airflow import plugins_manager

    wrong = policies.load()
    if wrong:
        loaded.warnings.append({"type": "LocalSettings", "message": wrong})
    plugins_manager.ensure_plugins_loaded()
    complaints = [*plugins_manager.complaints(), *listeners.complaints()]
    loaded.warnings += [{"type": "Plugin", "message": message} for message in complaints]


def module_name(path: str) -> str:
    """A name that no import statement of a DAG file can collide with."""
    stem = os.path.splitext(os.path.basename(path))[0].replace(".", "_")
    return f"unusual_prefix_{hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()}_{stem}"


def _import_into(loaded: Loaded, modules: list[ModuleType], path: str, name: str | None, depth: int) -> None:
    try:
        modules.append(_import_path(path) if name is None else importlib.import_module(name))
    except SystemExit as e:
        loaded.errors.append(
            LoadError(
                path, f"SystemExit: the file ended the process with sys.exit({e.code!r}) while it was imported", _line_of(e, path)
            )
        )
    except Exception as e:
        loaded.errors.append(LoadError(path, format_error(e, path, depth), _line_of(e, path)))


def _import_path(path: str) -> ModuleType:
    name = module_name(path)
    loader = importlib.machinery.SourceFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} cannot be imported as a Python module")
    module = importlib.util.module_from_spec(spec)
    # Needed before execution: dataclasses and pickling look a module up by its name.
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def _zip_modules(path: str) -> list[str]:
    """Root modules of a zip that look like DAG files, in order of name."""
    import zipfile

    names = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            stem, extension = os.path.splitext(info.filename)
            if "/" in info.filename or extension not in (".py", ".pyc") or stem == "__init__":
                continue
            text = archive.read(info).lower()
            if b"dag" in text and b"airflow" in text:
                names.append(stem)
    return sorted(set(names))


def _collect(loaded: Loaded, modules: Iterable[ModuleType]) -> None:
    found: list[DAG] = []
    for module in modules:
        for value in list(vars(module).values()):
            if isinstance(value, DAG) and not value.is_subdag:
                value.fileloc = module.__file__ or loaded.path
                found.append(value)
    for dag in (*found, *(dag for dag in DagContext.autoregistered_dags if not dag.is_subdag)):
        other = loaded.dags.setdefault(dag.dag_id, dag)
        if other is not dag:
            loaded.warnings.append(
                {
                    "type": "DuplicateDagId",
                    "message": f"dag id {dag.dag_id!r} is defined more than once in this file; the last one counts",
                }
            )
            loaded.dags[dag.dag_id] = dag


def _apply_policies(loaded: Loaded, depth: int) -> None:
    for dag_id, dag in list(loaded.dags.items()):
        try:
            policies.apply(dag)
        except AirflowClusterPolicySkipDag as reason:
            del loaded.dags[dag_id]
            loaded.warnings.append({"type": "Policy", "message": f"DAG {dag_id!r} is left out by a policy: {reason}"})
        except Exception as error:
            del loaded.dags[dag_id]
            loaded.errors.append(LoadError(loaded.path, f"DAG {dag_id!r}: {format_error(error, loaded.path, depth)}"))


def _local_modules(before: set[str], path: str, dags_folder: str) -> list[str]:
    """Files below the DAGs folder that this file imported: a change in one of them must parse this file again."""
    root = os.path.join(os.path.realpath(dags_folder), "")
    own = os.path.realpath(path)
    found = set()
    for name, module in list(sys.modules.items()):
        source = getattr(module, "__file__", None)
        if name in before or not isinstance(source, str):
            continue
        real = os.path.realpath(source)
        if real.startswith(root) and real != own:
            found.add(real)
    return sorted(found)


def format_error(error: BaseException, path: str, depth: int = TRACEBACK_DEPTH) -> str:
    """The traceback from the user's file on, at most the last ``depth`` frames of it."""
    tb = error.__traceback__
    own = tb
    while own is not None and own.tb_frame.f_code.co_filename != path:
        own = own.tb_next
    frames = traceback.extract_tb(own if own is not None else tb)
    if own is None and isinstance(error, SyntaxError):
        frames = traceback.StackSummary()
    kept = frames[-depth:] if depth > 0 else frames
    lines = ["Traceback (most recent call last):\n", *traceback.StackSummary.from_list(kept).format()] if kept else []
    lines += traceback.format_exception_only(type(error), error)
    return "".join(lines)


def _line_of(error: BaseException, path: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None
