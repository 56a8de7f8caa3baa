"""The whole product is killed at once and started again."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from measure import Product, until


@pytest.mark.parametrize("queue", ["memory", "database"])
def test_kill_in_the_middle_of_a_hundred_runs(start: Callable[..., Product], queue: str) -> None:
    product = start("bench.py", env={"TRADEWIND__TRADEWIND__QUEUE": queue})
    product.ready("chain3")
    ids = [product.trigger("chain3") for _ in range(100)]
    until(lambda: sum(r["state"] == "success" for r in product.runs("chain3")) >= 10, 60, "ten runs have ended", 0.01)
    product.kill()
    product.start()
    product.sign_in()
    for run_id in ids:
        product.finish("chain3", run_id, 0.02)
    assert len(product.runs("chain3")) == 100
    assert product.rows is not None
    rows = product.rows("SELECT run_pk, task_id, try_number, state, start_date FROM attempt")
    left = product.rows("SELECT max_tries - try_number FROM task_instance")
    starts = Counter((run, task, number) for run, task, number, _, start_date in rows if start_date is not None)
    assert max(starts.values()) == 1, "no attempt starts twice"
    ended = Counter((run, task) for run, task, _, state, _ in rows if state == "success")
    assert len(ended) == 300
    assert max(ended.values()) == 1, "nothing succeeds twice"
    assert {state for *_, state, _ in rows} <= {"success", "lost", "cancelled"}
    # A lost worker gives a try more than it takes, so that the retries of the task stay whole.
    assert {number for (number,) in left} == {-1}
