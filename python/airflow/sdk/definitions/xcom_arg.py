"""Results of tasks as arguments of other tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from airflow.sdk.definitions._internal.node import DependencyMixin
from airflow.sdk.definitions._internal.templater import ResolveMixin, fields_of
from airflow.sdk.exceptions import XComNotFound
from airflow.sdk.types import NOTSET, ArgNotSet

XCOM_RETURN_KEY = "return_value"


class XComArg(ResolveMixin, DependencyMixin):
    """A value that a task will have pushed. ``XComArg(operator)`` is its return value."""

    def __new__(cls, *args: Any, **kwargs: Any) -> XComArg:
        return super().__new__(PlainXComArg if cls is XComArg else cls)

    def __init__(self, operator: Any = None, key: str = XCOM_RETURN_KEY) -> None:
        raise NotImplementedError

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """The ``(operator, key)`` pairs found anywhere in ``arg``."""
        if isinstance(arg, (str, bytes, int, float, type(None))):
            return
        if isinstance(arg, ResolveMixin):
            yield from arg.iter_references()
        elif isinstance(arg, (tuple, set, list)):
            for element in arg:
                yield from XComArg.iter_xcom_references(element)
        elif isinstance(arg, dict):
            for element in arg.values():
                yield from XComArg.iter_xcom_references(element)
        elif fields := fields_of(arg):
            from airflow.sdk.definitions._internal.abstractoperator import AbstractOperator

            if not isinstance(arg, AbstractOperator):
                for field in fields:
                    yield from XComArg.iter_xcom_references(getattr(arg, field, None))

    @staticmethod
    def apply_upstream_relationship(op: DependencyMixin, arg: Any) -> None:
        """Make every task referred to in ``arg`` upstream of ``op``."""
        for operator, _ in XComArg.iter_xcom_references(arg):
            if operator is not op:
                op.set_upstream(operator)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The ``(operator, key)`` pairs this depends on."""
        raise NotImplementedError

    @property
    def roots(self) -> list[Any]:
        """The tasks behind the value."""
        return self._operators()

    @property
    def leaves(self) -> list[Any]:
        """The tasks behind the value."""
        return self._operators()

    def _operators(self) -> list[Any]:
        return list({id(operator): operator for operator, _ in self.iter_references()}.values())

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Make ``other`` run before the tasks behind the value."""
        for operator in self._operators():
            operator.set_upstream(other, edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        """Make ``other`` run after the tasks behind the value."""
        for operator in self._operators():
            operator.set_downstream(other, edge_modifier)

    def as_setup(self) -> DependencyMixin:
        """Mark the tasks behind the value as setups."""
        for operator in self._operators():
            operator.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool | None = None) -> DependencyMixin:
        """Mark the tasks behind the value as teardowns."""
        for operator in self._operators():
            operator.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """The list of ``f(item)``, made when it is used."""
        return MapXComArg(self, [f])

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        """The list of tuples of items; as long as the shortest, or with ``fillvalue`` as the longest."""
        return ZipXComArg([self, *others], fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """The items of this and then of the others."""
        return ConcatXComArg([self, *others])

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"{type(self).__name__!r} object is not iterable")

    def __enter__(self) -> Any:
        from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext

        operators = self._operators()
        if not all(operator.is_setup or operator.is_teardown for operator in operators):
            raise RuntimeError("Only setup/teardown tasks can be used as context managers.")
        return SetupTeardownContext.enter(operators)

    def __exit__(self, _type: Any, _value: Any, _tb: Any) -> None:
        from airflow.sdk.definitions._internal.setup_teardown import SetupTeardownContext

        SetupTeardownContext.leave()


class PlainXComArg(XComArg):
    """The XCom ``key`` of one task."""

    def __init__(self, operator: Any, key: str = XCOM_RETURN_KEY) -> None:
        self.operator = operator
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainXComArg) and self.operator is other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.operator), self.key))

    def __getitem__(self, item: str) -> XComArg:
        if not isinstance(item, str):
            raise ValueError(f"XComArg only supports str lookup, received {type(item).__name__}")
        return PlainXComArg(self.operator, item)

    def __str__(self) -> str:
        arguments = [f"task_ids='{self.operator.task_id}'", f"dag_id='{self.operator.dag_id}'", f"key='{self.key}'"]
        return f"{{{{ task_instance.xcom_pull({', '.join(arguments)}) }}}}"

    def __repr__(self) -> str:
        return f"XComArg({self.operator!r}{'' if self.key == XCOM_RETURN_KEY else f', {self.key!r}'})"

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """The task and key."""
        yield self.operator, self.key

    def _only_return_value(self, what: str) -> None:
        if self.key != XCOM_RETURN_KEY:
            raise ValueError(f"cannot {what} XCom with custom key {self.key!r} from {self.operator}")

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """The list of ``f(item)`` of the return value."""
        self._only_return_value("map against")
        return super().map(f)

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        """The list of tuples of items of the return values."""
        self._only_return_value("map against")
        return super().zip(*others, fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """The items of the return values one after the other."""
        self._only_return_value("concatenate")
        return super().concat(*others)

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The XCom, of the same map index where both tasks are in one mapped group."""
        ti = context["ti"]
        arguments: dict[str, Any] = {"task_ids": self.operator.task_id, "dag_id": self.operator.dag_id, "key": self.key}
        shared = self._shares_mapped_group(ti.task)
        if shared:
            arguments["map_indexes"] = ti.map_index
        result = ti.xcom_pull(**arguments, default=NOTSET)
        if not isinstance(result, ArgNotSet) and (result is not None or self.key == XCOM_RETURN_KEY):
            return result
        if self.key == XCOM_RETURN_KEY or self.operator.is_setup or self.operator.is_teardown:
            return None
        raise XComNotFound(self.operator.dag_id, self.operator.task_id, self.key)

    def _shares_mapped_group(self, task: Any) -> bool:
        mine = {id(group) for group in self.operator.iter_mapped_task_groups()}
        return any(id(group) in mine for group in task.iter_mapped_task_groups())


class _Derived(XComArg):
    """A value made from other values."""

    args: Sequence[XComArg]

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Those of the values it is made from."""
        for arg in self.args:
            yield from arg.iter_references()


class MapXComArg(_Derived):
    """The result of :meth:`XComArg.map`; ``arg`` is the source, ``callables`` are applied one after the other."""

    def __init__(self, arg: XComArg, callables: list[Callable[[Any], Any]]) -> None:
        from airflow.sdk.bases.decorator import Task

        for function in callables:
            if isinstance(function, Task) or not callable(function):
                raise ValueError("map() argument must be a plain function, not a @task operator")
        self.arg = arg
        self.args = [arg]
        self.callables = callables

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """The same with one more function."""
        return MapXComArg(self.arg, [*self.callables, f])

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The list of results."""
        return [self.apply(item) for item in iter_items(self.arg.resolve(context))]

    def apply(self, item: Any) -> Any:
        """The result for one item."""
        for function in self.callables:
            item = function(item)
        return item

    def __repr__(self) -> str:
        return f"{self.arg!r}.map([{len(self.callables)} functions])"


class ZipXComArg(_Derived):
    """The result of :meth:`XComArg.zip`."""

    def __init__(self, args: Sequence[XComArg], *, fillvalue: Any = NOTSET) -> None:
        if not args:
            raise ValueError("At least one input is required")
        self.args = args
        self.fillvalue = fillvalue

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The list of tuples."""
        from itertools import zip_longest

        values = [list(iter_items(arg.resolve(context))) for arg in self.args]
        if isinstance(self.fillvalue, ArgNotSet):
            return list(zip(*values))
        return list(zip_longest(*values, fillvalue=self.fillvalue))


class ConcatXComArg(_Derived):
    """The result of :meth:`XComArg.concat`."""

    def __init__(self, args: Sequence[XComArg]) -> None:
        self.args = args

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """The same with more values."""
        return ConcatXComArg([*self.args, *others])

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The list of all items."""
        return [item for arg in self.args for item in iter_items(arg.resolve(context))]


def iter_items(value: Any) -> Iterable[Any]:
    """The items that mapping over ``value`` gives: list items, or ``(key, value)`` pairs of a dict."""
    return value.items() if isinstance(value, Mapping) else value
