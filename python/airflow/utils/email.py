"""Sending e-mail as the configuration says (``[smtp]``, ``[email]``, or a connection).

In a running task a mail goes to the outbox of the control plane: when the call returns, the mail is safe there, and it is delivered with as
much patience as any alert, also when the mail server is away. Without a control plane (``tasks test``, a script) it is sent at once.
"""

from __future__ import annotations

import logging
import os
import smtplib
import ssl
import time
import uuid
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from mimetypes import guess_type
from typing import Any, NamedTuple

from airflow._runtime import get_runtime
from airflow.configuration import conf
from airflow.sdk.definitions.connection import Connection, ConnectionNotFound

log = logging.getLogger("airflow.task.email")
DEFAULT_BACKEND = "airflow.utils.email.send_email_smtp"


class _Server(NamedTuple):
    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    ssl: bool
    timeout: float
    retries: int
    mail_from: str


def get_email_address_list(addresses: str | Iterable[str]) -> list[str]:
    """Addresses from a text (separated by commas or semicolons) or a collection."""
    if isinstance(addresses, str):
        parts = addresses.replace(";", ",").split(",")
    elif isinstance(addresses, Iterable):
        parts = list(addresses)
        if not all(isinstance(item, str) for item in parts):
            raise TypeError("The items in your iterable must be strings.")
    else:
        raise TypeError(f"Unexpected argument type: Received {type(addresses).__name__!r}.")
    return [part.strip() for part in parts if part.strip()]


def send_email(
    to: list[str] | str,
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Send a mail with the function that ``[email] email_backend`` names."""
    from airflow.utils.module_loading import import_string

    path = conf.get("email", "email_backend", fallback=DEFAULT_BACKEND)
    backend = send_email_smtp if path == DEFAULT_BACKEND else import_string(path)
    sender = conf.get("email", "from_email", fallback=None)
    backend(
        get_email_address_list(to),
        subject,
        html_content,
        files=files,
        dryrun=dryrun,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        conn_id=conn_id or conf.get("email", "email_conn_id", fallback="smtp_default"),
        from_email=sender,
        custom_headers=custom_headers,
        **kwargs,
    )


def send_email_smtp(
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str = "smtp_default",
    from_email: str | None = None,
    custom_headers: Mapping[str, Any] | None = None,
    **_: Any,
) -> None:
    """Send a mail over SMTP: by the outbox where there is one, else at once; errors of the connection are then tried again, at most
    ``[smtp] smtp_retry_limit`` times.
    """
    server = _server(conn_id)
    sender = from_email or server.mail_from
    message, recipients = build_mime_message(
        sender, to, subject, html_content, files, cc, bcc, mime_subtype, mime_charset, dict(custom_headers or {})
    )
    if not dryrun and not _enqueue(message, recipients, conn_id):
        _send(server, message, recipients)


def build_mime_message(
    mail_from: str | None,
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: dict[str, Any] | None = None,
) -> tuple[EmailMessage, list[str]]:
    """A mail, and everybody who gets it; those of ``bcc`` stand nowhere in it."""
    recipients = [address for part in (to, cc, bcc) if part for address in get_email_address_list(part)]
    message = EmailMessage()
    message["Subject"] = subject
    if mail_from:
        message["From"] = mail_from
    message["To"] = ", ".join(get_email_address_list(to))
    if cc:
        message["CC"] = ", ".join(get_email_address_list(cc))
    message["Date"] = formatdate(localtime=True)
    for name, value in (custom_headers or {}).items():
        message[name] = value
    message.set_content(html_content, subtype="html", charset=mime_charset)
    for path in files or []:
        _attach(message, path)
    if files and mime_subtype != "mixed":
        message.set_type(f"multipart/{mime_subtype}")
    return message, recipients


def _enqueue(message: EmailMessage, recipients: list[str], conn_id: str) -> bool:
    """Put the mail in the outbox; ``False`` when there is none."""
    runtime = get_runtime()
    if runtime is None or not hasattr(runtime, "mail_enqueue"):
        return False
    message["Message-ID"] = make_msgid(domain="tradewind")
    key, sender, subject = uuid.uuid4().hex, str(message["From"]), str(message["Subject"])
    queued = runtime.mail_enqueue(key, recipients, subject, message.as_bytes(policy=SMTP), conn_id, sender)
    if queued:
        log.info("The email to %s is in the outbox", recipients)
    return queued


def _attach(message: EmailMessage, path: str) -> None:
    kind, encoding = guess_type(path)
    main, _, sub = (kind if kind and not encoding else "application/octet-stream").partition("/")
    with open(path, "rb") as file:
        message.add_attachment(file.read(), maintype=main, subtype=sub, filename=os.path.basename(path))


def _server(conn_id: str) -> _Server:
    """Where to send: the settings of ``[smtp]``, and over them those of the connection when there is one."""
    try:
        connection = Connection.get(conn_id)
    except ConnectionNotFound:
        connection = Connection(conn_id=conn_id)
    extra = connection.extra_dejson
    return _Server(
        host=connection.host or conf.get("smtp", "smtp_host", fallback="localhost"),
        port=connection.port or conf.getint("smtp", "smtp_port", fallback=25),
        user=connection.login or conf.get("smtp", "smtp_user", fallback=None),
        password=connection.password or conf.get("smtp", "smtp_password", fallback=None),
        starttls=not extra["disable_tls"] if "disable_tls" in extra else conf.getboolean("smtp", "smtp_starttls", fallback=True),
        ssl=not extra["disable_ssl"] if "disable_ssl" in extra else conf.getboolean("smtp", "smtp_ssl", fallback=False),
        timeout=float(extra.get("timeout") or conf.getint("smtp", "smtp_timeout", fallback=30)),
        retries=int(extra.get("retry_limit") or conf.getint("smtp", "smtp_retry_limit", fallback=5)),
        mail_from=extra.get("from_email") or conf.get("smtp", "smtp_mail_from", fallback="airflow@example.com"),
    )


def _send(server: _Server, message: EmailMessage, recipients: list[str]) -> None:
    for attempt in range(1, server.retries + 1):
        try:
            with _connect(server) as client:
                if server.starttls and not server.ssl:
                    client.starttls(context=ssl.create_default_context())
                if server.user and server.password:
                    client.login(server.user, server.password)
                log.info("Sending an email to %s", recipients)
                client.send_message(message, message["From"], recipients)
                return
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            refused = isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)
            if refused or attempt == server.retries:
                raise
            log.info("Sending failed (%s), trying again", error)
            time.sleep(min(attempt, 5))


def _connect(server: _Server) -> smtplib.SMTP:
    if server.ssl:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
