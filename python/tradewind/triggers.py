"""The trigger process: one asyncio loop with the triggers of many tasks.

Threads: the main one runs the loop and nothing else, a reader takes frames, a watcher looks whether the loop goes on. A trigger that blocks the loop is
told to the Rust side, which leaves this process to it: the others are ended here before they can take another step, and go on in another process.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from airflow._runtime import RuntimeCallError, set_runtime
from airflow.configuration import conf
from tradewind import loader, logs, process, triggerwire
from tradewind.dagrun import DagRun
from tradewind.frames import Connection, Frame
from tradewind.runtime import Runtime
from tradewind.template import apply_environment

log = logging.getLogger("airflow.trigger")

#: A loop that does not go on for so long, in seconds, is blocked.
BLOCKED = 2.0
#: How often the loop shows that it goes on, seconds.
BEAT = 0.1
#: How long ``cleanup`` and ``on_kill`` of a trigger may take, seconds.
CLEAN_UP = 10.0
#: How long the process may take to end once the Rust side is gone, seconds.
GONE_GRACE = 5.0
#: Frames of the stack that is shown of a blocked loop.
STACK = 12

_current: contextvars.ContextVar[int | None] = contextvars.ContextVar("trigger", default=None)


def run(frame: Frame) -> None:
    """Body of a freshly forked trigger process; ends when told to, or when the Rust side has gone."""
    os.setsid()
    connection = process.connect("triggers", frame["id"])
    process.detach_input()
    apply_environment(frame)
    loader.prepare_sys_path(frame["dags_folder"])
    runner = Runner(connection, frame.get("warn_after") or _warn_after())
    runner.install()
    runner.serve()


def _warn_after() -> float:
    return conf.getfloat("triggerer", "blocked_main_thread_warning_threshold", fallback=0.2)


class TriggerTask:
    """What a trigger knows of its task: ``self.task_instance``."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.dag_id: str = data["dag_id"]
        self.run_id: str = data["run_id"]
        self.task_id: str = data["task_id"]
        self.map_index: int = data["map_index"]
        self.try_number: int = data["try_number"]
        self.max_tries: int = data.get("max_tries") or 0
        self.state = "deferred"
        self.dag_run = DagRun.from_frame(data["dag_run"])

    def __getattr__(self, name: str) -> Any:
        # Questions about other runs (get_task_states ...) are the same as in a task.
        from tradewind.taskinstance import TaskInstance

        if name in ("get_task_states", "get_ti_count", "get_dr_count", "get_dagrun_state"):
            return getattr(TaskInstance, name)
        raise AttributeError(f"{name!r} of the task instance is not known to its trigger")


class LoopRuntime(Runtime):
    """Calls of triggers, from whatever thread they come."""

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._next_id = 0
        self._waiting: dict[int, list[Any]] = {}
        #: The loop itself waits for an answer, which is no fault of a trigger.
        self.loop_waits = False

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        arrived = threading.Event()
        with self._lock:
            self._next_id += 1
            request = self._next_id
            slot: list[Any] = [arrived, None]
            self._waiting[request] = slot
        in_loop = threading.current_thread() is threading.main_thread()
        self.loop_waits = self.loop_waits or in_loop
        try:
            self._send({"type": "request", "id": request, "method": method, "params": params})
            arrived.wait()
        finally:
            if in_loop:
                self.loop_waits = False
            with self._lock:
                self._waiting.pop(request, None)
        frame = slot[1] or {}
        error = frame.get("error")
        if error is not None:
            raise RuntimeCallError(error.get("code", "unavailable"), error.get("message", ""))
        return frame.get("result") or {}

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"type": "request", "id": None, "method": method, "params": params})

    def deliver(self, frame: Frame) -> None:
        """The answer to a call."""
        with self._lock:
            slot = self._waiting.get(frame.get("id") or 0)
        if slot is not None:
            slot[1] = frame
            slot[0].set()


class Runner:
    """See the module."""

    def __init__(self, connection: Connection, warn_after: float) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._warn_after = max(warn_after, 2 * BEAT)
        self._loop = asyncio.new_event_loop()
        self._loop.set_task_factory(self._new_task)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        #: Of every task of the loop, those that triggers start among them, whose it is.
        self._owners: dict[int, int] = {}
        self._killed: set[int] = set()
        self._files: dict[str, float] = {}
        #: Two threads that load one DAG file at the same time would see it half loaded.
        self._loading = threading.Lock()
        self._beat = time.monotonic()
        self._ending = False
        self.runtime = LoopRuntime(self._send)

    def install(self) -> None:
        """Logging, output and calls of this process are those of its triggers."""
        root = logging.getLogger()
        for handler in list(root.handlers):
            root.removeHandler(handler)
        root.addHandler(_TriggerLog(self))
        level = logging.getLevelName(conf.get("logging", "logging_level", fallback="INFO").upper())
        root.setLevel(level if isinstance(level, int) else logging.INFO)
        logging.getLogger("asyncio").setLevel(logging.WARNING)
        logging.captureWarnings(True)
        sys.stdout = _TriggerOutput(self, "trigger.stdout")  # type: ignore[assignment]
        sys.stderr = _TriggerOutput(self, "trigger.stderr")  # type: ignore[assignment]
        set_runtime(self.runtime)

    def serve(self) -> None:
        """Run the loop until the end."""
        self._loop.add_signal_handler(signal.SIGTERM, self._end)
        asyncio.set_event_loop(self._loop)
        for body in (self._read, self._watch):
            threading.Thread(target=body, name=body.__name__, daemon=True).start()
        self._loop.call_soon(self._show_beat)
        self._loop.run_forever()
        with contextlib.suppress(OSError):
            self._connection.close()

    # Frames

    def _send(self, frame: Frame) -> None:
        with self._sending:
            self._connection.send(frame)

    def tell(self, frame: Frame) -> None:
        """Send, whether somebody listens or not."""
        with contextlib.suppress(OSError):
            self._send(frame)

    def _read(self) -> None:
        handlers: dict[str, Callable[[Frame], None]] = {"start": self._start, "cancel": self._cancel, "ping": self._pong}
        while True:
            try:
                frame = self._connection.receive()
            except Exception:
                frame = None
            if frame is None:
                break
            if frame["type"] == "response":
                self.runtime.deliver(frame)
            elif frame["type"] == "shutdown":
                break
            elif frame["type"] in handlers:
                self._loop.call_soon_threadsafe(handlers[frame["type"]], frame)
        self._loop.call_soon_threadsafe(self._end)
        # The loop may be blocked for ever.
        time.sleep(GONE_GRACE)
        os._exit(0)

    def _pong(self, frame: Frame) -> None:
        self.tell({"type": "pong", "n": frame.get("n")})

    def _end(self) -> None:
        if self._ending:
            return
        self._ending = True
        for task in self._tasks.values():
            task.cancel()

        async def stop() -> None:
            await asyncio.wait(list(self._tasks.values()) or [asyncio.ensure_future(asyncio.sleep(0))], timeout=GONE_GRACE / 2)
            self._loop.stop()

        self._loop.create_task(stop())

    # Triggers

    def _new_task(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
        owner = _current.get()
        if owner is not None:
            self._owners[id(task)] = owner
            task.add_done_callback(lambda done: self._owners.pop(id(done), None))
        return task

    def _start(self, frame: Frame) -> None:
        number = frame["trigger"]
        token = _current.set(number)
        try:
            task = self._loop.create_task(self._run(number, frame))
        finally:
            _current.reset(token)
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    def _cancel(self, frame: Frame) -> None:
        number = frame["trigger"]
        if frame.get("kill"):
            self._killed.add(number)
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()

    async def _run(self, number: int, frame: Frame) -> None:
        trigger = None
        answer: Frame | None = None
        try:
            trigger = await self._make(frame)
            if trigger is None:
                answer = {"type": "stale"}
                return
            answer = triggerwire.event_frame(await _first_event(trigger))
        except asyncio.CancelledError:
            if number in self._killed and trigger is not None:
                await _bounded(trigger.on_kill(), "on_kill")
        except BaseException as error:
            log.error("Trigger %s failed: %s", frame["classpath"], error, exc_info=error)
            answer = triggerwire.failure_frame(error)
        finally:
            self._killed.discard(number)
            if trigger is not None:
                await _bounded(trigger.cleanup(), "cleanup")
            if answer is not None:
                # After everything the trigger has to say: what is logged later would come after its task has gone on.
                self.tell({**answer, "trigger": number})

    async def _make(self, frame: Frame) -> Any:
        """The trigger; ``None`` when its code has changed since this process loaded it."""
        classpath, task = frame["classpath"], frame["task"]
        # Importing may take long, and is no fault of the trigger.
        load = asyncio.get_running_loop().run_in_executor(None, self._load, classpath, task, frame["kwargs"])
        loaded = await load
        if loaded is None:
            return None
        cls, kwargs = loaded
        trigger = cls(**kwargs)
        trigger.task_instance = TriggerTask(task)
        trigger.trigger_id = frame["trigger"]
        return trigger

    def _load(self, classpath: str, task: dict[str, Any], kwargs: str) -> tuple[Any, dict[str, Any]] | None:
        with self._loading:
            cls = _trigger_class(classpath, task)
        file = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if file:
            with contextlib.suppress(OSError):
                changed = os.stat(file).st_mtime
                if self._files.setdefault(file, changed) != changed:
                    return None
        return cls, dict(triggerwire.decode(kwargs))

    # The watch over the loop

    def _show_beat(self) -> None:
        self._beat = time.monotonic()
        self._loop.call_later(BEAT, self._show_beat)

    def _watch(self) -> None:
        """Body of the watcher: the loop has to show itself in time.

        Only the watcher's own steps count: where the machine gives this process no time, it comes late as well, and nobody is to blame.
        """
        main = threading.main_thread().ident or 0
        seen = warned = told = 0.0
        late = 0.0
        looked = time.monotonic()
        while True:
            time.sleep(BEAT)
            beat, now = self._beat, time.monotonic()
            late = late + min(now - looked, 2 * BEAT) if beat == seen else 0.0
            seen, looked = beat, now
            if late < self._warn_after or self.runtime.loop_waits or self._ending:
                continue
            number = self._running_now()
            if warned != beat:
                warned = beat
                self.log_line(
                    number, "warning", f"Triggerer's async loop has been blocked for {late:.2f} s: a trigger must not block"
                )
            if late >= BLOCKED and told != beat:
                told = beat
                stack = "".join(traceback.format_stack(sys._current_frames().get(main))[-STACK:])
                if number is not None:
                    self._leave_to(number)
                self.tell({"type": "blocked", "trigger": number, "seconds": late, "stack": stack})

    def _running_now(self) -> int | None:
        task = asyncio.current_task(self._loop)
        return None if task is None else self._owners.get(id(task))

    def _leave_to(self, number: int) -> None:
        """End everything but one trigger. The loop stands still meanwhile: nobody takes a step before it hears of its end."""
        for other, task in list(self._tasks.items()):
            if other != number:
                task.cancel()

    # Logs

    def log_line(self, number: int | None, level: str, text: str) -> None:
        """A line in the log of a trigger's task."""
        record = logging.LogRecord("airflow.trigger", getattr(logging, level.upper()), __file__, 0, text, None, None)
        self.emit(number, logs.entry(record))

    def emit(self, number: int | None, line: dict[str, Any]) -> None:
        """Send a line; without a trigger it goes to the log of the program."""
        self.tell({"type": "log", "trigger": number, "line": logs.encode(line)})


class _TriggerLog(logging.Handler):
    """Sends each record to the log of the task whose trigger wrote it."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._runner.emit(_current.get(), logs.entry(record))
        except Exception:
            self.handleError(record)


class _TriggerOutput:
    """``print`` of triggers: whole lines to the log of the task."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, runner: Runner, name: str) -> None:
        self._runner, self._name = runner, name
        self._begun: dict[int | None, str] = {}

    def write(self, text: str) -> int:
        number = _current.get()
        *lines, rest = (self._begun.pop(number, "") + text).split("\n")
        if rest:
            self._begun[number] = rest
        for line in lines:
            record = logging.LogRecord(self._name, logging.INFO, "", 0, line, None, None)
            self._runner.emit(number, logs.entry(record))
        return len(text)

    def flush(self) -> None:
        """Lines go out when they are whole."""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1


def _trigger_class(classpath: str, task: dict[str, Any]) -> Any:
    from airflow.utils.module_loading import import_string

    try:
        return import_string(classpath)
    except ImportError:
        path = task.get("path")
        module, _, name = classpath.rpartition(".")
        # A class of the DAG file itself: that is no module anybody could import.
        if not path or loader.module_name(path) != module:
            raise
        loaded = loader.load(path, task["dags_folder"])
        cls = getattr(sys.modules.get(module), name, None)
        if cls is None:
            why = loaded.errors[0].stacktrace if loaded.errors else "the file does not define it"
            raise ImportError(f"trigger {name} cannot be loaded from {path}: {why}") from None
        return cls


async def _first_event(trigger: Any) -> Any:
    events = trigger.run()
    try:
        async for event in events:
            return event
    finally:
        with contextlib.suppress(Exception):
            await events.aclose()
    raise RuntimeError("the trigger ended without an event")


async def _bounded(awaitable: Any, what: str) -> None:
    try:
        await asyncio.wait_for(awaitable, CLEAN_UP)
    except Exception as error:
        log.error("%s of the trigger failed: %s", what, error, exc_info=error)
