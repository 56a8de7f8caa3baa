"""Variables: texts kept by the installation."""

from __future__ import annotations

import json
import os
from typing import Any

from airflow._runtime import get_runtime, require_runtime
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.types import NOTSET, ArgNotSet
from airflow.utils.log.secrets_masker import mask_secret

ENVIRONMENT_PREFIX = "AIRFLOW_VAR_"


class VariableNotFound(AirflowRuntimeError, KeyError):
    """There is no such variable. It is what 3.x raises, and the ``KeyError`` of 2.x."""

    def __init__(self, key: str) -> None:
        super().__init__(ErrorType.VARIABLE_NOT_FOUND)
        self.key = key

    def __str__(self) -> str:
        return f"Variable {self.key} does not exist"


def _forget(key: str) -> None:
    from airflow.secrets.cache import SecretCache

    SecretCache.invalidate_variable(key)


class Variable:
    """A text by key: of the installation's secrets backend, else ``AIRFLOW_VAR_<KEY>`` of the environment, else stored."""

    def __init__(self, key: str = "", value: Any = None, val: Any = None, description: str | None = None) -> None:
        self.key = key
        self.value = val if value is None else value
        self.description = description

    @property
    def val(self) -> Any:
        """The old name of ``value``."""
        return self.value

    @staticmethod
    def _find(key: str) -> str | None:
        from airflow.secrets.cache import SecretCache

        try:
            return SecretCache.get_variable(key)
        except SecretCache.NotPresentException:
            found = Variable._ask(key)
            SecretCache.save_variable(key, found)
            return found

    @staticmethod
    def _ask(key: str) -> str | None:
        from airflow.secrets import custom_backend

        backend = custom_backend()
        text = backend.get_variable(key) if backend is not None else None
        if text is None:
            text = os.environ.get(f"{ENVIRONMENT_PREFIX}{key.upper()}")
        if text is not None:
            mask_secret({key: text})
            return text
        runtime = get_runtime()
        return None if runtime is None else runtime.variable_get(key)

    @classmethod
    def get(cls, key: str, default: Any = NOTSET, deserialize_json: bool = False, *, default_var: Any = NOTSET) -> Any:
        """The value; without a default a missing variable is an error that is also a ``KeyError``."""
        text = cls._find(key)
        if text is not None:
            return json.loads(text) if deserialize_json else text
        for fallback in (default, default_var):
            if not isinstance(fallback, ArgNotSet):
                return fallback
        raise VariableNotFound(key)

    @staticmethod
    def set(key: str, value: Any, description: str | None = None, serialize_json: bool = False) -> None:
        """Store a value, as JSON when asked."""
        text = json.dumps(value, indent=2) if serialize_json else str(value)
        require_runtime("Variable.set").variable_set(key, text, description)
        _forget(key)

    @classmethod
    def setdefault(cls, key: str, default: Any, description: str | None = None, deserialize_json: bool = False) -> Any:
        """The value; when there is none, ``default`` is stored (as JSON) and returned."""
        found = cls.get(key, default=None, deserialize_json=deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError("Default Value must be set")
        cls.set(key, default, description=description, serialize_json=deserialize_json)
        return default

    @classmethod
    def update(cls, key: str, value: Any, serialize_json: bool = False) -> None:
        """Store a new value of a variable that exists."""
        if cls._find(key) is None:
            raise VariableNotFound(key)
        cls.set(key, value, serialize_json=serialize_json)

    @staticmethod
    def delete(key: str) -> int:
        """Remove a variable; the number of those removed."""
        _forget(key)
        return require_runtime("Variable.delete").variable_delete(key)

    @staticmethod
    def keys(prefix: str | None = None) -> list[str]:
        """The keys of stored variables that begin with ``prefix``."""
        return require_runtime("Variable.keys").variable_keys(prefix)

    def get_val(self) -> Any:
        """The value."""
        return self.value
