"""``DagBag`` by a name below ``airflow``, as old paths lead to it."""

from tradewind.dagbag import DagBag, FileLoadStat

__all__ = ["DagBag", "FileLoadStat"]
