"""The home of :class:`AssetAccessControl` in 3.3."""

from airflow.sdk.definitions.asset import AssetAccessControl

__all__ = ["AssetAccessControl"]
