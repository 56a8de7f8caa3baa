"""Columns of tables as queries name them. Files that clean up Airflow's database list them while they are loaded; there is no query."""

from __future__ import annotations

from typing import Any

#: What may be asked of a column without a database: the answer is part of a query as well.
_PARTS_OF_QUERIES = frozenset((
    "is_", "is_not", "isnot", "in_", "not_in", "notin_", "like", "ilike", "not_like", "notlike", "between", "desc",
    "asc", "label", "cast", "contains", "startswith", "endswith", "op", "any", "has", "nulls_first", "nulls_last",
    "nullsfirst", "nullslast", "distinct",
))  # fmt: skip
#: Columns of the tables whose classes exist here as something else.
COLUMNS = frozenset((
    "id", "dag_id", "run_id", "task_id", "map_index", "key", "value", "timestamp", "execution_date", "logical_date",
    "external_trigger", "start_date", "end_date", "state", "run_type", "queued_dttm", "updated_at",
    "last_scheduling_decision", "try_number", "max_tries", "pool", "queue", "operator", "hostname", "duration",
))  # fmt: skip


class Column:
    """A column, or what is made of columns: can be named, compared and put together, not read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Column(f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._name.rpartition(".")[2] not in _PARTS_OF_QUERIES:
            from airflow._server_tables import refuse

            refuse(self._name)
        return Column(f"{self._name}()")

    def _compared(self, other: Any) -> Any:
        return Column(f"{self._name} compared")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __and__ = __or__ = __rand__ = __ror__ = __add__ = __sub__ = _compared

    def __invert__(self) -> Any:
        return self

    def __hash__(self) -> int:
        return hash(self._name)

    def __bool__(self) -> bool:
        from airflow._server_tables import refuse

        refuse(f"the value of {self._name}")

    def __repr__(self) -> str:
        return f"<column {self._name}>"


class WithColumns(type):
    """A class of rows: its columns are known by name, although rows are no table here."""

    def __getattr__(cls, name: str) -> Any:
        own = vars(cls)
        being_made = name in own.get("__annotations__", ()) and "__dataclass_fields__" not in own
        if name in COLUMNS and not being_made:
            return Column(f"{cls.__name__}.{name}")
        raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")


class column_property(property):  # noqa: N801 - used as the property it is
    """A property of rows that is a column of the class."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None and owner is not None:
            return Column(f"{owner.__name__}.{getattr(self.fget, '__name__', '')}")
        return super().__get__(instance, owner)
