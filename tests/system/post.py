"""Where alerts go in tests: a mail server and a webhook, on loopback."""
from __future__ import annotations

import email
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from measure import free_port


class Mail(NamedTuple):
    """A mail as the server got it."""

    to: list[str]
    message: EmailMessage
    tls: bool
    user: str | None

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    def text(self, kind: str = "plain") -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    def links(self) -> list[str]:
        return re.findall(r"http://\S+", self.text())


class MailServer:
    """The process of `smtp_server.py`; its mails survive its end."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments, self.port = folder, arguments, free_port()
        self.process: subprocess.Popen[str] | None = None
        folder.mkdir()

    def start(self, *more: str) -> None:
        server = Path(__file__).parent / "smtp_server.py"
        command = [sys.executable, str(server), "--port", str(self.port), "--folder", str(self.folder), *self.arguments, *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def mails(self) -> list[Mail]:
        found = []
        for file in self.folder.glob("*.json"):
            kept = json.loads(file.read_text())
            message = email.message_from_bytes(kept["data"].encode("utf-8", "surrogateescape"), policy=default)
            assert isinstance(message, EmailMessage)
            found.append(Mail(kept["to"], message, kept["tls"], kept["user"]))
        return sorted(found, key=lambda mail: mail.subject)

    def copies(self) -> Counter[str]:
        """How often each message has arrived."""
        return Counter(str(mail.message["Message-ID"]) for mail in self.mails())

    def env(self, **more: str) -> dict[str, str]:
        """Settings of a product that sends here."""
        settings = {"smtp_host": "localhost", "smtp_port": str(self.port), "smtp_starttls": "False", "smtp_timeout": "2",
                    "smtp_mail_from": "tradewind@example.com", **more}
        return {f"AIRFLOW__SMTP__{name.upper()}": value for name, value in settings.items()}


class Hook:
    """A webhook that answers with the statuses it is given, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.got: list[Any] = []
        waiting, got = list(statuses), self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = waiting.pop(0) if waiting else 200
                got.append((status, self.headers.get("Authorization"), body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/services/T0KEN"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def taken(self) -> list[Any]:
        """Bodies that were answered with 200."""
        return [body for status, _, body in self.got if status == 200]
