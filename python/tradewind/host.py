"""The host: a warm Python process that has imported Airflow's names and forks parsers, templates and attempts.

It imports no DAG file itself and has one thread, so that a fork of it is always in order.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from collections.abc import Callable

from tradewind import attempt, callback, parser, process, rehearsal, template, timetables
from tradewind.frames import Connection, Frame
from tradewind.nursery import ORPHAN_GRACE, Nursery

#: Imported ahead because nearly every DAG file or task needs them; what is missing in this installation is left out.
WARM_MODULES = (
    "airflow.sdk",
    "airflow.macros",
    "airflow.decorators",
    "airflow.models",
    "airflow.operators.bash",
    "airflow.operators.python",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.python",
    "airflow.providers.standard.operators.empty",
    "airflow.sensors.base",
    "subprocess",
    "jinja2.sandbox",
    "jinja2.nativetypes",
)


def main() -> int:
    """``python -m tradewind.host --socket PATH``."""
    # argparse would stay in the memory of every fork, for one option.
    if len(sys.argv) != 3 or sys.argv[1] != "--socket":
        print("usage: python -m tradewind.host --socket PATH (the Unix socket the Rust side listens on)", file=sys.stderr)
        return 2
    path = sys.argv[2]
    warm()
    faulthandler.enable()
    process.set_socket_path(path)
    try:
        connection = Connection.connect(path)
    except OSError as error:
        print(f"tradewind.host: cannot connect to {path}: {error.strerror}", file=sys.stderr)
        return 1
    connection.send({"type": "hello", "role": "host", "id": "host", "pid": os.getpid()})
    serve(connection)
    return 0


def warm() -> None:
    """Import ahead, then keep the collector away from all of it: a child must not copy pages only to mark them."""
    import importlib

    for name in WARM_MODULES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            # Optional parts of the authoring API; a broken import would come up again in the DAG file that needs it.
            print(f"tradewind.host: {name} is not imported ahead: {error}", file=sys.stderr)
    states = rehearsal.rehearse()
    if states != ["success", "failed"]:
        raise RuntimeError(f"the rehearsal of a task ended {states} instead of success and failed: this installation is broken")
    gc.collect()
    gc.freeze()


def serve(connection: Connection) -> None:
    """Answer commands until ``shutdown`` or the end of the connection."""
    # Templates end their own attempts first, so the host waits longer than they do.
    nursery = Nursery(connection, grace=ORPHAN_GRACE + 2)

    def fork(child_id: str, body: Callable[[], None]) -> None:
        def child() -> None:
            # Files of users change under the feet of byte code with a resolution of seconds; keep theirs out of __pycache__.
            sys.dont_write_bytecode = True
            body()

        nursery.spawn(child_id, child)

    def handle(frame: Frame) -> bool:
        kind = frame["type"]
        if kind == "parse":
            fork(frame["id"], lambda: parser.run(frame))
        elif kind == "timetable":
            fork(frame["id"], lambda: timetables.run(frame))
        elif kind == "template":
            fork(frame["id"], lambda: template.run(frame))
        elif kind == "run":
            fork(frame["attempt"]["attempt_id"], lambda: attempt.run(frame["attempt"], None))
        elif kind == "callback":
            fork(frame["id"], lambda: callback.run(frame))
        elif kind == "guard":
            nursery.guard(frame["seconds"], frame.get("grace", 0.0))
        elif kind == "triggers":
            fork(frame["id"], lambda: _run_triggers(frame))
        return bool(kind != "shutdown")

    nursery.serve(handle)


def _run_triggers(frame: Frame) -> None:
    # Only here: asyncio is large, and attempts have no use for it.
    from tradewind import triggers

    triggers.run(frame)


if __name__ == "__main__":
    sys.exit(main())
