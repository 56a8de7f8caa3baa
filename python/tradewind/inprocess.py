"""Runs a DAG or one task in the current process, with logs on the terminal and without a database.

``dag.test()`` calls :func:`dag_test`; the command line calls ``python -m tradewind.inprocess dag|task|render ...``.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow._runtime import set_runtime
from airflow.configuration import conf
from tradewind import loader, logs, rendering, times
from tradewind.context import build
from tradewind.execute import Execution
from tradewind.localrun import LocalRun, LocalRuntime
from tradewind.taskinstance import TaskInstance

log = logging.getLogger("airflow.task")

#: Exit codes of the command line.
OK, FAILED, USAGE = 0, 1, 2


class UsageError(Exception):
    """The caller named something that is not there; the text says what would be right."""


def dag_test(
    dag: Any,
    run_after: datetime | None = None,
    logical_date: datetime | None = None,
    run_conf: dict[str, Any] | None = None,
    conn_file_path: str | None = None,
    variable_file_path: str | None = None,
    use_executor: bool = False,
    mark_success_pattern: str | re.Pattern[str] | None = None,
    execution_date: datetime | None = None,
    **_: Any,
) -> LocalRun:
    """Run every task of ``dag`` once, in order, in this process. The result has ``state`` and ``states``."""
    if use_executor:
        log.warning("use_executor has no effect: a test run has no executor, its tasks run in this process")
    terminal_logging()
    runtime = LocalRuntime(read_variables(variable_file_path), read_connections(conn_file_path))
    moment = _aware(logical_date or execution_date or run_after or times.now())
    run = LocalRun(dag, dag_run_of(dag, moment, run_conf or {}), runtime)
    for task in dag.tasks:
        if mark_success_pattern is not None and re.search(mark_success_pattern, task.task_id):
            run.states[task.task_id] = {-1: "success"}
    run.run()
    return run


def _aware(moment: datetime) -> datetime:
    from airflow.sdk.timezone import coerce_datetime

    return coerce_datetime(moment).in_timezone("UTC")


def dag_run_of(
    dag: Any,
    moment: datetime | None,
    run_conf: dict[str, Any],
    run_id: str | None = None,
    interval: tuple[Any, Any] | None = None,
) -> dict[str, Any]:
    """A manual run as it travels in frames."""
    now = times.to_wire(times.now())
    logical = times.to_wire(moment)
    start, end = interval if interval is not None else (logical, logical)
    return {
        "dag_id": dag.dag_id,
        "run_id": run_id or f"manual__{(moment or times.now()).isoformat()}",
        "run_type": "manual",
        "state": "running",
        "logical_date": logical,
        "data_interval_start": start,
        "data_interval_end": end,
        "run_after": now,
        "start_date": now,
        "conf": run_conf,
        "clear_number": 0,
    }


def terminal_logging() -> None:
    """Log lines for people, on stdout; a logging set-up that is already there stays."""
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(conf.get("logging", "logging_level", fallback="INFO").upper())


def read_variables(path: str | None) -> dict[str, str]:
    """Variables from a JSON, YAML or ``.env`` file: name to value."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in _read(path).items()}


def read_connections(path: str | None) -> dict[str, dict[str, Any]]:
    """Connections from a JSON, YAML or ``.env`` file: id to URI or fields."""
    from airflow.sdk import Connection

    out = {}
    for conn_id, value in _read(path).items():
        if isinstance(value, str):
            value = Connection.from_uri(value, conn_id=conn_id).to_dict()
        extra = value.get("extra")
        out[conn_id] = {
            **value,
            "conn_id": conn_id,
            "extra": extra if isinstance(extra, str) or extra is None else json.dumps(extra),
        }
    return out


def _read(path: str | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    with open(path, encoding="utf-8") as file:
        text = file.read()
    extension = os.path.splitext(path)[1].lower()
    if extension in (".yaml", ".yml"):
        import yaml

        data = yaml.safe_load(text)
    elif extension == ".env":
        pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
        data = {name.strip(): value.strip() for name, value in pairs}
    elif extension == ".json":
        data = json.loads(text)
    else:
        raise UsageError(f"{path}: the name has to end in .json, .yaml or .env")
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected an object of names and values, found {type(data).__name__}")
    return data


def _load(options: argparse.Namespace) -> Any:
    path = os.path.abspath(options.file)
    loaded = loader.load(path, os.path.abspath(options.dags_folder or os.path.dirname(path)))
    for error in loaded.errors:
        raise UsageError(f"{error.filename} cannot be loaded:\n{error.stacktrace}")
    dag = loaded.dags.get(options.dag_id)
    if dag is None:
        raise UsageError(f"{path} has no DAG {options.dag_id!r}; it has {', '.join(sorted(loaded.dags)) or 'none'}")
    return dag


def _start(options: argparse.Namespace, dag: Any) -> dict[str, Any]:
    if not dag.has_task(options.task_id):
        raise UsageError(f"DAG {dag.dag_id!r} has no task {options.task_id!r}; it has {', '.join(sorted(dag.task_ids))}")
    run = _run_of(options, dag)
    task = dag.get_task(options.task_id)
    return {
        "attempt_id": "test",
        "dag_id": dag.dag_id,
        "run_id": run["run_id"],
        "task_id": options.task_id,
        "map_index": options.map_index,
        "try_number": 1,
        "max_tries": task.retries or 0,
        "dag_run": run,
        "ti": {"start_date": times.to_wire(times.now())},
    }


def _run_of(options: argparse.Namespace, dag: Any) -> dict[str, Any]:
    moment = None if options.logical_date is None else times.from_wire(options.logical_date)
    if moment is None and options.run_id is None:
        moment = times.now()
    interval = (options.data_interval_start, options.data_interval_end) if options.data_interval_start else None
    return dag_run_of(dag, moment, options.conf, options.run_id, interval)


def _runtime(options: argparse.Namespace) -> LocalRuntime:
    """Variables and connections that the caller has looked up."""
    return LocalRuntime(options.data.get("variables"), options.data.get("connections"))


def run_dag(options: argparse.Namespace) -> int:
    """``dag``: the whole run."""
    dag = _load(options)
    run = LocalRun(dag, _run_of(options, dag), _runtime(options), on_error=_post_mortem if options.post_mortem else None)
    if options.mark_success_pattern:
        for task in dag.tasks:
            if re.search(options.mark_success_pattern, task.task_id):
                run.states[task.task_id] = {-1: "success"}
    state = run.run()
    for task_id, states in run.states.items():
        for index, value in states.items():
            error = run.errors.get((task_id, index)) if value in ("failed", "upstream_failed") else None
            print(f"{task_id if index < 0 else f'{task_id}[{index}]'}: {value}" + (f" ({error})" if error else ""))
    print(f"Run {run.dag_run['run_id']} of {dag.dag_id}: {state}")
    return OK if state == "success" else FAILED


def run_task(options: argparse.Namespace) -> int:
    """``task``: one attempt of one task, without dependencies and without storing a state."""
    dag = _load(options)
    start = _start(options, dag)
    if options.task_params:
        start["dag_run"]["conf"] = {**start["dag_run"]["conf"], **options.task_params}
    os.environ.update({name: str(value) for name, value in (options.env_vars or {}).items()})
    runtime = _runtime(options)
    execution = Execution(start, dag, runtime, test_mode=True)
    runtime.current = execution.ti
    result = execution.run()
    if result["state"] == "failed" and options.post_mortem and execution.error is not None:
        _post_mortem(execution.error)
    if "return_value" in result:
        print(f"Return value: {result['return_value']}")
    if result.get("skip"):
        print(f"Skips: {', '.join(str(task) for task in result['skip'])}")
    print(f"Task {start['task_id']} of {dag.dag_id}: {result['state']}")
    return FAILED if result["state"] == "failed" else OK


def _post_mortem(error: BaseException) -> None:
    import pdb

    pdb.post_mortem(error.__traceback__)


def render_task(options: argparse.Namespace) -> int:
    """``render``: the template fields of one task, without running it."""
    dag = _load(options)
    start = _start(options, dag)
    runtime = _runtime(options)
    set_runtime(runtime)
    ti = TaskInstance(start, dag.get_task(options.task_id), runtime)
    runtime.current = ti
    context = ti._context = build(ti, test_mode=True)
    task = rendering.prepare(ti, context)
    for name in task.template_fields:
        ruler = "# " + "-" * 58
        print(f"{ruler}\n# property: {name}\n{ruler}\n{getattr(task, name, None)}\n")
    return OK


def _arguments(fixed_dag: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tradewind.inprocess", description="Run a DAG or a task in one process, without a database."
    )
    commands = parser.add_subparsers(required=True, metavar="dag|task|render")
    for name, action, text in (
        ("dag", run_dag, "run all tasks of a DAG"),
        ("task", run_task, "run one task"),
        ("render", render_task, "print the rendered templates of one task"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(action=action)
        if not fixed_dag:
            command.add_argument("--file", required=True, help="the DAG file")
            command.add_argument("--dags-folder", help="put on the import path; the file's folder unless given")
            command.add_argument("--dag-id", required=True)
        if name != "dag":
            command.add_argument("--task-id", required=True)
            command.add_argument("--map-index", type=int, default=-1)
        command.add_argument("--logical-date", help="RFC 3339; now unless given")
        command.add_argument("--data-interval-start")
        command.add_argument("--data-interval-end")
        command.add_argument("--run-id")
        command.add_argument("--conf", type=_json_object, default={}, help="the run's conf as JSON")
        command.add_argument("--task-params", type=_json_object, help="params as JSON")
        command.add_argument("--env-vars", type=_json_object, help="environment variables as JSON")
        command.add_argument("--post-mortem", action="store_true", help="open the debugger on an uncaught exception")
        command.add_argument("--mark-success-pattern", help="tasks whose id fits this expression are not run")
        command.add_argument(
            "--data-from-stdin", action="store_true", help='JSON {"variables": .., "connections": .., "config": ..}'
        )
        command.add_argument("--terminal", action="store_true", help="read from the terminal once the data are read")
    return parser


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f'{text!r} has to be a JSON object such as {{"key": 1}}')
    return value


def dag_cli(dag: Any) -> None:
    """``dag.cli()`` of a file run by hand: the same commands for this DAG."""
    options = _arguments(fixed_dag=True).parse_args()
    options.file, options.dag_id, options.dags_folder = dag.fileloc, dag.dag_id, None
    sys.exit(_run(options))


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """What the caller knows of the database and the configuration: a JSON object on stdin."""
    if not options.data_from_stdin:
        return {}
    try:
        given = json.load(sys.stdin)
    except ValueError as error:
        raise UsageError(f"stdin is not JSON: {error}") from None
    if options.terminal:
        _take_terminal()
    if not isinstance(given, dict):
        raise UsageError("stdin has to be a JSON object with variables, connections and config")
    return given


def _take_terminal() -> None:
    """The keyboard becomes the input, for debuggers."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the rest of the process


def _run(options: argparse.Namespace) -> int:
    try:
        options.data = _given(options)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    conf.install(options.data.get("config") or {})
    terminal_logging()
    logging.captureWarnings(True)
    try:
        return int(options.action(options))
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    except Exception as error:
        print(f"error: {logs.format_exception(error)}", file=sys.stderr)
        return FAILED


def main() -> int:
    """``python -m tradewind.inprocess``."""
    return _run(_arguments().parse_args())


if __name__ == "__main__":
    sys.exit(main())
