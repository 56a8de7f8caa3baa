"""The whole product with its metadata on a database server."""
from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from measure import Product, until
from servers import MariaDb, Postgres, Server, server_folder

Start = Callable[..., Product]


@pytest.fixture(params=[Postgres, MariaDb], ids=["postgres", "mariadb"])
def own_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with server_folder() as folder:
        server = request.param(folder)
        yield server
        server.stop()


def test_runs_end_well_and_an_outage_of_the_database_fails_no_task(own_server: Server, start: Start) -> None:
    server = own_server
    product = start("bench.py", "catchup_backlog.py", env={"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": server.url})
    product.ready("chain3")
    product.ready("catchup_backlog")
    ids = [product.trigger("chain3") for _ in range(40)]
    until(lambda: sum(r["state"] == "success" for r in product.runs("chain3")) >= 5, 60, "five runs have ended", 0.05)
    server.stop()
    server.start()
    for run_id in ids:
        product.finish("chain3", run_id, 0.05)
    until(lambda: [r["state"] for r in product.runs("catchup_backlog")] == ["success"] * 12, 60, "the backlog is done", 0.1)
    started = server.sql("SELECT COUNT(*) FROM (SELECT run_pk, task_id, map_index, try_number FROM attempt WHERE start_date IS NOT NULL "
                         "GROUP BY run_pk, task_id, map_index, try_number HAVING COUNT(*) > 1) twice", "tradewind")
    assert started.strip() == "0", "no attempt starts twice"
    failed = server.sql("SELECT COUNT(*) FROM attempt WHERE state = 'failed'", "tradewind")
    assert failed.strip() == "0", "an outage of the database is no fault of a task"
