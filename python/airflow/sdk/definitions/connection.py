"""Connections: where other systems are and how to sign in there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from airflow._runtime import get_runtime
from airflow.sdk.definitions._internal.connection_uri import format_uri, normalize_type, parse_uri
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowRuntimeError, ErrorType
from airflow.utils.log.secrets_masker import mask_secret

ENVIRONMENT_PREFIX = "AIRFLOW_CONN_"
_FIELDS = ("conn_type", "description", "host", "schema", "login", "password", "port", "extra")


class ConnectionNotFound(AirflowNotFoundException, AirflowRuntimeError):
    """There is no such connection."""

    def __init__(self, conn_id: str) -> None:
        self.error = ErrorType.CONNECTION_NOT_FOUND
        AirflowNotFoundException.__init__(self, f"The conn_id `{conn_id}` isn't defined")


class Connection:
    """A connection by id: of the installation's secrets backend, else ``AIRFLOW_CONN_<ID>`` (a URI or JSON), else stored."""

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | Mapping[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        self.conn_id = conn_id
        self.description = description
        fields = (conn_type, host, login, password, schema, port, extra)
        if uri is not None:
            if any(value is not None for value in fields):
                raise AirflowException(
                    "You must create an object using the URI or individual values "
                    "(conn_type, host, login, password, schema, port or extra). You can't mix these two ways."
                )
            parsed = parse_uri(uri)
            conn_type, host, login = parsed["conn_type"], parsed["host"], parsed["login"]
            password, schema, port, extra = parsed["password"], parsed["schema"], parsed["port"], parsed["extra"]
        self.conn_type = normalize_type(conn_type) if conn_type is not None else None
        self.host, self.login, self.password, self.schema = host, login, password, schema
        self.port = port
        self.extra = json.dumps(extra) if extra is not None and not isinstance(extra, str) else extra

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """``extra`` read as JSON; empty when there is none."""
        return self.get_extra_dejson()

    def get_extra_dejson(self, nested: bool = False) -> dict[str, Any]:
        """``extra`` read as JSON; with ``nested`` texts in it that are JSON are read as well."""
        if not self.extra:
            return {}
        try:
            found = json.loads(self.extra)
        except ValueError:
            return {}
        if nested and isinstance(found, dict):
            for key, value in found.items():
                if isinstance(value, str):
                    try:
                        found[key] = json.loads(value)
                    except ValueError:
                        continue
        return found if isinstance(found, dict) else {}

    def get_uri(self) -> str:
        """The connection as a URI."""
        return format_uri(self)

    def get_password(self) -> str | None:
        """The password."""
        return self.password

    def get_extra(self) -> str | None:
        """The extra, as JSON text."""
        return self.extra

    def to_dict(self, *, prune_empty: bool = False, validate: bool = True) -> dict[str, Any]:
        """The fields; without empty ones when asked."""
        found = {"conn_id": self.conn_id, **{name: getattr(self, name) for name in _FIELDS}}
        found["extra"] = self.extra_dejson if self.extra else None
        return {name: value for name, value in found.items() if value not in (None, "")} if prune_empty else found

    def as_json(self) -> str:
        """The fields without the id as JSON."""
        found = self.to_dict(prune_empty=True)
        found.pop("conn_id", None)
        return json.dumps(found)

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """A connection from a JSON object of fields."""
        kwargs = json.loads(value)
        if not isinstance(kwargs, dict):
            raise AirflowException(f"the JSON of connection {conn_id!r} has to be an object")
        kwargs["conn_type"] = kwargs.pop("conn_type", kwargs.pop("type", None)) or kwargs.pop("scheme", None)
        if kwargs.get("port") is not None:
            try:
                kwargs["port"] = int(kwargs["port"])
            except ValueError:
                raise ValueError(f"Expected integer value for `port`, but got {kwargs['port']!r} instead.") from None
        unknown = sorted(set(kwargs) - {*_FIELDS, "uri", "conn_id"})
        if unknown:
            raise AirflowException(f"the JSON of connection {conn_id!r} has unknown keys: {', '.join(unknown)}")
        kwargs.pop("conn_id", None)
        return cls(conn_id=conn_id, **kwargs)

    @classmethod
    def from_uri(cls, uri: str, conn_id: str | None = None) -> Connection:
        """A connection from a URI."""
        return cls(conn_id=conn_id, uri=uri)

    @classmethod
    def get(cls, conn_id: str) -> Connection:
        """The connection of this id; a ``ConnectionNotFound`` when there is none."""
        from airflow.secrets.cache import SecretCache

        try:
            found = SecretCache.find(SecretCache.CONNECTION, conn_id)
        except SecretCache.NotPresentException:
            found = SecretCache.keep(SecretCache.CONNECTION, conn_id, cls._ask(conn_id))
        if found is None:
            raise ConnectionNotFound(conn_id)
        return found  # type: ignore[no-any-return]

    @classmethod
    def _ask(cls, conn_id: str) -> Connection | None:
        from airflow.secrets import custom_backend

        backend = custom_backend()
        made = backend.get_connection(conn_id) if backend is not None else None
        text = os.environ.get(f"{ENVIRONMENT_PREFIX}{conn_id.upper()}")
        if made is None and text is not None:
            text = text.strip()
            made = cls.from_json(text, conn_id) if text.startswith("{") else cls.from_uri(text, conn_id)
        if made is not None:
            # The control plane hides what it hands out itself; it does not know this one.
            mask_secret({"password": made.password, "extra": made.extra_dejson})
            return made  # type: ignore[no-any-return]
        runtime = get_runtime()
        found = None if runtime is None else runtime.connection_get(conn_id)
        if found is None:
            return None
        return cls(**{name: found.get(name) for name in ("conn_id", *_FIELDS)})

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """The connection of this id, wherever it is kept."""
        return cls.get(conn_id)

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook of the provider package that knows this type of connection."""
        from airflow.sdk.bases._provider_hooks import hook_class

        found, id_parameter = hook_class(self.conn_type or "")
        return found(**{id_parameter: self.conn_id, **(hook_params or {})})

    def __repr__(self) -> str:
        return self.conn_id or ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.conn_id)
