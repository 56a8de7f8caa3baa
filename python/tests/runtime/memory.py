"""A control plane in memory for tests of the pieces that need no process."""

from __future__ import annotations

from typing import Any

from tradewind.runtime import Runtime


class MemoryRuntime(Runtime):
    """Answers from dicts; ``calls`` keeps what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.xcoms: dict[tuple[str, str], dict[int, str]] = {}
        self.variables: dict[str, str] = {}
        self.answers: dict[str, dict[str, Any]] = {}

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((method, params))
        if method in self.answers:
            return self.answers[method]
        if method == "xcom.list":
            values = self.xcoms.get((params["task_id"], params["key"]), {})
            return {"values": sorted([index, text] for index, text in values.items())}
        if method == "xcom.get":
            values = self.xcoms.get((params["task_id"], params["key"]), {})
            text = values.get(params["map_index"])
            return {"found": text is not None, "value": text}
        if method == "variable.get":
            return {"found": params["key"] in self.variables, "value": self.variables.get(params["key"])}
        if method in ("dag_run.previous", "ti.previous", "connection.get", "dag_run.get"):
            return {"found": False}
        return {"states": {}, "count": 0, "keys": [], "deleted": 0, "next": None}
