"""Servers for the tests of provider packages: on free loopback ports, ended with the test session."""
from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from servers import Server, free_port, program


class Redis(Server):
    account = "redis"
    scheme = "redis"

    def command(self) -> list[str]:
        return [program("redis-server", "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]

    def answers(self) -> bool:
        done = subprocess.run([program("redis-cli", "redis-tools"), "-p", str(self.port), "ping"], capture_output=True, text=True, check=False)
        return done.stdout.strip() == "PONG"


class Web:
    """Answers what ``pages`` says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                web.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(size).decode()))
                status, body = web.pages.get(self.path.partition("?")[0], (404, {"error": "no such page"}))
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names are those of http.server

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def ftp_server(folder: Path) -> Iterator[int]:
    """An FTP server on ``folder`` for user ``u`` with password ``p``; gives its port."""
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    authorizer = DummyAuthorizer()
    authorizer.add_user("u", "p", str(folder), perm="elradfmwMT")
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.address[1]
    server.close_all()
    thread.join(10)


@contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """An SSH and SFTP server for user ``u`` with password ``p``; commands run in ``folder``; gives its port."""
    import asyncssh

    class Users(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("u", "p")

    async def work(process: Any) -> None:
        started = await asyncio.create_subprocess_shell(
            process.command or "true", cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await started.communicate()
        process.stdout.write(out.decode())
        process.stderr.write(err.decode())
        process.exit(started.returncode or 0)

    port, ready, loop = free_port(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> Any:
        key = asyncssh.generate_private_key("ssh-ed25519")
        return await asyncssh.create_server(Users, "127.0.0.1", port, server_host_keys=[key], process_factory=work, sftp_factory=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20), "the SSH server does not start"
    yield port
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def until(condition: Any, what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.02)
