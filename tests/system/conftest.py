"""Whole-system tests: the real binary, real Python tasks, a database of its own, spoken to as a user would.

``TRADEWIND_TEST_DB`` names the database of all tests that do not bring one: sqlite (when nothing is said), postgres or mariadb.
"""
from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from measure import Product  # noqa: E402 - the benchmark drives the same product
from servers import KINDS, Database, Server, SqliteFile, server_folder, server_of  # noqa: E402 - beside it

URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
NUMBERS = itertools.count(1)
# Files that take longest, first: one that began last would run alone at the end. Most of it they wait for leases.
LONGEST = ["timetables", "failover", "metrics", "triggerer", "remote_workers", "mail", "databases"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = item.path.stem.removeprefix("test_")
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


def binary() -> str:
    named = os.environ.get("TRADEWIND_BINARY")
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(named) if named else folder / "debug" / "tradewind"
    if not path.exists():
        pytest.fail(f"{path} does not exist: build it with `make build`, or name one in TRADEWIND_BINARY")
    return str(path)


@pytest.fixture(scope="session")
def server() -> Iterator[Server | None]:
    """The server that all tests share."""
    kind = os.environ.get("TRADEWIND_TEST_DB") or "sqlite"
    assert kind in KINDS, f"TRADEWIND_TEST_DB={kind}: one of {', '.join(KINDS)} is wanted"
    with server_folder() as folder:
        made = server_of(kind, folder, durable=False)
        yield made
        if made is not None:
            made.stop()


@pytest.fixture
def database(server: Server | None, tmp_path: Path) -> Callable[[], Database | SqliteFile]:
    """Makes databases, each new."""

    def make() -> Database | SqliteFile:
        number = next(NUMBERS)
        return SqliteFile(tmp_path / f"metadata{number}.db") if server is None else server.database(f"test_{number}")

    return make


@pytest.fixture
def start(tmp_path: Path, database: Callable[[], Database | SqliteFile]) -> Iterator[Callable[..., Product]]:
    """Starts the product on a copy of some DAG files; it is stopped when the test ends."""
    started: list[Product] = []

    def begin(*files: str, env: dict[str, str] | None = None, unpause: bool = False) -> Product:
        home, dags = tmp_path / f"home{len(started)}", tmp_path / f"dags{len(started)}"
        home.mkdir()
        dags.mkdir()
        for name in files:
            shutil.copy(ROOT / "tests" / "dags" / name, dags / name)
        own = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": str(not unpause), **(env or {})}
        metadata = None
        if URL not in own:
            metadata = database()
            own[URL] = metadata.url
        product = Product(binary(), home, dags, env=own)
        product.rows = metadata.rows if metadata else None
        started.append(product)
        product.start()
        product.sign_in()
        return product

    yield begin
    for product in started:
        product.stop()
