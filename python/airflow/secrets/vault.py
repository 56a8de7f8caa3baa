"""Variables, connections and settings in HashiCorp Vault's key-value engine, over its HTTP API: no package is needed.

Takes the ``backend_kwargs`` of the provider's ``VaultBackend`` and reads the same secrets. It also stands in for that class where the
provider package is not installed.
"""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from airflow.sdk.exceptions import AirflowException
from airflow.secrets.base_secrets import BaseSecretsBackend
from airflow.utils.log.secrets_masker import mask_secret

#: What each way of signing in needs, by the names of the arguments.
_NEEDS = {
    "token": (),
    "approle": ("role_id",),
    "userpass": ("username", "password"),
    "ldap": ("username", "password"),
    "kubernetes": ("kubernetes_role",),
}
#: Where service accounts of Kubernetes find their token.
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"


class VaultError(AirflowException):
    """Vault did not give what was asked for; the text names the request and the reason, never a secret."""


class VaultBackend(BaseSecretsBackend):
    """Secrets below ``connections_path``, ``variables_path`` and ``config_path`` (``None``: not asked) of the engine at ``mount_point``.

    A variable and a setting stand under the key ``value``, a connection under ``conn_uri`` or as its fields. Without ``mount_point``
    the first part of a secret's name is its engine. ``auth_type`` is one of token, approle, userpass, ldap, kubernetes.
    """

    def __init__(
        self,
        connections_path: str | None = "connections",
        variables_path: str | None = "variables",
        config_path: str | None = "config",
        url: str | None = None,
        auth_type: str = "token",
        auth_mount_point: str | None = None,
        mount_point: str | None = "secret",
        kv_engine_version: int = 2,
        token: str | None = None,
        token_path: str | None = None,
        username: str | None = None,
        password: str | None = None,
        role_id: str | None = None,
        secret_id: str | None = None,
        kubernetes_role: str | None = None,
        kubernetes_jwt_path: str = _SERVICE_ACCOUNT,
        namespace: str | None = None,
        verify: bool | str = True,
        timeout: float = 30,
        **others: Any,
    ) -> None:
        super().__init__()
        given = {
            "username": username,
            "password": password,
            "role_id": role_id,
            "secret_id": secret_id,
            "kubernetes_role": kubernetes_role,
        }
        if others:
            raise VaultError(
                f"VaultBackend does not know {', '.join(sorted(others))}: install apache-airflow-providers-hashicorp for it"
            )
        if auth_type not in _NEEDS:
            raise VaultError(
                f"auth_type {auth_type!r} is not one of {', '.join(_NEEDS)}: install apache-airflow-providers-hashicorp for others"
            )
        missing = [name for name in _NEEDS[auth_type] if not given[name]]
        if missing:
            raise VaultError(f"auth_type {auth_type!r} of VaultBackend needs {' and '.join(missing)} in backend_kwargs")
        if kv_engine_version not in (1, 2):
            raise VaultError(f"kv_engine_version of VaultBackend is 1 or 2, not {kv_engine_version!r}")
        self._paths = {"connection": connections_path, "variable": variables_path, "setting": config_path}
        self._url = (url or os.environ.get("VAULT_ADDR", "http://127.0.0.1:8200")).rstrip("/")
        self._auth_type, self._auth_mount = auth_type, auth_mount_point or auth_type
        self._mount_point, self._version = mount_point, kv_engine_version
        self._given, self._jwt_path = given, kubernetes_jwt_path
        self._token_given, self._token_path = token, token_path
        self._namespace = namespace or os.environ.get("VAULT_NAMESPACE")
        self._verify, self._timeout = verify, timeout
        self._token: str | None = None

    def get_connection(self, conn_id: str, *args: Any, **kwargs: Any) -> Any:
        """The connection, from a URI or from fields."""
        from airflow.sdk.definitions.connection import Connection

        secret = self._secret("connection", conn_id)
        if secret is None:
            return None
        if secret.get("conn_uri"):
            return self.deserialize_connection(conn_id, secret["conn_uri"])
        try:
            return Connection(conn_id=conn_id, **{name: value for name, value in secret.items() if name != "conn_id"})
        except TypeError as error:
            raise VaultError(f"connection {conn_id!r} in Vault has a field that connections do not have: {error}") from None

    def get_variable(self, key: str, *args: Any, **kwargs: Any) -> str | None:
        """The variable's text."""
        return self._value("variable", key)

    def get_config(self, key: str) -> str | None:
        """The setting's text."""
        return self._value("setting", key)

    def _value(self, kind: str, name: str) -> str | None:
        secret = self._secret(kind, name)
        return None if secret is None else secret.get("value")

    def _secret(self, kind: str, name: str) -> dict[str, Any] | None:
        prefix = self._paths[kind]
        if prefix is None:
            return None
        mount, path = self._mount_point, f"{prefix}/{name}" if prefix else name
        if mount is None:
            mount, separator, rest = name.partition("/")
            if not separator:
                return None
            path = f"{prefix}/{rest}" if prefix else rest
        middle = "data/" if self._version == 2 else ""
        answer = self._ask("GET", f"{mount}/{middle}{path}")
        if answer is None:
            return None
        found = answer.get("data") or {}
        secret: dict[str, Any] | None = found.get("data") if self._version == 2 else found
        return secret

    def _ask(self, method: str, path: str) -> dict[str, Any] | None:
        """The answer, ``None`` for a secret that is not there. An old token is replaced once."""
        fresh = self._token is None
        if self._token is None:
            self._token = self._sign_in()
        try:
            return self._request(method, path, None, self._token)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            if error.code == 403 and not fresh and self._auth_type != "token":
                self._token = None
                return self._ask(method, path)
            raise VaultError(f"Vault at {self._url} answered {error.code} to {method} {path}: {_reason(error)}") from None

    def _sign_in(self) -> str:
        if self._auth_type == "token":
            return self._own_token()
        given, mount = self._given, self._auth_mount
        if self._auth_type == "approle":
            path, body = f"auth/{mount}/login", {"role_id": given["role_id"], "secret_id": given["secret_id"]}
        elif self._auth_type == "kubernetes":
            path, body = f"auth/{mount}/login", {"role": given["kubernetes_role"], "jwt": _text_of(self._jwt_path)}
        else:
            path, body = f"auth/{mount}/login/{given['username']}", {"password": given["password"]}
        try:
            answer = self._request("POST", path, {name: value for name, value in body.items() if value is not None}, None)
            token: str = answer["auth"]["client_token"]
        except urllib.error.HTTPError as error:
            raise VaultError(
                f"Vault at {self._url} refused to sign in by {self._auth_type}: {error.code} {_reason(error)}"
            ) from None
        except KeyError:
            raise VaultError(f"Vault at {self._url} gave no token when signing in by {self._auth_type}") from None
        mask_secret(token)
        return token

    def _own_token(self) -> str:
        token = self._token_given or (_text_of(self._token_path) if self._token_path else None) or os.environ.get("VAULT_TOKEN")
        if not token:
            raise VaultError("VaultBackend needs token or token_path in backend_kwargs, or VAULT_TOKEN in the environment")
        return token

    def _request(self, method: str, path: str, body: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._url}/v1/{quote(path)}", method=method)
        request.add_header("X-Vault-Request", "true")
        if token is not None:
            request.add_header("X-Vault-Token", token)
        if self._namespace:
            request.add_header("X-Vault-Namespace", self._namespace)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout, context=self._tls()) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError) as error:
            raise VaultError(f"Vault at {self._url} cannot be asked for {path}: {error}") from None

    def _tls(self) -> ssl.SSLContext | None:
        if not self._url.startswith("https:"):
            return None
        if isinstance(self._verify, str):
            return ssl.create_default_context(cafile=self._verify)
        context = ssl.create_default_context()
        if not self._verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise VaultError(f"the token file of VaultBackend cannot be read: {error}") from None


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return "; ".join(json.load(error)["errors"]) or str(error.reason)
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
