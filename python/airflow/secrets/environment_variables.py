"""Variables and connections in the environment."""

from __future__ import annotations

import os
from typing import Any

from airflow.secrets.base_secrets import BaseSecretsBackend

CONN_ENV_PREFIX = "AIRFLOW_CONN_"
VAR_ENV_PREFIX = "AIRFLOW_VAR_"


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """``AIRFLOW_CONN_<ID>`` and ``AIRFLOW_VAR_<KEY>``."""

    def get_conn_value(self, conn_id: str, *args: Any, **kwargs: Any) -> str | None:
        """The text of the environment variable."""
        return os.environ.get(CONN_ENV_PREFIX + conn_id.upper())

    def get_variable(self, key: str, *args: Any, **kwargs: Any) -> str | None:
        """The text of the environment variable."""
        return os.environ.get(VAR_ENV_PREFIX + key.upper())
