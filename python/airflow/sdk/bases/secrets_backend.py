"""The home of :class:`BaseSecretsBackend` in 3.3."""

from airflow.secrets.base_secrets import BaseSecretsBackend

__all__ = ["BaseSecretsBackend"]
