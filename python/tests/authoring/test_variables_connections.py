"""Variables and connections: from the environment, from the runtime, as URIs and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airflow.hooks.base import BaseHook

from airflow import _runtime
from airflow._runtime import RuntimeCallError
from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import Connection, Variable
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError, ErrorType
from airflow.utils.log.secrets_masker import mask_secret, redact

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "connection_uris.json").read_text(encoding="utf-8"))
FIELDS = ("conn_type", "host", "login", "password", "schema", "port")

#: A type with an underscore and a URI without a type are read as what they say.
READ_AS_MEANT = {"connection_uris-00018", "connection_uris-00077"}


def fields(connection: Connection) -> dict[str, Any]:
    extra = json.loads(connection.extra) if connection.extra else None
    return {**{name: getattr(connection, name) for name in FIELDS}, "extra": extra}


@pytest.mark.parametrize(
    "case", [c for c in VECTORS["cases"] if c["op"] == "parse" and c["id"] not in READ_AS_MEANT], ids=lambda c: c["id"]
)
def test_reading_a_uri(case: dict[str, Any]) -> None:
    connection = Connection(uri=case["uri"])
    assert fields(connection) == case["v3"]["result"]
    assert connection.get_uri() == case["v3"]["formatted"]


@pytest.mark.parametrize("case", [c for c in VECTORS["cases"] if c["op"] == "format"], ids=lambda c: c["id"])
def test_writing_a_uri(case: dict[str, Any]) -> None:
    given = dict(case["fields"])
    extra = given.pop("extra")
    connection = Connection(**given, extra=None if extra is None else json.dumps(extra))
    assert connection.get_uri() == case["v3"]["uri"]
    if case["id"] not in READ_AS_MEANT:
        assert fields(Connection(uri=case["v3"]["uri"])) == case["v3"]["parsed_back"]


def test_types_with_an_underscore() -> None:
    connection = Connection(uri="my_type://h")
    assert (connection.conn_type, connection.host) == ("my_type", "h")
    assert connection.get_uri() == "my-type://h"


class Store:
    """Variables and connections in memory."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, dict[str, Any]] = {}
        self.masked: list[str] = []

    def variable_get(self, key: str) -> str | None:
        return self.variables.get(key)

    def variable_set(self, key: str, value: str, description: str | None = None) -> None:
        self.variables[key] = value

    def variable_delete(self, key: str) -> int:
        return 0 if self.variables.pop(key, None) is None else 1

    def variable_keys(self, prefix: str | None = None) -> list[str]:
        return sorted(key for key in self.variables if key.startswith(prefix or ""))

    def connection_get(self, conn_id: str) -> dict[str, Any] | None:
        return self.connections.get(conn_id)

    def mask(self, values: list[str]) -> None:
        self.masked.extend(values)


@pytest.fixture
def store() -> Store:
    found = Store()
    _runtime.set_runtime(found)  # type: ignore[arg-type]
    return found


def test_variables(store: Store) -> None:
    Variable.set("plain", 5)
    Variable.set("json", {"a": [1]}, serialize_json=True, description="text")
    assert Variable.get("plain") == "5"
    assert Variable.get("json", deserialize_json=True) == {"a": [1]}
    assert store.variables["json"] == '{\n  "a": [\n    1\n  ]\n}'
    assert Variable.keys() == ["json", "plain"]
    assert Variable.keys(prefix="p") == ["plain"]
    assert Variable.delete("plain") == 1
    assert Variable.delete("plain") == 0
    assert Variable.setdefault("new", {"x": 1}, deserialize_json=True) == {"x": 1}
    assert Variable.setdefault("new", {"x": 2}, deserialize_json=True) == {"x": 1}
    Variable.update("new", "other")
    assert Variable.get("new") == "other"


def test_missing_variables(store: Store) -> None:
    assert Variable.get("missing", default=None) is None
    assert Variable.get("missing", 3) == 3
    assert Variable.get("missing", default_var="x") == "x"
    with pytest.raises(KeyError):
        Variable.get("missing")
    with pytest.raises(AirflowRuntimeError) as signalled:
        Variable.get("missing")
    assert signalled.value.error == ErrorType.VARIABLE_NOT_FOUND
    assert str(signalled.value) == "Variable missing does not exist"
    with pytest.raises(KeyError):
        Variable.update("missing", 1)


def test_the_environment_wins(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.variables["x"] = "stored"
    store.connections["db"] = {"conn_id": "db", "conn_type": "postgres", "host": "stored", "port": 5}
    assert Connection.get("db").port == 5
    monkeypatch.setenv("AIRFLOW_VAR_X", "outside")
    monkeypatch.setenv("AIRFLOW_CONN_DB", "postgresql://me:secret@outside:1/db")
    assert Variable.get("x") == "outside"
    assert BaseHook.get_connection("db").host == "outside"
    monkeypatch.setenv("AIRFLOW_CONN_DB", '{"conn_type": "postgres", "host": "as json", "port": "7", "extra": {"a": 1}}')
    found = Connection.get("db")
    assert (found.host, found.port, found.extra_dejson, found.conn_id) == ("as json", 7, {"a": 1}, "db")


def test_secrets_of_the_environment_are_hidden(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DB", "postgresql://me:pa55@host/db?token=t0ken&mode=plain")
    monkeypatch.setenv("AIRFLOW_VAR_MY_API_KEY", "k3y")
    monkeypatch.setenv("AIRFLOW_VAR_PLAIN", "shown")
    Connection.get("db")
    Variable.get("my_api_key")
    Variable.get("plain")
    assert sorted(store.masked) == ["k3y", "pa55", "t0ken"]


def test_outside_a_task_only_the_environment_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_X", "1")
    assert Variable.get("x") == "1"
    assert Variable.get("y", default="z") == "z"
    with pytest.raises(RuntimeCallError, match=r"Variable\.set works only inside a running task"):
        Variable.set("x", 1)


def test_missing_connections(store: Store) -> None:
    with pytest.raises(AirflowNotFoundException, match="The conn_id `missing` isn't defined"):
        BaseHook.get_connection("missing")
    with pytest.raises(AirflowRuntimeError) as signalled:
        Connection.get("missing")
    assert signalled.value.error == ErrorType.CONNECTION_NOT_FOUND


def test_connection_as_json_and_hook() -> None:
    connection = Connection(conn_id="c", conn_type="fs", extra={"path": "/data", "nested": '{"a": 1}'})
    assert Connection.from_json(connection.as_json(), "c") == connection
    assert connection.get_extra_dejson(nested=True)["nested"] == {"a": 1}
    assert Connection("c", extra="no json").extra_dejson == {}
    with pytest.raises(AirflowException, match="unknown keys: hots"):
        Connection.from_json('{"conn_type": "x", "hots": "y"}', "c")
    with pytest.raises(ValueError, match="Expected integer value for `port`"):
        Connection.from_json('{"conn_type": "x", "port": "y"}', "c")
    with pytest.raises(AirflowException, match="can't mix"):
        Connection("c", uri="http://h", host="h")
    with pytest.raises(AirflowException, match="Unknown hook type 'nothing'"):
        Connection("c", conn_type="nothing").get_hook()


def test_hook_of_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_FILES", '{"conn_type": "fs", "extra": {"path": "/data"}}')
    assert BaseHook.get_hook("files").get_path() == "/data"


def test_masking(store: Store) -> None:
    mask_secret("s3cret")
    mask_secret({"password": "hidden", "user": "shown", "list": {"token": ["t1", "t2"]}})
    assert store.masked == ["s3cret", "hidden", "t1", "t2"]
    assert redact({"password": "x", "a": [{"api_key": "y"}]}) == {"password": "***", "a": [{"api_key": "***"}]}
