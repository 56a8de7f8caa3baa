"""What a task says about an asset that it has written."""

from __future__ import annotations

from typing import Any


class Metadata:
    """Extra values for the event of ``asset``; yielded by a task."""

    def __init__(self, asset: Any = None, extra: dict[str, Any] | None = None, alias: Any = None, **old: Any) -> None:
        self.asset = asset if asset is not None else old.get("target")
        self.extra = dict(extra or {})
        self.alias = alias
