"""A Vault server with what the tests need of its HTTP API: the key-value engines, ways to sign in, tokens that end."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeVault:
    """``secrets`` by path below ``/v1/``; ``logins`` by path: the body asked for. Tokens count from ``token-1``."""

    def __init__(self) -> None:
        self.secrets: dict[str, dict[str, Any]] = {}
        self.logins: dict[str, dict[str, Any]] = {}
        self.tokens = {"root"}
        self.namespace: str | None = None
        self.asked: list[str] = []
        vault = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vault.asked.append(self.path)
                if (
                    self.headers.get("X-Vault-Token") not in vault.tokens
                    or self.headers.get("X-Vault-Namespace") != vault.namespace
                ):
                    self.answer(403, {"errors": ["permission denied"]})
                elif self.path == "/v1/auth/token/lookup-self":
                    self.answer(200, {"data": {"id": self.headers["X-Vault-Token"]}})
                elif (found := vault.secrets.get(self.path)) is None:
                    self.answer(404, {"errors": []})
                else:
                    self.answer(200, {"data": found})

            def do_POST(self) -> None:
                vault.asked.append(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if vault.logins.get(self.path) != body:
                    self.answer(400, {"errors": ["invalid credentials"]})
                    return
                token = f"token-{len(vault.tokens)}"
                vault.tokens.add(token)
                self.answer(200, {"auth": {"client_token": token}})

            do_PUT = do_POST  # noqa: N815 - the name is that of http.server

            def answer(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def keep(self, path: str, version: int = 2, **values: Any) -> None:
        """Store a secret at ``engine/name`` as the engine of this version does."""
        engine, _, name = path.partition("/")
        place = f"/v1/{engine}/data/{name}" if version == 2 else f"/v1/{engine}/{name}"
        self.secrets[place] = {"data": values, "metadata": {"version": 1}} if version == 2 else values

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
