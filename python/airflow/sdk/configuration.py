"""Read access to the configuration."""

from airflow.configuration import conf

__all__ = ["conf"]
