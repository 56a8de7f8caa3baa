"""What a running attempt may ask of the control plane, over its socket (docs/reference/python-frames.md, "Attempt to Rust").

One class holds the calls and their shapes; how a call travels (``call``) is for the subclass: a socket here, memory in
``tradewind.inprocess``.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from airflow._runtime import RuntimeCallError
from tradewind import interrupts
from tradewind.frames import Connection, Frame, FrameError
from tradewind.times import to_wire


class Runtime:
    """The calls, with Python values. Failures are ``RuntimeCallError`` with the frame's code."""

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Carry one call out and give its result."""
        raise NotImplementedError

    def tell(self, method: str, params: dict[str, Any]) -> None:
        """A call that needs no answer."""
        self.call(method, params)

    def xcom_get(
        self, dag_id: str, run_id: str, task_id: str, key: str, map_index: int = -1, include_prior_dates: bool = False
    ) -> str | None:
        """The JSON text of one XCom, ``None`` when there is none."""
        params = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "key": key, "map_index": map_index}
        out = self.call("xcom.get", {**params, "include_prior_dates": include_prior_dates})
        return out["value"] if out["found"] else None

    def xcom_list(
        self, dag_id: str, run_id: str, task_id: str, key: str, include_prior_dates: bool = False
    ) -> list[tuple[int, str]]:
        """All XComs of a task under a key as (map index, JSON text), by map index."""
        params = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "key": key}
        out = self.call("xcom.list", {**params, "include_prior_dates": include_prior_dates})
        return [(index, text) for index, text in out["values"]]

    def xcom_set(self, key: str, value: str) -> None:
        """Store the JSON text ``value`` as an XCom of this task instance."""
        self.call("xcom.set", {"key": key, "value": value})

    def xcom_delete(self, key: str) -> None:
        """Remove an XCom of this task instance."""
        self.call("xcom.delete", {"key": key})

    def variable_get(self, key: str) -> str | None:
        out = self.call("variable.get", {"key": key})
        return out["value"] if out["found"] else None

    def variable_set(self, key: str, value: str, description: str | None = None) -> None:
        self.call("variable.set", {"key": key, "value": value, "description": description})

    def variable_delete(self, key: str) -> int:
        return int(self.call("variable.delete", {"key": key})["deleted"])

    def variable_keys(self, prefix: str | None = None) -> list[str]:
        return list(self.call("variable.keys", {"prefix": prefix})["keys"])

    def connection_get(self, conn_id: str) -> dict[str, Any] | None:
        out = self.call("connection.get", {"conn_id": conn_id})
        return out["connection"] if out["found"] else None

    def rendered_set(self, fields: dict[str, Any]) -> None:
        self.tell("rendered.set", {"fields": fields})

    def map_label_set(self, label: str) -> None:
        self.tell("map_label.set", {"label": label})

    def dag_run_get(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        out = self.call("dag_run.get", {"dag_id": dag_id, "run_id": run_id})
        return out["dag_run"] if out["found"] else None

    def dag_run_previous(
        self, state: str | None = None, dag_id: str | None = None, logical_date: datetime | None = None
    ) -> dict[str, Any] | None:
        """The run before this one (or before ``logical_date`` of ``dag_id``), with ``state`` when given."""
        params = _given(state=_text(state), dag_id=dag_id, logical_date=to_wire(logical_date))
        out = self.call("dag_run.previous", params)
        return out["dag_run"] if out["found"] else None

    def dag_run_count(
        self,
        dag_id: str,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
    ) -> int:
        params = _given(dag_id=dag_id, logical_dates=_times(logical_dates), run_ids=_list(run_ids), states=_list(states))
        return int(self.call("dag_run.count", params)["count"])

    def dag_run_list(
        self,
        dag_id: str,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        params = _given(dag_id=dag_id, logical_dates=_times(logical_dates), run_ids=_list(run_ids), states=_list(states))
        return list(self.call("dag_run.list", params)["dag_runs"])

    def dag_run_trigger(
        self,
        dag_id: str,
        run_id: str | None = None,
        logical_date: datetime | None = None,
        conf: dict[str, Any] | None = None,
        run_after: datetime | None = None,
        note: str | None = None,
        reset: bool = False,
    ) -> str:
        params = _given(dag_id=dag_id, run_id=run_id, logical_date=to_wire(logical_date), run_after=to_wire(run_after), note=note)
        return str(self.call("dag_run.trigger", {**params, "conf": conf or {}, "reset": reset})["run_id"])

    def dag_run_asset_events(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The events of assets that made a run."""
        return list(self.call("dag_run.asset_events", {"dag_id": dag_id, "run_id": run_id})["events"])

    def asset_events(
        self,
        name: str | None = None,
        uri: str | None = None,
        alias: str | None = None,
        after: str | None = None,
        before: str | None = None,
        ascending: bool = True,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Events of an asset (by name, URI or both) or of an alias, at most 1,000."""
        params = _given(name=name, uri=uri, alias=alias, after=after, before=before, ascending=ascending, limit=limit)
        return list(self.call("asset.events", params)["events"])

    def asset_get(self, name: str) -> dict[str, Any] | None:
        """What is known of the asset with this name."""
        out = self.call("asset.get", {"name": name})
        return out["asset"] if out["found"] else None

    def mail_enqueue(
        self, key: str, recipients: list[str], subject: str, message: bytes, conn_id: str = "", sender: str = ""
    ) -> bool:
        """Put a whole mail in the outbox, from which it is delivered; ``False`` when there is no outbox (a run in one process)."""
        text = base64.b64encode(message).decode("ascii")
        params = {"key": key, "recipients": recipients, "subject": subject, "message": text, "conn_id": conn_id, "sender": sender}
        return not self.call("mail.enqueue", params).get("direct", False)

    def hitl_ask(
        self,
        *,
        subject: str,
        body: str | None,
        options: Sequence[str],
        defaults: Sequence[str] | None,
        multiple: bool,
        params: dict[str, Any],
        assigned_users: Sequence[dict[str, str]],
    ) -> None:
        """Put a question to people; the task then waits for the answer."""
        values: dict[str, Any] = {"subject": subject, "body": body, "options": list(options), "defaults": _list(defaults)}
        self.call("hitl.ask", {**values, "multiple": multiple, "params": params, "assigned_users": list(assigned_users)})

    def ti_states(
        self,
        dag_id: str,
        task_ids: Sequence[str] | None = None,
        group_id: str | None = None,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        map_index: int | None = None,
    ) -> dict[str, dict[str, str | None]]:
        params = _given(dag_id=dag_id, task_ids=_list(task_ids), group_id=group_id, map_index=map_index)
        params |= _given(logical_dates=_times(logical_dates), run_ids=_list(run_ids))
        return dict(self.call("ti.states", params)["states"])

    def ti_count(
        self,
        dag_id: str,
        task_ids: Sequence[str] | None = None,
        group_id: str | None = None,
        logical_dates: Sequence[datetime] | None = None,
        run_ids: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        map_index: int | None = None,
    ) -> int:
        params = _given(dag_id=dag_id, task_ids=_list(task_ids), group_id=group_id, map_index=map_index)
        params |= _given(logical_dates=_times(logical_dates), run_ids=_list(run_ids), states=_list(states))
        return int(self.call("ti.count", params)["count"])

    def ti_previous(self, state: str | None = None) -> dict[str, Any] | None:
        """This task's instance in the run before."""
        out = self.call("ti.previous", _given(state=_text(state)))
        return out["ti"] if out["found"] else None

    def dag_get(self, dag_id: str) -> dict[str, Any] | None:
        """What is known of a DAG."""
        out = self.call("dag.get", {"dag_id": dag_id})
        return out["dag"] if out["found"] else None

    def dag_pause(self, dag_id: str, is_paused: bool) -> bool:
        """Pause or unpause a DAG; whether that changed anything."""
        return bool(self.call("dag.pause", {"dag_id": dag_id, "is_paused": is_paused})["changed"])

    def dag_schedule(self, dag_id: str, after: datetime | None = None) -> dict[str, Any]:
        return self.call("dag.schedule", _given(dag_id=dag_id, after=to_wire(after)))

    def mask(self, values: Iterable[str]) -> None:
        self.tell("mask", {"values": [value for value in values if value]})


class SocketRuntime(Runtime):
    """Calls over the attempt's connection, one at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next_id = 0
        # User code may call from threads of its own.
        self._lock = threading.Lock()
        self.cache: dict[str, list[tuple[int, str]]] = {}
        self._own_run: tuple[str, str] | None = None

    def prefetch(self, dag_id: str, run_id: str, xcom: dict[str, Any]) -> None:
        """Take the return values that START carried; complete for each task it names."""
        self._own_run = (dag_id, run_id)
        self.cache = {task_id: [(index, text) for index, text in entry["values"]] for task_id, entry in xcom.items()}

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        with interrupts.hold(), self._lock:
            self._next_id += 1
            request = self._next_id
            self._connection.send({"type": "request", "id": request, "method": method, "params": params})
            frame = self._response(request)
        error = frame.get("error")
        if error is not None:
            raise RuntimeCallError(error.get("code", "unavailable"), error.get("message", ""))
        return frame.get("result") or {}

    def _response(self, request: int) -> Frame:
        while True:
            frame = self._connection.receive()
            if frame is None:
                raise RuntimeCallError("unavailable", "the worker has closed the connection")
            if frame["type"] == "response" and frame.get("id") == request:
                return frame
            # The answer to a call that a signal (a timeout) broke off: nobody waits for it any more.
            if frame["type"] != "response":
                raise FrameError(f"unexpected frame {frame['type']!r} while waiting for the answer to request {request}")

    def tell(self, method: str, params: dict[str, Any]) -> None:
        with interrupts.hold(), self._lock:
            self._connection.send({"type": "request", "id": None, "method": method, "params": params})

    def xcom_get(
        self, dag_id: str, run_id: str, task_id: str, key: str, map_index: int = -1, include_prior_dates: bool = False
    ) -> str | None:
        known = self._prefetched(dag_id, run_id, task_id, key)
        if known is None or (include_prior_dates and not known):
            return super().xcom_get(dag_id, run_id, task_id, key, map_index, include_prior_dates)
        return dict(known).get(map_index)

    def xcom_list(
        self, dag_id: str, run_id: str, task_id: str, key: str, include_prior_dates: bool = False
    ) -> list[tuple[int, str]]:
        known = self._prefetched(dag_id, run_id, task_id, key)
        if known is None or (include_prior_dates and not known):
            return super().xcom_list(dag_id, run_id, task_id, key, include_prior_dates)
        return known

    def _prefetched(self, dag_id: str, run_id: str, task_id: str, key: str) -> list[tuple[int, str]] | None:
        if key != "return_value" or (dag_id, run_id) != self._own_run:
            return None
        return self.cache.get(task_id)

    def finish(self, result: dict[str, Any]) -> Frame | None:
        """Send the result and wait for its ``ack``; ``None`` when the worker is gone, or when the result asks for none."""
        with interrupts.hold(), self._lock:
            self._connection.send(result)
            if result.get("ack") is False:
                return None
            while (frame := self._connection.receive()) is not None:
                if frame["type"] == "ack":
                    return frame
        return None


def _given(**params: Any) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _text(value: Any) -> str | None:
    return None if value is None else str(getattr(value, "value", value))


def _list(values: Iterable[Any] | None) -> list[str] | None:
    return None if values is None else [str(getattr(value, "value", value)) for value in values]


def _times(values: Iterable[datetime] | None) -> list[str] | None:
    return None if values is None else [to_wire(value) for value in values]
