"""The cache of secrets; backends are asked each time here."""

from __future__ import annotations


class SecretCache:
    """Kept for code that empties it."""

    @classmethod
    def init(cls) -> None:
        """Nothing is kept."""

    @classmethod
    def reset(cls) -> None:
        """Nothing is kept."""

    @classmethod
    def invalidate_variable(cls, key: str, **_: object) -> None:
        """Nothing is kept."""

    @classmethod
    def invalidate_connection_uri(cls, conn_id: str, **_: object) -> None:
        """Nothing is kept."""
