"""The short selection of fault runs that `make test` takes along; `run.py` has the long ones."""
from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "faults"))


@pytest.fixture(scope="session")
def binary() -> str:
    named = os.environ.get("TRADEWIND_BINARY")
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(named) if named else folder / "debug" / "tradewind"
    if not path.exists():
        pytest.fail(f"{path} does not exist: build it with `make build`, or name one in TRADEWIND_BINARY")
    return str(path)
