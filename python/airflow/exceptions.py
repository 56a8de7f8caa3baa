"""Exceptions under their old home; see ``airflow.sdk.exceptions``."""

from airflow.sdk.exceptions import *  # noqa: F403
