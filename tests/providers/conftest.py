"""Provider packages from PyPI, unmodified, against real servers: ``make providers``."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "system"), str(ROOT / "python" / "tests" / "authoring"), str(Path(__file__).parent)]

from local_servers import Redis, Web, ftp_server, ssh_server  # noqa: E402
from servers import MariaDb, Postgres, Server  # noqa: E402

pytest_plugins = ["tradewind.pytest_plugin"]


def stopped(server: Server) -> Iterator[Server]:
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from stopped(Postgres(tmp_path_factory.mktemp("servers") / "postgres"))


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from stopped(MariaDb(tmp_path_factory.mktemp("servers") / "mariadb"))


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from stopped(Redis(tmp_path_factory.mktemp("servers") / "redis"))


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    (tmp_path / "ftp").mkdir()
    with ftp_server(tmp_path / "ftp") as port:
        yield port, tmp_path / "ftp"


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    (tmp_path / "ssh").mkdir()
    with ssh_server(tmp_path / "ssh") as port:
        yield port, tmp_path / "ssh"


@pytest.fixture
def dag_of(run_dag: Callable[..., Any]) -> Callable[..., Any]:
    """Runs the tasks that a function defines, as one DAG; a failed run fails the test with what the tasks said."""
    from airflow.sdk import DAG
    from tradewind.form import dag_form

    def run(define: Callable[[], None], state: str = "success", **conf: Any) -> Any:
        with DAG("d", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
            define()
        dag.validate()
        dag_form(dag, "/")
        result = run_dag(dag, logical_date=datetime(2024, 3, 1), conf=conf)
        assert result.state == state, result.errors
        return result

    return run
