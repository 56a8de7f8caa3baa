"""The whole product is killed at once and started again."""
from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from measure import Product, until


def test_kill_in_the_middle_of_a_hundred_runs(start: Callable[..., Product]) -> None:
    product = start("bench.py")
    product.ready("chain3")
    ids = [product.trigger("chain3") for _ in range(100)]
    until(lambda: sum(r["state"] == "success" for r in product.runs("chain3")) >= 10, 60, "ten runs have ended", 0.01)
    product.kill()
    product.start()
    product.sign_in()
    for run_id in ids:
        product.finish("chain3", run_id, 0.02)
    assert len(product.runs("chain3")) == 100
    with sqlite3.connect(product.home / "tradewind.db") as database:
        attempts = database.execute("SELECT run_pk, task_id, map_index, try_number, state FROM attempt").fetchall()
    tries = Counter((run, task, index, number) for run, task, index, number, state in attempts if state == "success")
    assert len(tries) == 300
    assert max(tries.values()) == 1
    assert {number for _, _, _, number in tries} == {1}, "a kill of the machinery spends no retry"
