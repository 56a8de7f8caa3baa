from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rust_side import Driver

DAGS = Path(__file__).parent / "dags"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """One host for the tests of a module; each test forks processes of its own."""
    with Driver(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture
def dags_folder(tmp_path: Path) -> Path:
    """A private copy of the DAG files of these tests."""
    return Path(shutil.copytree(DAGS, tmp_path / "dags"))
