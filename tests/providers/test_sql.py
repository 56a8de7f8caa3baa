"""common-sql with PostgreSQL, MariaDB and SQLite."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.sql.operators.generic_transfer import GenericTransfer
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator,
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLInsertRowsOperator,
    SQLTableCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor
from servers import PASSWORD, USER

from airflow.sdk import BaseHook, Connection, chain, task


@pytest.fixture(params=["postgres", "mysql", "sqlite"])
def db(request: pytest.FixtureRequest, fake_connections: Any, tmp_path: Path) -> str:
    """A database under the connection ``db``; its kind."""
    kind = str(request.param)
    if kind == "sqlite":
        fake_connections["db"] = Connection(conn_id="db", conn_type="sqlite", host=str(tmp_path / "db.sqlite"))
    else:
        server = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
        fake_connections["db"] = Connection(
            conn_id="db", conn_type=kind, host="127.0.0.1", port=server.port, login=USER, password=PASSWORD, schema="tradewind"
        )
    return kind


def query(task_id: str, sql: Any, **options: Any) -> SQLExecuteQueryOperator:
    return SQLExecuteQueryOperator(task_id=task_id, conn_id="db", sql=sql, **options)


def test_queries_checks_and_branches(db: str, dag_of: Any) -> None:
    def define() -> None:
        make = query("make", ["DROP TABLE IF EXISTS sales", "CREATE TABLE sales (day varchar(20), n integer)"])
        fill = query("fill", "INSERT INTO sales VALUES ('{{ ds }}', 1), ('{{ ds }}', 2), ('old', {{ params.n }})", params={"n": 40})
        more = SQLInsertRowsOperator(task_id="more", conn_id="db", table_name="sales", columns=["day", "n"], rows=[("new", 7)], schema=None)
        read = query("read", "SELECT n FROM sales WHERE day = '{{ ds }}' ORDER BY n", do_xcom_push=True)
        checks = [
            SQLCheckOperator(task_id="check", conn_id="db", sql="SELECT count(*) > 0 FROM sales"),
            SQLValueCheckOperator(task_id="value", conn_id="db", sql="SELECT sum(n) FROM sales", pass_value=50),
            SQLColumnCheckOperator(task_id="column", conn_id="db", table="sales", column_mapping={"n": {"min": {"geq_to": 1}, "max": {"less_than": 99}}}),
            SQLTableCheckOperator(task_id="table", conn_id="db", table="sales", checks={"four": {"check_statement": "COUNT(*) = 4"}}),
            SqlSensor(task_id="sensor", conn_id="db", sql="SELECT count(*) FROM sales WHERE n = 40", poke_interval=0.1, timeout=5),
        ]
        branch = BranchSQLOperator(task_id="branch", conn_id="db", sql="SELECT count(*) > 0 FROM sales",
                                   follow_task_ids_if_true="some", follow_task_ids_if_false="none")
        chain(make, fill, more, read, checks, branch)

        @task
        def some() -> None: ...

        @task
        def none() -> None: ...

        branch >> [some(), none()]

    result = dag_of(define)
    assert [tuple(row) for row in result.xcom("read")] == [(1,), (2,)]
    assert (result.states["some"], result.states["none"]) == ("success", "skipped")


def test_a_failing_check_fails(db: str, dag_of: Any) -> None:
    result = dag_of(lambda: SQLCheckOperator(task_id="check", conn_id="db", sql="SELECT 0"), "failed")
    assert "Test failed" in result.errors["check"]


def test_hooks(db: str, dag_of: Any, fake_connections: Any) -> None:
    hook = BaseHook.get_connection("db").get_hook()
    assert type(hook).__name__ == {"postgres": "PostgresHook", "mysql": "MySqlHook", "sqlite": "SqliteHook"}[db]
    hook.run(["DROP TABLE IF EXISTS t", "CREATE TABLE t (a integer, b varchar(20))"])
    hook.insert_rows("t", [(1, "x"), (2, "y")], target_fields=["a", "b"])
    assert [tuple(row) for row in hook.get_records("SELECT a, b FROM t ORDER BY a")] == [(1, "x"), (2, "y")]
    assert tuple(hook.get_first("SELECT count(*) FROM t")) == (2,)
    assert BaseHook.get_hook("db").get_first("SELECT max(a) FROM t")[0] == 2
    assert hook.get_uri().startswith({"postgres": "postgresql", "mysql": "mysql", "sqlite": "sqlite"}[db])
    done, message = hook.test_connection()
    assert done, message


def test_from_one_database_to_another(dag_of: Any, fake_connections: Any, postgres: Any, tmp_path: Path) -> None:
    fake_connections["lite"] = Connection(conn_id="lite", conn_type="sqlite", host=str(tmp_path / "a.sqlite"))
    fake_connections["post"] = f"postgres://{USER}:{PASSWORD}@127.0.0.1:{postgres.port}/tradewind"

    def define() -> None:
        make = SQLExecuteQueryOperator(task_id="make", conn_id="lite", sql=["CREATE TABLE s (a integer)", "INSERT INTO s VALUES (1), (2)"])
        room = SQLExecuteQueryOperator(task_id="room", conn_id="post", sql=["DROP TABLE IF EXISTS target", "CREATE TABLE target (a integer)"])
        move = GenericTransfer(task_id="move", sql="SELECT a FROM s", destination_table="target", source_conn_id="lite", destination_conn_id="post")
        read = SQLExecuteQueryOperator(task_id="read", conn_id="post", sql="SELECT sum(a) FROM target")
        make >> room >> move >> read

    assert dag_of(define).xcom("read")[0][0] == 3


def test_mapped_queries_and_files(db: str, dag_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def define() -> None:
        SQLExecuteQueryOperator.partial(task_id="each", conn_id="db").expand(sql=["SELECT 1", "SELECT 2"])

    result = dag_of(define)
    assert [row[0][0] for row in result.xcom("each")] == [1, 2]
