"""Asks a timetable that is a class of the user's: loads the DAG's file, calls the class, checks what it gives, answers, exits.

One answer names many runs ahead, so that a scheduler never waits for Python. Each call gets the interval of the run before it, as if that run had
just been made.
"""

from __future__ import annotations

import datetime as dt
import inspect
from typing import Any

from airflow._runtime import set_runtime
from airflow.configuration import conf
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils.types import DagRunType
from tradewind import loader, logs, process
from tradewind.frames import Frame
from tradewind.runtime import SocketRuntime
from tradewind.template import apply_environment
from tradewind.times import from_wire, to_wire

LONGEST_RUN_ID = 250


class Refused(Exception):
    """What a timetable gave cannot be used; the text says what is wrong with it."""


def run(frame: Frame) -> None:
    """Body of a freshly forked process."""
    connection = process.connect("parser", frame["id"])
    process.detach_input()
    apply_environment(frame)
    logs.install(conf.get("logging", "logging_level", fallback="INFO").upper())
    set_runtime(SocketRuntime(connection))
    answer = ask_file(frame["path"], frame["dags_folder"], frame["dag_id"], frame["question"], frame["at"])
    connection.send({"type": "timetable", "id": frame["id"], "answer": answer})


def ask_file(path: str, dags_folder: str, dag_id: str, question: dict[str, Any], at: str) -> dict[str, Any]:
    """The answer of the timetable of a DAG in a file."""
    loaded = loader.load(path, dags_folder)
    dag = loaded.dags.get(dag_id)
    if dag is None:
        reasons = "\n".join(error.stacktrace for error in loaded.errors)
        return failed(f"DAG {dag_id!r} is not in {path} any more" + (f":\n{reasons}" if reasons else ""))
    return ask(dag.timetable, question, at, path)


def failed(error: str) -> dict[str, Any]:
    """The answer that there is none."""
    return {"kind": "failed", "error": error}


def ask(timetable: Timetable, question: dict[str, Any], at: str, path: str = "") -> dict[str, Any]:
    """The answer of a timetable to a question of ``docs/reference/python-frames.md``; whatever goes wrong is an answer too."""
    if isinstance(timetable, AssetOrTimeSchedule):
        timetable = timetable.timetable
    name = timetable.type_name
    try:
        if question["kind"] == "manual":
            return _manual(timetable, from_wire(question["run_after"]))
        return _runs(timetable, question, at)
    except Refused as refused:
        return failed(f"timetable {name}: {refused}")
    except Exception as error:
        return failed(f"timetable {name} raised an error:\n{loader.format_error(error, path, 6)}")


def _manual(timetable: Timetable, run_after: Any) -> dict[str, Any]:
    given = timetable.infer_manual_data_interval(run_after=run_after)
    start, end = _interval(given, "infer_manual_data_interval")
    return {"kind": "manual", "interval": {"start": to_wire(start), "end": to_wire(end)}}


def _runs(timetable: Timetable, question: dict[str, Any], at: str) -> dict[str, Any]:
    last = question["last"] and DataInterval(from_wire(question["last"]["start"]), from_wire(question["last"]["end"]))
    earliest, latest = from_wire(question["earliest"]), from_wire(question["latest"])
    restriction = TimeRestriction(earliest=earliest, latest=latest, catchup=question["catchup"])
    until = from_wire(question.get("until"))
    names_runs = type(timetable).generate_run_id is not Timetable.generate_run_id
    runs: list[dict[str, Any]] = []
    ended = False
    before = last and DagRunInfo(last.end, last)
    while len(runs) < question["count"]:
        info = _next(timetable, before, restriction)
        if info is None:
            ended = True
            break
        start, end, run_after = _info(info)
        if last is not None and start <= last.start:
            if runs:
                # A class that goes by the present alone: it names the run after this one when that has been made.
                break
            raise Refused(
                f"next_dagrun_info gave a run for {start}, which is not later than the last one, {last.start}; "
                "it must go forward from last_automated_data_interval"
            )
        if earliest is not None and start < earliest:
            raise Refused(f"next_dagrun_info gave a run for {start}, before restriction.earliest, {earliest}")
        if latest is not None and start > latest:
            ended = True
            break
        row = {"start": to_wire(start), "end": to_wire(end), "run_after": to_wire(run_after)}
        if names_runs:
            row["run_id"] = _run_id(timetable, start, end, run_after)
        runs.append(row)
        last = DataInterval(start, end)
        before = DagRunInfo(run_after, last)
        if until is not None and run_after > until:
            break
    return {"kind": "runs", "from": question["last"], "runs": runs, "ended": ended, "at": at}


def _next(timetable: Timetable, before: DagRunInfo | None, restriction: TimeRestriction) -> Any:
    """The run after ``before``: by the method of 3.2 where the class has its own."""
    if type(timetable).next_dagrun_info_v2 is not Timetable.next_dagrun_info_v2:
        return timetable.next_dagrun_info_v2(last_dagrun_info=before, restriction=restriction)
    last = before.data_interval if before else None
    return timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)


def _info(info: Any) -> tuple[Any, Any, Any]:
    run_after = getattr(info, "run_after", None)
    if run_after is None:
        raise Refused(f"next_dagrun_info must give a DagRunInfo or None, not {info!r}")
    interval = getattr(info, "data_interval", None)
    if interval is None:
        raise Refused(f"next_dagrun_info gave a run without data_interval: {info!r}; DagRunInfo.exact(at) has an empty one")
    start, end = _interval(interval, "next_dagrun_info")
    return start, end, _moment(run_after, "next_dagrun_info", "run_after")


def _interval(interval: Any, method: str) -> tuple[Any, Any]:
    start, end = getattr(interval, "start", None), getattr(interval, "end", None)
    if start is None or end is None:
        raise Refused(f"{method} must give a DataInterval with start and end, not {interval!r}")
    start, end = _moment(start, method, "the interval's start"), _moment(end, method, "the interval's end")
    if end < start:
        raise Refused(f"{method} gave an interval that ends at {end}, before it starts at {start}")
    return start, end


def _moment(value: Any, method: str, what: str) -> Any:
    if not isinstance(value, dt.datetime):
        raise Refused(f"{method} gave {value!r} as {what}, where a datetime with a time zone is needed")
    if value.utcoffset() is None:
        raise Refused(f"{method} gave {value} as {what}, which has no time zone; pendulum.instance(value, tz='UTC') gives it one")
    return value


def _run_id(timetable: Timetable, start: Any, end: Any, run_after: Any) -> str:
    given: dict[str, Any] = {
        "run_type": DagRunType.SCHEDULED,
        "logical_date": start,
        "run_after": run_after,
        "data_interval": DataInterval(start, end),
    }
    parameters = inspect.signature(timetable.generate_run_id).parameters.values()
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        # The parameters of 2.x and 3.x differ; a class knows those of its own.
        wanted = {parameter.name for parameter in parameters}
        given = {name: value for name, value in given.items() if name in wanted}
    name = timetable.generate_run_id(**given)
    if not isinstance(name, str) or not name or len(name) > LONGEST_RUN_ID or ".." in name or "/" in name:
        raise Refused(
            f"generate_run_id gave {name!r}; a run id is a text of 1 to {LONGEST_RUN_ID} characters without '/' and '..'"
        )
    return name
