"""Labels on edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk.definitions._internal.node import DependencyMixin


class EdgeModifier(DependencyMixin):
    """Stands between the two ends of an edge and gives it a label."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._upstream: list[DependencyMixin] = []
        self._downstream: list[DependencyMixin] = []

    @property
    def roots(self) -> list[DependencyMixin]:
        """Nothing: the label draws its edges itself."""
        return []

    @property
    def leaves(self) -> list[DependencyMixin]:
        """Nothing: the label draws its edges itself."""
        return []

    def _keep(self, nodes: list[DependencyMixin], other: Any) -> None:
        for node in other if isinstance(other, Sequence) else [other]:
            if not isinstance(node, DependencyMixin):
                raise TypeError(f"Cannot set a label next to {type(node).__name__}")
            if not any(known is node for known in nodes):
                nodes.append(node)

    def _convert(self) -> None:
        for before in self._upstream:
            for after in self._downstream:
                before.set_downstream(after, edge_modifier=self)

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Put ``other`` before the label."""
        self._keep(self._upstream, other)
        self._convert()

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Put ``other`` after the label."""
        self._keep(self._downstream, other)
        self._convert()

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: EdgeModifier | None = None) -> None:
        """Remember the other side's end; edges are drawn as soon as both ends are known."""
        self._keep(self._upstream if upstream else self._downstream, other)
        self._convert()

    def add_edge_info(self, dag: Any, upstream_id: str, downstream_id: str) -> None:
        """Store the label in ``dag`` for one edge."""
        dag.set_edge_info(upstream_id, downstream_id, {"label": self.label})


def Label(label: str) -> EdgeModifier:  # noqa: N802
    """An edge label: ``a >> Label("why") >> b``."""
    return EdgeModifier(label=label)
