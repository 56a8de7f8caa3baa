"""What surrounds a file of a corpus: its folders as images have them, no network, a class that others derive from."""

from __future__ import annotations

import builtins
import datetime
import os
from pathlib import Path
from typing import Any

from installations import guess

#: Where images have their home folder, which files write out in full.
_HOMES = ("/opt/airflow/", "/usr/local/airflow/", "/home/airflow/", "/root/airflow/")


def home_of_images(dags: Path) -> None:
    """Paths below the home folder of an image lead to the repository."""

    def mapped(path: Any) -> Any:
        text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else path
        if isinstance(text, str) and text.startswith(_HOMES) and not original_exists(text):
            rest = text[len(next(home for home in _HOMES if text.startswith(home))) :]
            for place in (dags / rest.removeprefix("dags").lstrip("/"), dags.parent / rest):
                if original_exists(place):
                    return str(place)
        return path

    original_exists, original_open, original_list = os.path.exists, builtins.open, os.listdir
    builtins.open = lambda file, *args, **kwargs: original_open(mapped(file), *args, **kwargs)  # type: ignore[assignment]
    os.listdir = lambda path=".": original_list(mapped(path))  # type: ignore[assignment]
    os.path.exists = lambda path: original_exists(mapped(path))  # type: ignore[assignment]


def no_outside_world() -> None:
    """Refuse connections and other programs."""
    import socket
    import subprocess

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise OSError("no network and no other programs while a corpus is loaded")

    socket.socket.connect = refuse  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = refuse
    subprocess.Popen.__init__ = refuse  # type: ignore[assignment, method-assign]
    os.system = refuse


def settings_of_their_own(used: set[str]) -> None:
    """Sections of the configuration that Airflow does not know are an installation's own: their keys have values."""
    from airflow import configuration
    from airflow.configuration import AirflowConfigException, conf

    kind = type(conf)
    original = kind.get

    def get(self: Any, section: str, key: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, section, key, *args, **kwargs)
        except AirflowConfigException:
            if self.has_section(section):
                raise
            used.add(f"setting {section}.{key}")
            return guess(key)

    kind.get = get  # type: ignore[method-assign]
    configuration.get = conf.get


def no_run_yet(used: set[str]) -> None:
    """What the scheduler says of a timetable while no DAG has run: a run by hand covers no time, another one is not due."""
    from airflow.timetables.base import DataInterval
    from tradewind import _timetables

    def answer(timetable: Any, question: dict[str, Any]) -> Any:
        used.add("the scheduler")
        return DataInterval.exact(question["run_after"]) if question["kind"] == "manual" else None

    _timetables.ask_scheduler = answer


class Timedelta(datetime.timedelta):
    """The class of pandas, which takes a text or a number and a unit."""

    def __new__(cls, value: Any = 0, unit: str = "days", **parts: float) -> Timedelta:
        if isinstance(value, datetime.timedelta):
            return super().__new__(cls, seconds=value.total_seconds())
        return super().__new__(cls, **parts) if parts else super().__new__(cls, days=1)
