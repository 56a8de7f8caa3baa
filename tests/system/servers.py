"""Private database servers: on free loopback ports, in temporary folders, ended by their process."""
from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

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


class Server:
    """What both kinds have in common; `stop` is as sudden as a power cut."""

    account = "nobody"
    scheme = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        return f"{self.scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}/tradewind"

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


class Postgres(Server):
    account = "postgres"
    scheme = "postgresql+psycopg2"
    # An immediate shutdown: no checkpoint, and no processes that would outlive a killed parent.
    sudden = signal.SIGQUIT

    def make(self) -> None:
        self.run(program("initdb", "postgresql"), "-D", f"{self.folder}/data", "--username=owner", "--auth-local=trust",
                 "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-sync")

    def command(self) -> list[str]:
        return [program("postgres", "postgresql"), "-D", f"{self.folder}/data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                "-c", f"unix_socket_directories={self.folder}"]

    def sql(self, text: str, database: str = "postgres") -> str:
        return self.run(program("psql", "postgresql-client"), "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-U", "owner", "-h", str(self.folder),
                        "-p", str(self.port), "-d", database, "-c", text)

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def furnish(self) -> None:
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        self.sql(f"CREATE DATABASE tradewind OWNER {USER} TEMPLATE template0")


class MariaDb(Server):
    account = "mysql"
    scheme = "mysql+mysqldb"

    def make(self) -> None:
        self.run(program("mariadb-install-db", "mariadb-server"), "--no-defaults", f"--datadir={self.folder}/data",
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")

    def command(self) -> list[str]:
        return [program("mariadbd", "mariadb-server"), "--no-defaults", f"--datadir={self.folder}/data", f"--port={self.port}",
                f"--socket={self.folder}/sock", f"--pid-file={self.folder}/pid", "--bind-address=127.0.0.1", "--skip-log-bin",
                "--skip-name-resolve", "--innodb-log-file-size=32M"]

    def sql(self, text: str, database: str = "mysql") -> str:
        return self.run(program("mariadb", "mariadb-client"), "--no-defaults", "--user=root", "-BN", f"--socket={self.folder}/sock",
                        database, "-e", text)

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1").strip() == "1"
        except subprocess.CalledProcessError:
            return False

    def furnish(self) -> None:
        self.sql(f"CREATE DATABASE tradewind CHARACTER SET utf8mb4; CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'; "
                 f"GRANT ALL ON tradewind.* TO '{USER}'@'%'")
