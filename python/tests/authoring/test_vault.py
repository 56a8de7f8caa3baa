"""Secrets in Vault: the key-value engines, ways to sign in, tokens that end, errors in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_vault import FakeVault

from airflow import secrets
from airflow.sdk import Connection, Variable
from airflow.secrets.cache import SecretCache
from airflow.secrets.vault import VaultBackend, VaultError


@pytest.fixture
def vault() -> Iterator[FakeVault]:
    server = FakeVault()
    yield server
    server.stop()


def backend(vault: FakeVault, **options: Any) -> VaultBackend:
    return VaultBackend(url=vault.url, **{"token": "root", **options})


@pytest.mark.parametrize("version", [1, 2])
def test_values_of_both_engines(vault: FakeVault, version: int) -> None:
    vault.keep("secret/variables/hello", version, value="world")
    vault.keep("secret/connections/db", version, conn_uri="postgres://u:p@h:5432/s")
    vault.keep("secret/connections/fields", version, conn_type="http", host="example.com", port=8080)
    vault.keep("secret/config/sql_alchemy_conn", version, value="sqlite://")
    found = backend(vault, kv_engine_version=version)
    assert found.get_variable("hello") == "world"
    assert found.get_variable("missing") is None
    assert found.get_config("sql_alchemy_conn") == "sqlite://"
    connection = found.get_connection("db")
    assert (connection.conn_type, connection.host, connection.port, connection.password) == ("postgres", "h", 5432, "p")
    fields = found.get_connection("fields")
    assert (fields.conn_id, fields.conn_type, fields.host, fields.port) == ("fields", "http", "example.com", 8080)
    assert found.get_connection("missing") is None


def test_paths_and_engines(vault: FakeVault) -> None:
    vault.keep("team/vars/hello", value="1")
    assert backend(vault, mount_point="team", variables_path="vars").get_variable("hello") == "1"
    vault.keep("own/vars/a", value="2")
    named = backend(vault, mount_point=None, variables_path="vars")
    assert named.get_variable("own/a") == "2"
    assert named.get_variable("no_engine") is None
    vault.asked.clear()
    assert backend(vault, variables_path=None).get_variable("hello") is None
    assert vault.asked == []


@pytest.mark.parametrize(
    ("options", "path", "body"),
    [
        (
            {"auth_type": "approle", "role_id": "r", "secret_id": "s"},
            "/v1/auth/approle/login",
            {"role_id": "r", "secret_id": "s"},
        ),
        ({"auth_type": "userpass", "username": "u", "password": "p"}, "/v1/auth/userpass/login/u", {"password": "p"}),
        (
            {"auth_type": "ldap", "username": "u", "password": "p", "auth_mount_point": "corp"},
            "/v1/auth/corp/login/u",
            {"password": "p"},
        ),
    ],
)
def test_signing_in(vault: FakeVault, options: dict[str, Any], path: str, body: dict[str, Any]) -> None:
    vault.keep("secret/variables/hello", value="world")
    vault.logins[path] = body
    found = backend(vault, token=None, **options)
    assert found.get_variable("hello") == "world"
    assert found.get_variable("hello") == "world"
    assert vault.asked.count(path) == 1
    # The token ends: a new one is asked for, once.
    vault.tokens = {"root", "another"}
    assert found.get_variable("hello") == "world"
    assert vault.asked.count(path) == 2
    vault.logins[path] = {"other": "secret"}
    vault.tokens = {"root"}
    with pytest.raises(VaultError, match=r"refused to sign in by .*: 400 invalid credentials"):
        found.get_variable("hello")


def test_service_accounts_of_kubernetes(vault: FakeVault, tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("abc\n")
    vault.logins["/v1/auth/kubernetes/login"] = {"role": "dags", "jwt": "abc"}
    vault.keep("secret/variables/hello", value="world")
    options = {"token": None, "auth_type": "kubernetes", "kubernetes_role": "dags"}
    assert backend(vault, kubernetes_jwt_path=str(tmp_path / "jwt"), **options).get_variable("hello") == "world"
    with pytest.raises(VaultError, match="token file"):
        backend(vault, kubernetes_jwt_path=str(tmp_path / "none"), **options).get_variable("hello")


def test_tokens_from_a_file_and_the_environment(vault: FakeVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.keep("secret/variables/hello", value="world")
    vault.namespace = "team"
    (tmp_path / "token").write_text("root\n")
    monkeypatch.setenv("VAULT_ADDR", vault.url)
    monkeypatch.setenv("VAULT_NAMESPACE", "team")
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    assert VaultBackend(token_path=str(tmp_path / "token")).get_variable("hello") == "world"
    with pytest.raises(VaultError, match="token or token_path"):
        VaultBackend().get_variable("hello")
    monkeypatch.setenv("VAULT_TOKEN", "wrong")
    with pytest.raises(VaultError, match="answered 403 to GET secret/data/variables/hello: permission denied"):
        VaultBackend().get_variable("hello")


def test_wrong_settings_are_named(vault: FakeVault) -> None:
    for options, said in (
        ({"auth_type": "aws_iam"}, "auth_type 'aws_iam' is not one of"),
        ({"auth_type": "approle"}, "needs role_id"),
        ({"kv_engine_version": 3}, "is 1 or 2"),
        ({"colour": "red"}, "does not know colour"),
    ):
        with pytest.raises(VaultError, match=said):
            backend(vault, **options)
    vault.keep("secret/connections/bad", hots="h")
    with pytest.raises(VaultError, match="connection 'bad' in Vault"):
        backend(vault).get_connection("bad")
    gone = VaultBackend(url="http://127.0.0.1:9", token="root")
    with pytest.raises(VaultError, match=r"http://127\.0\.0\.1:9 cannot be asked"):
        gone.get_variable("hello")


@pytest.mark.parametrize("path", ["airflow.secrets.vault.VaultBackend", secrets.PROVIDED_VAULT])
def test_as_the_backend_of_the_installation(vault: FakeVault, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The provider's name works without its package."""
    vault.keep("secret/variables/hello", value="world")
    vault.keep("secret/connections/db", conn_uri="postgres://h")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", path)
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"url": vault.url, "token": "root"}))
    monkeypatch.setenv("AIRFLOW_VAR_HELLO", "environment")
    monkeypatch.setenv("AIRFLOW_VAR_OTHER", "environment")
    assert Variable.get("hello") == "world"
    assert Variable.get("other") == "environment"
    assert Connection.get("db").host == "h"


def test_one_question_while_a_file_is_loaded(vault: FakeVault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.keep("secret/variables/hello", value="world")
    vault.keep("secret/connections/db", conn_uri="postgres://h")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "airflow.secrets.vault.VaultBackend")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"url": vault.url, "token": "root"}))

    def ask() -> int:
        vault.asked.clear()
        for _ in range(3):
            assert Variable.get("hello") == "world"
            assert Variable.get("none", default=None) is None
            assert Connection.get("db").host == "h"
        return len(vault.asked)

    assert ask() == 9
    monkeypatch.setenv("AIRFLOW__SECRETS__USE_CACHE", "True")
    SecretCache.init()
    assert ask() == 3
    assert ask() == 0
    SecretCache.invalidate_variable("hello")
    assert ask() == 1
    SecretCache.reset()
    assert ask() == 9
