"""Sending an e-mail as a task, for installations without the smtp provider package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk.bases.operator import BaseOperator


class EmailOperator(BaseOperator):
    """Sends a mail through ``[smtp]`` or the connection ``conn_id``."""

    template_fields: Sequence[str] = ("to", "subject", "html_content", "from_email", "files", "cc", "bcc")
    template_fields_renderers: Mapping[str, str] = {"html_content": "html"}
    template_ext: Sequence[str] = (".html",)
    ui_color = "#e6faf9"

    def __init__(
        self,
        *,
        to: list[str] | str,
        subject: str,
        html_content: str,
        from_email: str | None = None,
        files: list[str] | None = None,
        cc: list[str] | str | None = None,
        bcc: list[str] | str | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        conn_id: str | None = None,
        custom_headers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.subject = subject
        self.html_content = html_content
        self.from_email = from_email
        self.files = files or []
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset
        self.conn_id = conn_id
        self.custom_headers = custom_headers

    def execute(self, context: Any) -> None:
        """Send the mail."""
        from airflow.utils.email import send_email, send_email_smtp

        given: dict[str, Any] = {
            "files": self.files,
            "cc": self.cc,
            "bcc": self.bcc,
            "mime_subtype": self.mime_subtype,
            "mime_charset": self.mime_charset,
            "custom_headers": self.custom_headers,
        }
        if self.from_email is not None:
            conn_id = self.conn_id or "smtp_default"
            send_email_smtp(self.to, self.subject, self.html_content, conn_id=conn_id, from_email=self.from_email, **given)
            return
        send_email(self.to, self.subject, self.html_content, conn_id=self.conn_id, **given)
