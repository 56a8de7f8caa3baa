"""Does something with each file in a process of its own, forked from one that has imported what all need; prints a line of JSON for each."""
from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

SECONDS = float(os.environ.get("COMPAT_SECONDS", "180"))


def main(work: Callable[[str], dict[str, Any]]) -> None:
    for path in sys.argv[1:]:
        answer = {"path": path, **_one(work, path)}
        print(json.dumps(answer), flush=True)


def _one(work: Callable[[str], dict[str, Any]], path: str) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        # What tasks print is not the answer.
        log = os.open(os.environ["COMPAT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            found = work(path)
        except BaseException:
            found = {"broken": traceback.format_exc()[-1500:]}
        with os.fdopen(writing, "w") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(writing)
    data, end = b"", time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            os.killpg(child, signal.SIGKILL)
            break
        piece = os.read(reading, 1 << 16)
        if not piece:
            break
        data += piece
    os.close(reading)
    os.waitpid(child, 0)
    if not data:
        return {"broken": f"no end within {SECONDS:.0f} s"}
    answer: dict[str, Any] = json.loads(data)
    return answer
