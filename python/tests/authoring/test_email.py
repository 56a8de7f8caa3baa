"""E-mail: what reaches an SMTP server."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from airflow.operators.email import EmailOperator

from airflow.configuration import conf
from airflow.sdk import DAG
from airflow.utils import email as mail
from airflow.utils.email import get_email_address_list, send_email


class Session(socketserver.StreamRequestHandler):
    """Takes one mail."""

    server: Mailbox

    def handle(self) -> None:
        self.say("220 ready")
        recipients: list[str] = []
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line.upper()
            if verb.startswith("RCPT TO:"):
                recipients.append(line[8:].strip(" <>"))
            if verb == "DATA":
                self.say("354 go on")
                lines = []
                for part in self.rfile:
                    if part.strip() == b".":
                        break
                    lines.append(part)
                self.server.mails.append((recipients, email.message_from_bytes(b"".join(lines), policy=default)))  # type: ignore[arg-type]
            self.say("221 bye" if verb == "QUIT" else "250 fine")
            if verb == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server on the loopback interface that keeps what it gets."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[tuple[list[str], EmailMessage]] = []


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        conf.install(
            {
                "smtp.smtp_host": "127.0.0.1",
                "smtp.smtp_port": str(server.server_address[1]),
                "smtp.smtp_starttls": "False",
                "smtp.smtp_mail_from": "us@example.com",
            }
        )
        yield server
        server.shutdown()
        thread.join(timeout=10)


def test_a_mail_with_everything(mailbox: Mailbox, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    send_email(
        "one@example.com; two@example.com",
        "제목",
        "<p>안녕</p>",
        files=[str(file)],
        cc=["three@example.com"],
        bcc="four@example.com",
        custom_headers={"Reply-To": "other@example.com"},
    )
    recipients, message = mailbox.mails[0]
    assert recipients == ["one@example.com", "two@example.com", "three@example.com", "four@example.com"]
    assert (message["Subject"], message["From"], message["To"]) == ("제목", "us@example.com", "one@example.com, two@example.com")
    assert (message["CC"], message["BCC"], message["Reply-To"]) == ("three@example.com", None, "other@example.com")
    body = message.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == "<p>안녕</p>"
    attachment = next(iter(message.iter_attachments()))
    assert attachment.get_filename() == "rows.csv"
    assert attachment.get_content().splitlines() == ["a,b", "1,2"]


def test_the_operator_renders_and_sends(mailbox: Mailbox) -> None:
    operator = EmailOperator(
        task_id="mail", to="a@example.com", subject="day {{ ds }}", html_content="<b>{{ ds }}</b>", dag=DAG("d", schedule=None)
    )
    operator.render_template_fields({"ds": "2024-01-01"})
    operator.execute({})
    assert mailbox.mails[0][1]["Subject"] == "day 2024-01-01"


def test_the_connection_wins_and_a_sender_can_be_given(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    port = mailbox.server_address[1]
    conf.install({"smtp.smtp_host": "mail.invalid"})
    monkeypatch.setenv(
        "AIRFLOW_CONN_SMTP_DEFAULT",
        f'{{"conn_type": "smtp", "host": "127.0.0.1", "port": {port}, "extra": {{"disable_tls": true, "from_email": "conn@example.com"}}}}',
    )
    send_email("a@example.com", "s", "x")
    EmailOperator(task_id="m", to="a@example.com", subject="s", html_content="x", from_email="me@example.com").execute({})
    assert [message["From"] for _, message in mailbox.mails] == ["conn@example.com", "me@example.com"]


def test_another_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(mail, "other_backend", lambda *args, **kwargs: sent.append((args, kwargs["conn_id"])), raising=False)
    conf.install({"email.email_backend": "airflow.utils.email.other_backend", "email.email_conn_id": "mine"})
    send_email("a@example.com", "s", "x")
    assert sent == [((["a@example.com"], "s", "x"), "mine")]


def test_a_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []
    conf.install({"smtp.smtp_retry_limit": "3"})

    def refuse(server: Any) -> Any:
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(mail, "_connect", refuse)
    monkeypatch.setattr(mail.time, "sleep", tries.append)
    with pytest.raises(ConnectionRefusedError):
        send_email("a@example.com", "s", "x")
    assert tries == [1, 2]


def test_addresses() -> None:
    assert get_email_address_list("a@b, c@d;e@f,") == ["a@b", "c@d", "e@f"]
    assert get_email_address_list(("a@b",)) == ["a@b"]
    with pytest.raises(TypeError):
        get_email_address_list(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        get_email_address_list([5])  # type: ignore[list-item]


class _Outbox:
    """A control plane that takes mails."""

    def __init__(self, takes: bool) -> None:
        self.takes = takes
        self.mails: list[tuple[Any, ...]] = []

    def mail_enqueue(self, *mail: Any) -> bool:
        self.mails.append(mail)
        return self.takes

    def connection_get(self, conn_id: str) -> None:
        return None


def test_in_a_task_a_mail_goes_to_the_outbox_whole(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = _Outbox(takes=True)
    monkeypatch.setattr(mail, "get_runtime", lambda: outbox)
    report = tmp_path / "report.csv"
    report.write_text("a,b\n")
    send_email("a@example.com; b@example.com", "메일", "<b>x</b>", files=[str(report)], bcc="c@example.com", conn_id="other")
    key, recipients, subject, message, conn_id, sender = outbox.mails[0]
    assert (recipients, subject, conn_id, sender) == (
        ["a@example.com", "b@example.com", "c@example.com"], "메일", "other", "us@example.com",
    )
    assert len(key) == 32
    parsed = email.message_from_bytes(message, policy=default)
    assert [part.get_filename() for part in parsed.iter_attachments()] == ["report.csv"]  # type: ignore[attr-defined]
    assert "c@example.com" not in message.decode("ascii"), "who gets a blind copy stays hidden"
    assert mailbox.mails == []


def test_without_an_outbox_a_mail_is_sent_at_once(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "get_runtime", lambda: _Outbox(takes=False))
    send_email("a@example.com", "s", "x")
    assert len(mailbox.mails) == 1
