"""A whole run of one DAG in this process, task after task, with everything it stores in memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airflow._runtime import RuntimeCallError, get_runtime, set_runtime
from tradewind import callbacks, expand, rules, times
from tradewind.context import build
from tradewind.execute import Execution
from tradewind.runtime import Runtime
from tradewind.taskinstance import TaskInstance

log = logging.getLogger("airflow.task")

#: A run in one process takes this many attempts of one task at most, so that a sensor which never ends does end.
MAX_ATTEMPTS = 10_000


class LocalRuntime(Runtime):
    """XComs in memory; variables and connections from what was given (the environment comes before, as always)."""

    def __init__(
        self,
        variables: dict[str, str] | None = None,
        connections: dict[str, dict[str, Any]] | None = None,
        states: Callable[[], dict[str, str | None]] | None = None,
    ) -> None:
        self.variables = dict(variables or {})
        self.connections = dict(connections or {})
        self.xcoms: dict[tuple[str, str, str], dict[int, str]] = {}
        self.runs: dict[tuple[str, str], dict[str, Any]] = {}
        self.current: TaskInstance | None = None
        self.rendered: dict[str, Any] = {}
        self.asset_updates: list[dict[str, Any]] = []
        self._states = states or dict

    def store(self, task_id: str, run_id: str, key: str, map_index: int, text: str) -> None:
        self.xcoms.setdefault((run_id, task_id, key), {})[map_index] = text

    def clear(self, ti: TaskInstance) -> None:
        """An attempt starts: what an earlier one of this instance has pushed goes."""
        for (run_id, task_id, _), values in self.xcoms.items():
            if (run_id, task_id) == (ti.run_id, ti.task_id):
                values.pop(ti.map_index, None)

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            raise RuntimeCallError("unavailable", f"{method} needs a running Tradewind; this run is in one process without one")
        return handler(params)  # type: ignore[no-any-return]

    def _xcom_get(self, params: dict[str, Any]) -> dict[str, Any]:
        text = self.xcoms.get((params["run_id"], params["task_id"], params["key"]), {}).get(params["map_index"])
        return {"found": text is not None, "value": text}

    def update_assets(self, events: list[dict[str, Any]], ti: TaskInstance) -> None:
        """Keep what a task said of its outlets, for inlets of later tasks."""
        for event in events:
            source = {"source_dag_id": ti.dag_id, "source_run_id": ti.run_id, "source_task_id": ti.task_id}
            number, moment = len(self.asset_updates) + 1, times.to_wire(times.now())
            self.asset_updates.append({**source, **event, "id": number, "timestamp": moment, "source_map_index": ti.map_index})

    def _asset_events(self, params: dict[str, Any]) -> dict[str, Any]:
        def wanted(event: dict[str, Any]) -> bool:
            asset = event.get("asset")
            if asset is None:
                return False
            if "alias" in params:
                return params["alias"] in event.get("aliases", ())
            same = all(asset[part] == params[part] for part in ("name", "uri") if part in params)
            moment = event["timestamp"]
            return same and params.get("after", moment) <= moment <= params.get("before", moment)

        found = [event for event in self.asset_updates if wanted(event)]
        found = found if params.get("ascending", True) else found[::-1]
        return {"events": found[: params.get("limit")]}

    def _asset_get(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": False}

    def _dag_run_asset_events(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"events": []}

    def _xcom_list(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"values": sorted(self.xcoms.get((params["run_id"], params["task_id"], params["key"]), {}).items())}

    def _xcom_set(self, params: dict[str, Any]) -> dict[str, Any]:
        assert self.current is not None
        self.store(self.current.task_id, self.current.run_id, params["key"], self.current.map_index, params["value"])
        return {}

    def _xcom_delete(self, params: dict[str, Any]) -> dict[str, Any]:
        assert self.current is not None
        self.xcoms.get((self.current.run_id, self.current.task_id, params["key"]), {}).pop(self.current.map_index, None)
        return {}

    def _hitl_ask(self, params: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _mail_enqueue(self, params: dict[str, Any]) -> dict[str, Any]:
        # Without a control plane nobody would deliver it: the caller sends it itself.
        return {"direct": True}

    def _variable_get(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": params["key"] in self.variables, "value": self.variables.get(params["key"])}

    def _variable_set(self, params: dict[str, Any]) -> dict[str, Any]:
        self.variables[params["key"]] = params["value"]
        return {}

    def _variable_delete(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"deleted": 0 if self.variables.pop(params["key"], None) is None else 1}

    def _variable_keys(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"keys": sorted(key for key in self.variables if key.startswith(params["prefix"] or ""))}

    def _connection_get(self, params: dict[str, Any]) -> dict[str, Any]:
        found = self.connections.get(params["conn_id"])
        return {"found": found is not None, "connection": found}

    def _rendered_set(self, params: dict[str, Any]) -> dict[str, Any]:
        self.rendered = params["fields"]
        return {}

    def _map_label_set(self, params: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _mask(self, params: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _dag_run_get(self, params: dict[str, Any]) -> dict[str, Any]:
        run = self.runs.get((params["dag_id"], params["run_id"]))
        return {"found": run is not None, "dag_run": run}

    def _dag_run_previous(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": False}

    def _ti_previous(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": False}

    def _dag_get(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"found": False}

    def _dag_pause(self, params: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeCallError(
            "not_found", f"there is no DAG {params['dag_id']}: this is a run in one process, without a database"
        )

    def _dag_schedule(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"is_paused": False, "next": None, "latest_run": None}

    def _dag_run_trigger(self, params: dict[str, Any]) -> dict[str, Any]:
        run_id = params.get("run_id") or f"manual__{times.now().isoformat()}"
        log.warning("Run %s of %s is not started: this is a test in one process, without a scheduler", run_id, params["dag_id"])
        self.runs[params["dag_id"], run_id] = {
            "dag_id": params["dag_id"],
            "run_id": run_id,
            "state": "queued",
            "conf": params["conf"],
        }
        return {"run_id": run_id}

    def _ti_states(self, params: dict[str, Any]) -> dict[str, Any]:
        run_ids = params.get("run_ids") or sorted({run_id for dag_id, run_id in self.runs if dag_id == params["dag_id"]})
        return {"states": {run_id: self._states() for run_id in run_ids}}

    def _ti_count(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("states")
        return {"count": sum(1 for state in self._states().values() if wanted is None or state in wanted)}

    def _dag_run_count(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params.get("states")
        runs = [run for (dag_id, _), run in self.runs.items() if dag_id == params["dag_id"]]
        return {"count": sum(1 for run in runs if wanted is None or run["state"] in wanted)}

    def _dag_run_list(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted, ids = params.get("states"), params.get("run_ids")
        runs = [
            run for (dag_id, run_id), run in self.runs.items() if dag_id == params["dag_id"] and (ids is None or run_id in ids)
        ]
        return {"dag_runs": [run for run in runs if wanted is None or run["state"] in wanted]}


@dataclass
class LocalRun:
    """One run: ``states`` by task id and map index (-1 without mapping), and its own state when it has ended."""

    dag: Any
    dag_run: dict[str, Any]
    runtime: LocalRuntime
    state: str = "running"
    states: dict[str, dict[int, str]] = field(default_factory=dict)
    errors: dict[tuple[str, int], str] = field(default_factory=dict)
    #: Direct downstream instances that a branch has skipped: task id to map indexes, ``None`` for all of them.
    skipped: dict[str, set[int | None]] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    #: Told of the exception of each attempt that fails.
    on_error: Callable[[BaseException], None] | None = None
    #: The DAG has ``fail_fast`` and a task has failed: what has not started yet is skipped.
    _failed_fast: bool = False

    def __post_init__(self) -> None:
        self.runtime._states = self._flat_states
        self.runtime.runs[self.dag.dag_id, self.dag_run["run_id"]] = self.dag_run

    def _flat_states(self) -> dict[str, str | None]:
        return {
            task_id if index < 0 else f"{task_id}_{index}": state
            for task_id, by_index in self.states.items()
            for index, state in by_index.items()
        }

    def run(self) -> str:
        """Run every task in topological order; gives the run's state."""
        before = get_runtime()
        set_runtime(self.runtime)
        try:
            for task in self.dag.topological_sort():
                if task.task_id in self.states:
                    continue
                for index in self._indexes(task):
                    self._settle(task, index)
            self._finish()
        finally:
            set_runtime(before)
        return self.state

    def start(self, task: Any, index: int, try_number: int) -> dict[str, Any]:
        """START for one attempt."""
        return {
            "attempt_id": f"{task.task_id}-{index}-{try_number}",
            "dag_id": self.dag.dag_id,
            "run_id": self.dag_run["run_id"],
            "task_id": task.task_id,
            "map_index": index,
            "try_number": try_number,
            "max_tries": task.retries or 0,
            "map_length": len(self.states.get(task.task_id, {})) if index >= 0 else None,
            "dag_run": self.dag_run,
            "ti": {"start_date": times.to_wire(times.now())},
        }

    def _indexes(self, task: Any) -> list[int]:
        """The map indexes of a task; a task that cannot be expanded gets its state here."""
        owner = task if task.is_mapped else task.get_closest_mapped_task_group()
        if owner is None:
            return [-1]
        sources = {operator.task_id for operator, _ in owner.expand_input.iter_references()}
        for source in sorted(sources):
            seen = set(self.states.get(source, {}).values())
            if "failed" in seen or "upstream_failed" in seen:
                return self._whole(task, "upstream_failed")
            if seen == {"skipped"}:
                return self._whole(task, "skipped")
        try:
            ti = TaskInstance(self.start(task, -1, 1), task, self.runtime)
            length = expand.length(owner.expand_input, {"ti": ti, "task": task})
        except Exception as error:
            log.exception("Task %s cannot be expanded", task.task_id)
            self.errors[task.task_id, -1] = str(error)
            return self._whole(task, "failed")
        return list(range(length)) if length else self._whole(task, "skipped")

    def _whole(self, task: Any, state: str) -> list[int]:
        self.states[task.task_id] = {-1: rules.SKIPPED if self._failed_fast and not task.is_teardown else state}
        return []

    def _settle(self, task: Any, index: int) -> None:
        """Bring one task instance to its final state."""
        state = self._decide(task, index)
        if self._failed_fast and not task.is_teardown:
            state = rules.SKIPPED
        if state == rules.RUN:
            state = self._attempts(task, index)
            self._failed_fast = self._failed_fast or (self.dag.fail_fast and state == "failed")
        else:
            log.info("Task %s is %s", _name(task, index), state)
        self.states.setdefault(task.task_id, {})[index] = state

    def _decide(self, task: Any, index: int) -> str:
        marked = self.skipped.get(task.task_id, set())
        if None in marked or index in marked:
            return rules.SKIPPED
        rule = str(getattr(task.trigger_rule, "value", task.trigger_rule))
        if rule in ("always", "dummy"):
            return rules.RUN
        scope = rules.decide_scope([self._states_before(task, setup, index) for setup in rules.setups_of(task)], task.is_teardown)
        if scope != rules.RUN or task.is_teardown:
            return scope
        before = [state for upstream in task.upstream_list for state in self._states_before(task, upstream, index)]
        return rules.decide(rule, before)

    def _states_before(self, task: Any, upstream: Any, index: int) -> list[str]:
        """States of an upstream task that concern one instance: within a mapped group only the same index."""
        states = self.states.get(upstream.task_id, {})
        group = task.get_closest_mapped_task_group()
        if group is not None and upstream.get_closest_mapped_task_group() is group and index in states:
            return [states[index]]
        return list(states.values())

    def _attempts(self, task: Any, index: int) -> str:
        try_number = 1
        first_poke: str | None = None
        for _ in range(MAX_ATTEMPTS):
            start = self.start(task, index, try_number)
            start["ti"] = {**(start.get("ti") or {}), "first_poke_at": first_poke}
            began = times.now()
            execution = Execution(start, self.dag, self.runtime, test_mode=True, keep_task=True)
            self.runtime.current = execution.ti
            self.runtime.clear(execution.ti)
            result = execution.run()
            if result["state"] == "rescheduled":
                first_poke = first_poke or times.to_wire(began)
                self.sleep(max(0.0, (times.from_wire(result["reschedule_at"]) - times.now()).total_seconds()))
                continue
            if result["state"] == "failed" and self.on_error is not None and execution.error is not None:
                self.on_error(execution.error)
            state = self._final_state(result, execution.ti)
            self._store(result, execution.ti)
            execution.after(state)
            if state != "up_for_retry":
                return state
            first_poke = None
            log.info("Task %s failed on try %d, trying again at once (a test does not wait)", _name(task, index), try_number)
            try_number += 1
        self.errors[task.task_id, index] = f"the task was started {MAX_ATTEMPTS} times without an end"
        return "failed"

    def _final_state(self, result: dict[str, Any], ti: TaskInstance) -> str:
        if result["state"] != "failed":
            return str(result["state"])
        self.errors[ti.task_id, ti.map_index] = result["error"]["message"] or result["error"]["class"]
        return "up_for_retry" if result.get("retry") and ti.is_eligible_to_retry() else "failed"

    def _store(self, result: dict[str, Any], ti: TaskInstance) -> None:
        texts = dict(result.get("xcoms") or {})
        if "return_value" in result:
            texts["return_value"] = result["return_value"]
        self.runtime.update_assets(result.get("asset_events") or [], ti)
        for key, text in texts.items():
            self.runtime.store(ti.task_id, ti.run_id, key, ti.map_index, text)
        for entry in result.get("skip") or []:
            task_id, index = entry if isinstance(entry, (list, tuple)) else (entry, None)
            # Inside a mapped group a branch decides for its own index only.
            if index is None and ti.map_index >= 0:
                group = ti.task.get_closest_mapped_task_group()
                if group is not None and self.dag.get_task(task_id).get_closest_mapped_task_group() is group:
                    index = ti.map_index
            self.skipped.setdefault(task_id, set()).add(index)

    def _finish(self) -> None:
        """The run's state from its leaves, then the DAG's callbacks."""
        leaves = [state for leaf in self._leaves() for state in self.states.get(leaf, {}).values()]
        self.state = "failed" if any(state in ("failed", "upstream_failed") for state in leaves) else "success"
        self.dag_run["state"] = self.state
        self.dag_run["end_date"] = times.to_wire(times.now())
        name = f"on_{'success' if self.state == 'success' else 'failure'}_callback"
        if not self.dag.tasks or not callbacks.as_list(getattr(self.dag, name, None)):
            return
        last = self.dag.get_task(next(reversed(self.states)))
        context = build(TaskInstance(self.start(last, -1, 1), last, self.runtime), test_mode=True)
        context["reason"] = "success" if self.state == "success" else "task_failure"
        callbacks.run(self.dag, name, context)

    def _leaves(self) -> set[str]:
        """Tasks that decide the run: the last ones, and instead of a teardown what is before it."""
        found: set[str] = set()
        todo = [task for task in self.dag.tasks if not task.downstream_task_ids]
        while todo:
            task = todo.pop()
            if task.is_teardown and not task.on_failure_fail_dagrun:
                todo += [node for node in task.upstream_list if not node.is_setup]
            else:
                found.add(task.task_id)
        return found


def _name(task: Any, index: int) -> str:
    return task.task_id if index < 0 else f"{task.task_id}[{index}]"  # type: ignore[no-any-return]
