"""Webhooks, commands, digests, late runs: the real product and receivers on loopback."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from measure import Product, until
from post import Hook, MailServer

QUICK = {"AIRFLOW__ALERTS__RETRY_FIRST": "0.05", "AIRFLOW__ALERTS__RETRY_LONGEST": "0.2", "AIRFLOW__ALERTS__CHECK_INTERVAL": "0.1"}


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook that fails at first."""
    made = Hook(500, 503)
    yield made
    made.stop()


def channels(**named: dict[str, Any]) -> dict[str, str]:
    return {**QUICK, "AIRFLOW__ALERTS__CHANNELS": json.dumps(named)}


def test_webhooks_and_commands_hear_what_they_ask_for(start: Callable[..., Product], hook: Hook, tmp_path: Path) -> None:
    page = tmp_path / "page.sh"
    page.write_text(f"#!/bin/sh\ncat >> {tmp_path}/pages.jsonl\n")
    page.chmod(0o755)
    env = channels(
        team={"type": "slack", "url": hook.url, "events": ["run_failure", "task_failure"], "tags": ["money"]},
        deaf={"type": "slack", "url": hook.url, "events": ["run_failure"], "dags": ["other_*"]},
        robot={"type": "webhook", "url": hook.url, "events": ["run_success"], "headers": {"Authorization": "Bearer W0RD"}},
        pager={"type": "command", "argv": [str(page)], "events": ["run_failure"], "dags": ["mail_*"]},
    )
    product = start("alerts.py", "bench.py", env=env)
    for dag_id, state in (("mail_fails", "failed"), ("chain3", "success")):
        product.ready(dag_id)
        product.finish(dag_id, product.trigger(dag_id), 0.02, state)
    until(lambda: len(hook.taken()) == 3 and (tmp_path / "pages.jsonl").exists(), 30, "everybody has heard", 0.02)
    texts = sorted(body["text"] for body in hook.taken() if "event" not in body)
    assert [text.splitlines()[0] for text in texts] == [
        "*Tradewind: mail_fails.broken failed (try 2 of 2)*", "*Tradewind: run of mail_fails failed*",
    ]
    assert "ValueError: no rows in &lt;report&gt;" in texts[0]
    event = next(body for body in hook.taken() if "event" in body)
    assert (event["event"], event["dag_id"], event["run"]["state"]) == ("run_success", "chain3", "success")
    assert {key for _, key, body in hook.got if "event" in body} == {"Bearer W0RD"}
    paged = [json.loads(line) for line in (tmp_path / "pages.jsonl").read_text().splitlines()]
    assert [(one["event"], one["reason"]) for one in paged] == [("run_failure", "a task has failed")]
    shown = json.dumps(product.call("GET", "/api/v2/tradewind/alerts/channels")) + json.dumps(
        product.call("GET", "/api/v2/tradewind/alerts/deliveries")) + (product.home / "product.log").read_text()
    assert "T0KEN" not in shown
    assert "W0RD" not in shown
    names = [one["name"] for one in product.call("GET", "/api/v2/tradewind/alerts/channels")["channels"]]
    assert names == ["email", "deaf", "pager", "robot", "team"]
    assert product.call("POST", "/api/v2/tradewind/alerts/test", {"channel": "pager"})["ok"] is True
    assert product.cli("alerts", "test", "--channel", "nobody").returncode == 3


def test_a_storm_of_failures_is_a_digest(start: Callable[..., Product], tmp_path: Path) -> None:
    server = MailServer(tmp_path / "mails")
    server.start()
    try:
        env = {**server.env(), **QUICK, "AIRFLOW__ALERTS__GROUP_AFTER": "5", "AIRFLOW__ALERTS__GROUP_WINDOW": "3",
               "AIRFLOW__CORE__PARALLELISM": "64"}
        product = start("alerts.py", env=env)
        product.ready("mail_storm")
        product.finish("mail_storm", product.trigger("mail_storm"), 0.1, "failed")

        def told() -> int:
            listed = product.call("GET", "/api/v2/tradewind/alerts/deliveries?state=sent&limit=100")["deliveries"]
            return sum(one["grouped_count"] or 1 for one in listed)

        until(lambda: told() == 500, 120, "all 500 failures were told of", 0.1)
        mails = server.mails()
        digests = [mail for mail in mails if mail.subject.endswith(" alerts")]
        # Five for each stretch of time that the storm takes; a slow machine needs several.
        assert len(mails) - len(digests) <= 15
        assert 1 <= len(digests) <= 40
        longest = max(digests, key=lambda mail: len(mail.text()))
        assert "mail_storm.fails [" in longest.text()
        assert "RuntimeError: number " in longest.text()
        assert len(longest.links()) >= 2
    finally:
        server.stop()


def test_late_runs_and_runs_that_do_not_start(start: Callable[..., Product], tmp_path: Path) -> None:
    hook = Hook()
    gate = tmp_path / "gate"
    try:
        env = channels(ops={"type": "webhook", "url": hook.url, "events": ["run_late", "run_never_started"]})
        env |= {"AIRFLOW__ALERTS__LATE_AFTER_BY_DAG": '{"lingers": 0.5, "*": 0}', "AIRFLOW__ALERTS__NEVER_STARTED_AFTER": "1", "GATE": str(gate)}
        product = start("alerts.py", env=env)
        product.ready("lingers")
        run_id = product.trigger("lingers")
        until(lambda: hook.taken(), 30, "the late run is told of", 0.02)
        late = hook.taken()[0]
        assert (late["event"], late["run"]["run_id"], late["late"]["rule"]) == ("run_late", run_id, "[alerts] late_after_by_dag, lingers")
        # Its first run lingers, so that the second one has no place.
        product.ready("ticks")
        until(lambda: len(hook.taken()) >= 2, 30, "the run that did not start is told of", 0.02)
        missing = hook.taken()[1]
        assert (missing["event"], missing["dag_id"]) == ("run_never_started", "ticks")
        assert "max_active_runs = 1" in missing["reason"]
        gate.touch()
        product.finish("lingers", run_id, 0.02)
        assert [body["dag_id"] for body in hook.taken()].count("lingers") == 1, "each once"
        ticks = [body["late"]["since"] for body in hook.taken() if body["dag_id"] == "ticks"]
        assert len(ticks) == len(set(ticks))
    finally:
        hook.stop()
