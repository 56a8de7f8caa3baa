"""Hiding values in the task's log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from airflow._runtime import get_runtime

_SENSITIVE = frozenset(
    [
        "access_token",
        "api_key",
        "apikey",
        "authorization",
        "passphrase",
        "passwd",
        "password",
        "private_key",
        "secret",
        "token",
        "keyfile_dict",
        "service_account",
    ]
)


def should_hide_value_for_key(name: Any) -> bool:
    """Whether a value under this name is a secret by its name."""
    return isinstance(name, str) and any(word in name.strip().lower() for word in _SENSITIVE)


class SecretsMasker(logging.Filter):
    """A filter for logs of one's own; the task's log needs none, because the worker hides what is to be hidden."""

    @staticmethod
    def redact(item: Any, name: str | None = None, max_depth: int | None = None) -> Any:
        """``item`` with what is secret by its name replaced."""
        return redact(item, name, max_depth)

    @staticmethod
    def add_mask(secret: Any, name: str | None = None) -> None:
        """Hide ``secret`` from now on."""
        mask_secret(secret, name)


Redactable = Any
Redacted = Any
_masker = SecretsMasker()


def _secrets_masker() -> SecretsMasker:
    return _masker


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Hide ``secret`` in what the task writes from now on: a text, or everything in a collection."""
    texts = sorted(set(_texts(secret, name)))
    runtime = get_runtime()
    if texts and runtime is not None:
        runtime.mask(texts)


def _texts(secret: Any, name: str | None) -> Iterable[str]:
    if isinstance(secret, Mapping):
        for key, value in secret.items():
            yield from _texts(value, key)
    elif isinstance(secret, str):
        if secret and (name is None or should_hide_value_for_key(name)):
            yield secret
    elif isinstance(secret, Iterable):
        for value in secret:
            yield from _texts(value, name)


def redact(value: Any, name: str | None = None, max_depth: int | None = None) -> Any:
    """``value`` with what is secret by its name replaced by ``***``."""
    if name and should_hide_value_for_key(name):
        return "***"
    if isinstance(value, Mapping):
        return {key: redact(item, key) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return type(value)(redact(item) for item in value)
    return value
