"""http, slack webhooks, ssh, sftp, ftp, smtp and redis, against servers of our own."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from local_servers import until
from servers import free_port

from airflow.sdk import BaseHook, Connection, task


def test_http(dag_of: Any, fake_connections: Any, web: Any) -> None:
    from airflow.providers.http.operators.http import HttpOperator
    from airflow.providers.http.sensors.http import HttpSensor

    fake_connections["api"] = Connection(conn_id="api", conn_type="http", host="127.0.0.1", port=web.port, login="u", password="p",
                                         extra={"X-Team": "data"})
    web.pages["/items"] = (200, {"items": [1, 2]})
    web.pages["/save"] = (201, "kept")

    def define() -> None:
        wait = HttpSensor(task_id="wait", http_conn_id="api", endpoint="items", poke_interval=0.1, timeout=5,
                          response_check=lambda response: len(response.json()["items"]) == 2)
        get = HttpOperator(task_id="get", http_conn_id="api", endpoint="items", method="GET", data={"day": "{{ ds }}"},
                           response_filter=lambda response: response.json()["items"])
        save = HttpOperator(task_id="save", http_conn_id="api", endpoint="save", method="POST", data="{{ ti.xcom_pull('get') }}",
                            headers={"Content-Type": "text/plain"}, response_check=lambda response: response.status_code == 201)
        wait >> get >> save

    result = dag_of(define)
    assert result.xcom("get") == [1, 2]
    assert result.xcom("save") == "kept"
    asked = {(method, path): (headers, body) for method, path, headers, body in web.asked}
    assert asked["POST", "/save"][1] == "[1, 2]"
    assert asked["GET", "/items?day=2024-03-01"][0]["Authorization"].startswith("Basic ")
    assert asked["GET", "/items?day=2024-03-01"][0]["X-Team"] == "data"
    missing = dag_of(lambda: HttpOperator(task_id="missing", http_conn_id="api", endpoint="none", method="GET"), "failed")
    assert "404" in missing.errors["missing"]


def test_slack_webhooks(dag_of: Any, fake_connections: Any, web: Any) -> None:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier
    from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator

    web.pages["/services/T/B/x"] = (200, "ok")
    fake_connections["slack"] = Connection(conn_id="slack", conn_type="slackwebhook", host=f"{web.url}/services", password="/T/B/x")

    def define() -> None:
        SlackWebhookOperator(task_id="say", slack_webhook_conn_id="slack", message="done for {{ ds }}")

        @task(on_failure_callback=SlackWebhookNotifier(slack_webhook_conn_id="slack", text="{{ ti.task_id }} of {{ dag.dag_id }} failed"))
        def breaks() -> None:
            raise ValueError("broken")

        breaks()

    dag_of(define, "failed")
    assert sorted(json.loads(body)["text"] for *_, body in web.asked) == ["breaks of d failed", "done for 2024-03-01"]


def test_ssh_and_sftp(dag_of: Any, fake_connections: Any, ssh: tuple[int, Path], tmp_path: Path) -> None:
    from airflow.providers.sftp.operators.sftp import SFTPOperator
    from airflow.providers.sftp.sensors.sftp import SFTPSensor
    from airflow.providers.ssh.operators.ssh import SSHOperator

    port, folder = ssh
    for kind in ("ssh", "sftp"):
        fake_connections[kind] = Connection(conn_id=kind, conn_type=kind, host="127.0.0.1", port=port, login="u", password="p",
                                            extra={"no_host_key_check": "true", "allow_host_key_change": "true"})
    (tmp_path / "up.txt").write_text("to the server")

    def define() -> None:
        put = SFTPOperator(task_id="put", ssh_conn_id="sftp", local_filepath=str(tmp_path / "up.txt"), remote_filepath=f"{folder}/in.txt",
                           operation="put")
        wait = SFTPSensor(task_id="wait", sftp_conn_id="sftp", path=f"{folder}/in.txt", poke_interval=0.1, timeout=5)
        work = SSHOperator(task_id="work", ssh_conn_id="ssh", command="tr a-z A-Z < in.txt | tee out.txt", environment=None)
        get = SFTPOperator(task_id="get", ssh_conn_id="sftp", local_filepath=str(tmp_path / "down.txt"), remote_filepath=f"{folder}/out.txt",
                           operation="get")
        put >> wait >> work >> get

    result = dag_of(define)
    assert (tmp_path / "down.txt").read_text() == "TO THE SERVER"
    import base64

    assert base64.b64decode(result.xcom("work")).decode().strip() == "TO THE SERVER"
    failed = dag_of(lambda: SSHOperator(task_id="bad", ssh_conn_id="ssh", command="exit 3"), "failed")
    assert "3" in failed.errors["bad"]


def test_ftp(dag_of: Any, fake_connections: Any, ftp: tuple[int, Path], tmp_path: Path) -> None:
    from airflow.providers.ftp.operators.ftp import FTPFileTransmitOperator
    from airflow.providers.ftp.sensors.ftp import FTPSensor

    port, folder = ftp
    fake_connections["ftp"] = Connection(conn_id="ftp", conn_type="ftp", host="127.0.0.1", port=port, login="u", password="p")
    (tmp_path / "a.txt").write_text("hello")

    def define() -> None:
        put = FTPFileTransmitOperator(task_id="put", ftp_conn_id="ftp", local_filepath=str(tmp_path / "a.txt"), remote_filepath="/in/{{ ds }}.txt",
                                      operation="put", create_intermediate_dirs=True)
        wait = FTPSensor(task_id="wait", ftp_conn_id="ftp", path="/in/{{ ds }}.txt", poke_interval=0.1, timeout=5)
        get = FTPFileTransmitOperator(task_id="get", ftp_conn_id="ftp", local_filepath=str(tmp_path / "b.txt"), remote_filepath="/in/{{ ds }}.txt",
                                      operation="get")
        put >> wait >> get

    dag_of(define)
    assert (folder / "in" / "2024-03-01.txt").read_text() == "hello"
    assert (tmp_path / "b.txt").read_text() == "hello"
    assert BaseHook.get_connection("ftp").get_hook().list_directory("/in") == ["2024-03-01.txt"]


def test_smtp(dag_of: Any, fake_connections: Any, tmp_path: Path) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier
    from airflow.providers.smtp.operators.smtp import EmailOperator

    port, kept = free_port(), tmp_path / "mails"
    kept.mkdir()
    server = subprocess.Popen([sys.executable, str(ROOT / "tests/system/smtp_server.py"), "--port", str(port), "--folder", str(kept)])
    try:
        import socket

        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "the mail server answers")
        fake_connections["smtp_default"] = Connection(conn_id="smtp_default", conn_type="smtp", host="127.0.0.1", port=port,
                                                      extra={"disable_ssl": True, "disable_tls": True, "from_email": "etl@example.com"})

        def define() -> None:
            EmailOperator(task_id="mail", to="a@example.com", subject="report of {{ ds }}", html_content="<b>all well</b>")

            @task(on_success_callback=SmtpNotifier(to="b@example.com", from_email="etl@example.com", subject="{{ ti.task_id }} done",
                                                   html_content="fine"))
            def works() -> None: ...

            works()

        dag_of(define)
        mails = [json.loads(path.read_text()) for path in kept.glob("*.json")]
        assert sorted((mail["to"][0], next(line for line in mail["data"].splitlines() if line.startswith("Subject"))) for mail in mails) == [
            ("a@example.com", "Subject: report of 2024-03-01"), ("b@example.com", "Subject: works done")]
    finally:
        server.terminate()
        server.wait(10)


def test_redis(dag_of: Any, fake_connections: Any, redis: Any) -> None:
    from airflow.providers.redis.hooks.redis import RedisHook
    from airflow.providers.redis.operators.redis_publish import RedisPublishOperator
    from airflow.providers.redis.sensors.redis_key import RedisKeySensor

    fake_connections["redis"] = Connection(conn_id="redis", conn_type="redis", host="127.0.0.1", port=redis.port, extra={"db": 1})
    listener = RedisHook("redis").get_conn().pubsub()
    listener.subscribe("news")
    until(lambda: (listener.get_message(timeout=0.1) or {}).get("type") == "subscribe", "the listener is known")

    def define() -> None:
        @task
        def keep(ds: Any = None) -> None:
            RedisHook("redis").get_conn().set(f"ready:{ds}", "1")

        wait = RedisKeySensor(task_id="wait", redis_conn_id="redis", key="ready:{{ ds }}", poke_interval=0.1, timeout=5)
        keep() >> wait >> RedisPublishOperator(task_id="tell", redis_conn_id="redis", channel="news", message="ready {{ ds }}")

    dag_of(define)
    heard: list[Any] = []
    until(lambda: heard.append(listener.get_message(timeout=0.1)) or bool(heard[-1]), "the message arrives")
    assert heard[-1]["data"] in (b"ready 2024-03-01", "ready 2024-03-01")


def test_vault_by_its_own_package(fake_connections: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's backend and ours read the same secrets."""
    from airflow.providers.hashicorp.secrets.vault import VaultBackend as Theirs
    from fake_vault import FakeVault

    from airflow.secrets.vault import VaultBackend as Ours

    vault = FakeVault()
    try:
        vault.keep("secret/variables/hello", value="world")
        vault.keep("secret/connections/db", conn_uri="postgres://u:p@h:5432/s")
        vault.keep("secret/connections/fields", conn_type="http", host="example.com", port=8080)
        for kind in (Theirs, Ours):
            backend = kind(url=vault.url, token="root")
            assert backend.get_variable("hello") == "world"
            assert backend.get_variable("none") is None
            assert backend.get_connection("db").port == 5432
            assert backend.get_connection("fields").host == "example.com"
    finally:
        vault.stop()
