"""Private database servers: on free loopback ports, in temporary folders, ended by their process."""
from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

USER, PASSWORD = "tradewind", "s3cret"


def program(name: str, package: str) -> str:
    places = [*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), *os.environ["PATH"].split(":"), "/usr/sbin"]
    found = shutil.which(name, path=":".join(places))
    assert found, f"{name} is missing: apt-get install {package}"
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


#: Kinds of databases, by the name that TRADEWIND_TEST_DB and `make bench DB=` take.
KINDS = ("sqlite", "postgres", "mariadb")


class Server:
    """What both kinds have in common; `stop` is as sudden as a power cut."""

    account = "nobody"
    scheme = ""

    def __init__(self, folder: Path, durable: bool = True) -> None:
        """`durable`: a power cut costs nothing, as by default; without it commits wait for no disk. A killed server loses nothing either way."""
        self.folder, self.durable = folder, durable
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, self.account, None)
            for parent in folder.parents:
                if os.stat(parent).st_uid == 0 and parent.is_relative_to("/tmp"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self.make()
        self.start()
        self.furnish()

    @property
    def url(self) -> str:
        return self.url_of("tradewind")

    def url_of(self, database: str) -> str:
        return f"{self.scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def database(self, name: str) -> Database:
        """A new one beside the first."""
        self.create(name)
        return Database(self, name)

    def run(self, *command: str) -> str:
        return subprocess.run(self.as_account(*command), check=True, capture_output=True, text=True, cwd="/").stdout

    def as_account(self, *command: str) -> list[str]:
        if os.geteuid() != 0:
            return list(command)
        return ["setpriv", f"--reuid={self.account}", f"--regid={self.account}", "--clear-groups", "--", *command]

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(self.as_account(*self.command()), stdout=log, stderr=log, cwd="/")
        until = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < until, (self.folder / "log").read_text()
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(self.sudden)
            self.process.wait(30)
            self.process = None

    sudden = signal.SIGKILL

    def make(self) -> None: ...
    def command(self) -> list[str]: ...
    def answers(self) -> bool: ...
    def furnish(self) -> None: ...
    def create(self, name: str) -> None: ...
    def sql(self, text: str, database: str) -> str: ...


class Database:
    """A database on a server."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.url = server.url_of(name)

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        return [tuple(map(value, line.split("\t"))) for line in self.server.sql(text, self.name).splitlines()]


class SqliteFile:
    """The same of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            return database.execute(text).fetchall()


def value(text: str) -> Any:
    """What a client prints, as a value."""
    if text == "NULL":
        return None
    return int(text) if text.removeprefix("-").isdigit() else text


class Postgres(Server):
    account = "postgres"
    scheme = "postgresql+psycopg2"
    # An immediate shutdown: no checkpoint, and no processes that would outlive a killed parent.
    sudden = signal.SIGQUIT

    def make(self) -> None:
        self.run(program("initdb", "postgresql"), "-D", f"{self.folder}/data", "--username=owner", "--auth-local=trust",
                 "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-sync")

    def command(self) -> list[str]:
        quick = [] if self.durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return [program("postgres", "postgresql"), "-D", f"{self.folder}/data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=200", *quick]

    def sql(self, text: str, database: str = "postgres") -> str:
        return self.run(program("psql", "postgresql-client"), "-X", "-qAt", "-F", "\t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1", "-U", "owner", "-h", str(self.folder),
                        "-p", str(self.port), "-d", database, "-c", text)

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def furnish(self) -> None:
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        self.create("tradewind")

    def create(self, name: str) -> None:
        self.sql(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE template0")


class MariaDb(Server):
    account = "mysql"
    scheme = "mysql+mysqldb"

    def make(self) -> None:
        self.run(program("mariadb-install-db", "mariadb-server"), "--no-defaults", f"--datadir={self.folder}/data",
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")

    def command(self) -> list[str]:
        # 2: written at each commit, to the disk once a second.
        quick = [] if self.durable else ["--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0", "--innodb-flush-method=nosync"]
        return [program("mariadbd", "mariadb-server"), "--no-defaults", f"--datadir={self.folder}/data", f"--port={self.port}",
                f"--socket={self.folder}/sock", f"--pid-file={self.folder}/pid", "--bind-address=127.0.0.1", "--skip-log-bin",
                "--skip-name-resolve", "--innodb-log-file-size=32M", *quick]

    def sql(self, text: str, database: str = "mysql") -> str:
        return self.run(program("mariadb", "mariadb-client"), "--no-defaults", "--user=root", "-BN", f"--socket={self.folder}/sock",
                        database, "-e", text)

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def furnish(self) -> None:
        self.sql(f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")
        self.create("tradewind")

    def create(self, name: str) -> None:
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4; GRANT ALL ON {name}.* TO '{USER}'@'%'")


def server_of(kind: str, folder: Path, durable: bool = True) -> Server | None:
    """A server of the kind; `None`: it needs none."""
    if kind == "sqlite":
        return None
    made: Server = {"postgres": Postgres, "mariadb": MariaDb}[kind](folder, durable)
    return made


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for a server. Not one of pytest's: each session that starts shuts the account of the server out of those."""
    with tempfile.TemporaryDirectory(prefix="tradewind-server-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "files"
