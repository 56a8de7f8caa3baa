"""Template files: what operators see of them before they are rendered."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from airflow.sdk import DAG, BaseOperator
from tradewind.inprocess import dag_test

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
seen: list[Any] = []


class Sql(BaseOperator):
    template_fields = ("sql",)
    template_ext = (".sql",)

    def __init__(self, sql: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sql = sql

    def execute(self, context: Any) -> None:
        seen.append(self.sql)


class Translated(Sql):
    """As the operator of Hive does: its own marks become templates."""

    def prepare_template(self) -> None:
        self.sql = self.sql.replace("${day}", "{{ ds }}")


class Elsewhere(Sql):
    """An operator that finds its files itself."""

    def resolve_template_files(self) -> None:
        self.sql = f"-- {self.sql.removesuffix('.sql')} {{{{ ds }}}}"


@pytest.mark.parametrize(
    ("kind", "sql", "expected"),
    [
        (Sql, "ask.sql", "select '${day}' 2024-01-01"),
        (Translated, "ask.sql", "select '2024-01-01' 2024-01-01"),
        (Translated, "${day}", "2024-01-01"),
        (Elsewhere, "ask.sql", "-- ask 2024-01-01"),
        (Sql, ["ask.sql", "{{ ds }}"], ["select '${day}' 2024-01-01", "2024-01-01"]),
    ],
)
def test_what_is_rendered(tmp_path: Path, kind: type[Sql], sql: Any, expected: Any) -> None:
    (tmp_path / "ask.sql").write_text("select '${day}' {{ ds }}")
    seen.clear()
    with DAG("d", schedule=None, start_date=START, template_searchpath=[str(tmp_path)]) as dag:
        kind(task_id="t", sql=sql)
    assert dag_test(dag, logical_date=START).state == "success"
    assert seen == [expected]


@pytest.mark.parametrize("kind", [Sql, Translated])
def test_a_missing_file_fails_the_task(tmp_path: Path, kind: type[Sql], caplog: pytest.LogCaptureFixture) -> None:
    with DAG("d", schedule=None, start_date=START, template_searchpath=[str(tmp_path)]) as dag:
        kind(task_id="t", sql="no.sql")
    result = dag_test(dag, logical_date=START)
    assert result.state == "failed"
    assert "no.sql" in result.errors["t", -1]
    if kind is Translated:
        assert "Template file 'no.sql' of t cannot be read" in caplog.text
