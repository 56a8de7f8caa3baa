"""Looking for circles in DAGs."""

from __future__ import annotations

from typing import Any


def check_cycle(dag: Any) -> None:
    """Raise ``AirflowDagCycleException`` when the tasks of ``dag`` depend on each other in a circle."""
    dag.check_cycle()


test_cycle = check_cycle
