"""DAG files that are wrong in every way: each is named with its reason, the others go on."""
from __future__ import annotations

from collections.abc import Callable

from measure import Product, until

GOOD = "from datetime import datetime\nfrom airflow import DAG\nwith DAG('{id}', schedule=None, start_date=datetime(2024, 1, 1)) as dag:\n    pass\n"
BAD = {
    "syntax.py": ("from airflow import DAG\ndef broken(:\n", "syntax.py"),
    "endless.py": ("from airflow import DAG\nwhile True:\n    pass\n", "longer than 8 s"),
    "segfault.py": ("import ctypes\nfrom airflow import DAG\nctypes.string_at(0)\n", "SIGSEGV"),
    "leave.py": ("import sys\nfrom airflow import DAG\nsys.exit(3)\n", "exit"),
    "flood.py": ("import sys\nfrom airflow import DAG\nfor _ in range(1024):\n    sys.stdout.write('x' * 1048576)\nraise RuntimeError('after the flood')\n",
                 "after the flood"),
    "twice.py": (GOOD.format(id="good"), "good"),
}


def test_each_bad_file_has_its_reason(start: Callable[..., Product]) -> None:
    product = start(env={"AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "8"})
    (product.dags / "good.py").write_text(GOOD.format(id="good"))
    until(lambda: product.dag("good") is not None, 30, "the good file is seen", 0.05)
    for name, (text, _) in BAD.items():
        (product.dags / name).write_text(text)
    (product.dags / "late.py").write_text(GOOD.format(id="late"))
    until(lambda: product.dag("late") is not None, 40, "a good file among the bad ones is seen", 0.05)

    def errors() -> dict[str, str]:
        rows = product.call("GET", "/api/v2/importErrors")["import_errors"]
        return {row["filename"].rsplit("/", 1)[-1]: row["stack_trace"] for row in rows}

    until(lambda: set(errors()) == set(BAD), 90, "every bad file is named", 0.2)
    for name, (_, reason) in BAD.items():
        assert reason in errors()[name], (name, errors()[name])
    assert product.dag("good") is not None
