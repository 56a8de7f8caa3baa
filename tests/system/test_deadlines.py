"""Deadlines of runs and SLAs of tasks that are missed are told once, over a power cut."""
from __future__ import annotations

from collections.abc import Callable

from measure import Product, until


def test_each_miss_is_told_once(start: Callable[..., Product]) -> None:
    product = start("deadlines.py")
    told = product.dags / "told.txt"

    def lines() -> list[str]:
        return sorted(told.read_text().splitlines()) if told.exists() else []

    product.ready("has_deadlines")
    product.ready("has_sla")
    run_id = product.trigger("has_deadlines")
    expected = [f"deadline {run_id} soon", "sla has_sla waits ['waits']"]
    until(lambda: lines() == expected, 60, f"both are told: {lines()}", 0.1)
    product.kill()
    product.start()
    product.sign_in()
    # A second run misses its deadline after the power cut: by then the first one would have been told again.
    second = product.trigger("has_deadlines")
    until(lambda: f"deadline {second} soon" in lines(), 60, f"the second run is told: {lines()}", 0.1)
    (product.dags / "go").touch()
    product.finish("has_deadlines", run_id, 0.05)
    product.finish("has_deadlines", second, 0.05)
    assert lines() == sorted([*expected, f"deadline {second} soon"])
    assert product.rows is not None
    missed = product.rows("SELECT name, COUNT(*) FROM deadline_miss GROUP BY name ORDER BY name")
    assert [tuple(row) for row in missed] == [("deadline/0", 2), ("sla/waits", 1)]
