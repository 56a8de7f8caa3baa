"""A real SMTP server in a process of its own: keeps each mail as a file, with TLS, sign-in, refusals and slowness on request."""
from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import uuid
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    """Answers the steps of a conversation."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options

    async def handle_RCPT(  # noqa: N802 - the names are those of aiosmtpd
        self, server: Any, session: Any, envelope: Any, address: str, rcpt_options: list[str]
    ) -> str:
        if address in self.options.refuse:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        folder = Path(self.options.folder)
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "data": envelope.content.decode("utf-8", "surrogateescape"),
                # A listener with TLS from the start takes nothing else, and leaves no trace in the session.
                "tls": session.ssl is not None or self.options.tls == "direct", "user": session.auth_data.login.decode() if session.auth_data else None}
        name = uuid.uuid4().hex
        (folder / f"{name}.new").write_text(json.dumps(mail))
        (folder / f"{name}.new").rename(folder / f"{name}.json")
        # Slow after it has the mail: who is killed meanwhile cannot know that it has arrived.
        await asyncio.sleep(self.options.slow)
        return "250 kept"


def sign_in(options: argparse.Namespace) -> Any:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        if mechanism not in options.mechanisms:
            return AuthResult(success=False, handled=False)
        good = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}" == options.user
        return AuthResult(success=good, handled=False, auth_data=data if good else None)

    return check


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--certificate", help="PEM file with key and certificate")
    parser.add_argument("--tls", choices=["none", "starttls", "direct"], default="none")
    parser.add_argument("--user", help="name:password that must sign in")
    parser.add_argument("--mechanisms", nargs="*", default=["PLAIN", "LOGIN"])
    parser.add_argument("--refuse", nargs="*", default=[])
    parser.add_argument("--slow", type=float, default=0.0)
    options = parser.parse_args()
    context = None
    if options.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)

    def conversation() -> SMTP:
        given: dict[str, Any] = {"enable_SMTPUTF8": True}
        if options.tls == "starttls":
            given |= {"tls_context": context, "require_starttls": True}
        if options.user:
            given |= {"authenticator": sign_in(options), "auth_required": True, "auth_require_tls": options.tls == "starttls"}
            given["auth_exclude_mechanism"] = [name for name in ("PLAIN", "LOGIN") if name not in options.mechanisms]
        return SMTP(Keeper(options), **given)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", options.port, ssl=context if options.tls == "direct" else None)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
