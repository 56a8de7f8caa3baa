"""Where variables and connections are looked for: a backend of the installation, the environment, the control plane."""

from __future__ import annotations

from functools import cache
from typing import Any

from airflow.configuration import conf
from airflow.secrets.base_secrets import BaseSecretsBackend

__all__ = ["DEFAULT_SECRETS_SEARCH_PATH", "BaseSecretsBackend", "custom_backend"]

PROVIDED_VAULT = "airflow.providers.hashicorp.secrets.vault.VaultBackend"
CONFIG_SECTION = "secrets"
DEFAULT_SECRETS_SEARCH_PATH = [
    "airflow.secrets.environment_variables.EnvironmentVariablesBackend",
    "airflow.secrets.metastore.MetastoreBackend",
]


def custom_backend() -> BaseSecretsBackend | None:
    """The backend that ``[workers] secrets_backend``, else ``[secrets] backend``, names; made once."""
    for section, path_key, kwargs_key in (
        ("workers", "secrets_backend", "secrets_backend_kwargs"),
        ("secrets", "backend", "backend_kwargs"),
    ):
        path = conf.get(section, path_key, fallback="")
        if path:
            return _made(path, conf.get(section, kwargs_key, fallback="") or "{}")
    return None


@cache
def _made(path: str, kwargs: str) -> BaseSecretsBackend:
    import json

    from airflow.utils.module_loading import import_string

    arguments: dict[str, Any] = json.loads(kwargs)
    try:
        found = import_string(path)
    except ModuleNotFoundError as error:
        # Vault needs no package: ours reads the same secrets.
        if path != PROVIDED_VAULT or not str(error.name).startswith(("airflow.providers", "hvac")):
            raise
        from airflow.secrets import vault

        found = vault.VaultBackend
    return found(**arguments)  # type: ignore[no-any-return]
