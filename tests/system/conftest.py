"""Whole-system tests: the real binary, real Python tasks, a database of its own, spoken to as a user would."""
from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

from measure import Product  # noqa: E402 - the benchmark drives the same product


def binary() -> str:
    named = os.environ.get("TRADEWIND_BINARY")
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(named) if named else folder / "debug" / "tradewind"
    if not path.exists():
        pytest.fail(f"{path} does not exist: build it with `make build`, or name one in TRADEWIND_BINARY")
    return str(path)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """Starts the product on a copy of some DAG files; it is stopped when the test ends."""
    started: list[Product] = []

    def begin(*files: str, env: dict[str, str] | None = None, unpause: bool = False) -> Product:
        home, dags = tmp_path / f"home{len(started)}", tmp_path / f"dags{len(started)}"
        home.mkdir()
        dags.mkdir()
        for name in files:
            shutil.copy(ROOT / "tests" / "dags" / name, dags / name)
        product = Product(binary(), home, dags, env={"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": str(not unpause), **(env or {})})
        started.append(product)
        product.start()
        product.sign_in()
        return product

    yield begin
    for product in started:
        product.stop()
