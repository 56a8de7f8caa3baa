"""Parts of classes."""

from airflow.sdk.definitions._internal.templater import ResolveMixin

__all__ = ["ResolveMixin"]
