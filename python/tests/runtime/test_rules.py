"""Trigger rules of runs in one process against vectors; those with an unfinished or removed upstream are the scheduler's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from tradewind import rules

CASES = json.loads((Path(__file__).parent / "vectors" / "trigger_rules.json").read_text())["cases"]
ENDED = {"success", "failed", "skipped", "upstream_failed"}


def states(case: dict[str, Any]) -> list[str]:
    upstream = case["upstream"]
    return list(upstream.values()) if isinstance(upstream, dict) else upstream


ENDED_CASES = [case for case in CASES if set(states(case)) <= ENDED]
PLAIN = [case for case in ENDED_CASES if case["shape"] == "plain" and case["rule"] != "all_done_setup_success"]
SCOPED = [case for case in ENDED_CASES if case["shape"].startswith(("teardown", "indirect"))]


def test_there_are_cases() -> None:
    assert len(PLAIN) > 100
    assert len(SCOPED) > 20


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case["id"])
def test_plain(case: dict[str, Any]) -> None:
    assert rules.decide(case["rule"], case["upstream"]) == case["decision"]


def build(shape: str, rule: str) -> Any:
    """The target task of a shape, as the file's note describes it."""
    with DAG("shapes", schedule=None):
        names = {"teardown_2setups": "s1 s2 w", "teardown_2works": "s w1 w2"}.get(shape, "s w").split()
        nodes = {name: EmptyOperator(task_id=name) for name in names}
        if shape == "indirect_setup":
            target = EmptyOperator(task_id="target", trigger_rule=rule)
            nodes["s"] >> nodes["w"] >> target >> EmptyOperator(task_id="end").as_teardown(setups=nodes["s"])
            return target
        target = EmptyOperator(task_id="target")
        setups = [node for name, node in nodes.items() if name.startswith("s")]
        previous: Any = setups
        for name, node in nodes.items():
            if name.startswith("w"):
                previous >> node if not isinstance(previous, list) else [setup >> node for setup in previous]
                previous = node
        previous >> target.as_teardown(setups=setups)
        return target


@pytest.mark.parametrize("case", SCOPED, ids=lambda case: case["id"])
def test_setup_and_teardown(case: dict[str, Any]) -> None:
    target = build(case["shape"], case["rule"])
    known = case["upstream"]
    setups = [[known[setup.task_id]] for setup in rules.setups_of(target)]
    assert setups, "the target is in the scope of a setup"
    # Only ``always`` is above the scope, see LocalRun.
    decision = rules.RUN if case["rule"] == "always" else rules.decide_scope(setups, target.is_teardown)
    if decision == rules.RUN and not target.is_teardown:
        decision = rules.decide(case["rule"], [known[task.task_id] for task in target.upstream_list])
    assert decision == case["decision"]
