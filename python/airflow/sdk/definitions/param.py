"""Params of DAGs and tasks."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from typing import Any, ClassVar

from airflow import _warnings
from airflow.sdk.definitions._internal.jsonschema import SchemaError, check
from airflow.sdk.definitions._internal.templater import ResolveMixin
from airflow.sdk.exceptions import ParamValidationError
from airflow.sdk.types import NOTSET, ArgNotSet

#: Values that are no JSON, but have an evident text.
_TEXT_IN_FORMS = (dt.date, dt.time, dt.timedelta)


class Param:
    """A value with a description and a JSON Schema, which further keywords make up."""

    __version__: ClassVar[int] = 1

    def __init__(
        self,
        default: Any = NOTSET,
        description: str | None = None,
        source: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(default, ArgNotSet):
            self._check_json(default)
        self.value: Any = default
        self.description = description
        self.source = source
        self.schema: dict[str, Any] = kwargs.pop("schema") if "schema" in kwargs else kwargs

    @classmethod
    def unchecked(cls, value: Any) -> Param:
        """A param of a value that JSON does not know, as 2.x takes it."""
        made = cls()
        made.value = value
        return made

    @staticmethod
    def _check_json(value: Any) -> None:
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            raise ParamValidationError(
                f"All provided parameters must be json-serializable; {value!r} of type {type(value).__name__} is not ({error})"
            ) from None

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value (``value`` when given) after checking it against the schema."""
        final = self.value if isinstance(value, ArgNotSet) else value
        if isinstance(final, ArgNotSet):
            if suppress_exception:
                return None
            raise ParamValidationError("No value passed and Param has no default value")
        try:
            if not isinstance(value, ArgNotSet):
                self._check_json(value)
            check(final, self.schema)
        except (SchemaError, ParamValidationError) as error:
            if suppress_exception:
                return None
            raise ParamValidationError(str(error)) from None
        self.value = final
        return final

    @property
    def has_value(self) -> bool:
        """Whether there is a value, an explicit ``None`` included only when the schema allows it."""
        return not isinstance(self.value, ArgNotSet) and self.value is not None

    def dump(self) -> dict[str, Any]:
        """The param as JSON."""
        value = None if isinstance(self.value, ArgNotSet) else self.value
        return {"value": value, "schema": self.schema, "description": self.description, "source": self.source}

    def serialize(self) -> dict[str, Any]:
        """The param as an XCom keeps it."""
        return self.dump()

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> Param:
        """The param of :meth:`serialize`."""
        made = cls(NOTSET, data.get("description"), data.get("source"), schema=data.get("schema") or {})
        made.value = data["value"]
        return made

    def __copy__(self) -> Param:
        made = Param(NOTSET, self.description, self.source, schema=self.schema)
        made.value = self.value
        return made

    def __repr__(self) -> str:
        return f"Param({self.value!r}, schema={self.schema!r})"


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _own_object(value: Any) -> Any:
    """The hook or other object of the file itself that ``value`` is or holds: 2.x takes it, and JSON does not know it."""
    if isinstance(value, (dict, list, tuple)):
        items = value.values() if isinstance(value, dict) else value
        return next((own for item in items if (own := _own_object(item)) is not None), None)
    return None if type(value).__module__ == "builtins" or _is_json(value) else value


class ParamsDict(MutableMapping[str, Any]):
    """Params by name; reading one gives its checked value."""

    def __init__(
        self, dict_obj: Mapping[str, Any] | None = None, suppress_exception: bool = False, source: str | None = None
    ) -> None:
        self.suppress_exception = suppress_exception
        self._source = source
        self._params: dict[str, Param] = {}
        for name, value in (dict_obj.raw() if isinstance(dict_obj, ParamsDict) else dict_obj or {}).items():
            self._params[name] = self._wrap(value)

    def _wrap(self, value: Any) -> Param:
        if isinstance(value, Param):
            param = copy.copy(value)
        elif isinstance(value, (*_TEXT_IN_FORMS, ResolveMixin)):
            message = f"a param is a {type(value).__name__}, which 3.x refuses; give a text: {str(value)!r}"
            _warnings.deprecated(message, refused=True)
            param = Param.unchecked(value)
        elif (own := _own_object(value)) is not None:
            where = "is" if own is value else "holds"
            message = f"a param {where} a {type(own).__name__}, which 3.x refuses: make it where it is used"
            _warnings.deprecated(message, refused=True)
            param = Param.unchecked(value)
        else:
            param = Param(value)
        if self._source and param.source is None:
            param.source = self._source
        return param

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[key] = self._wrap(value)
        elif key in self._params:
            try:
                self._params[key].resolve(value, suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"Invalid input for param {key}: {error}") from None
        else:
            self._params[key] = self._wrap(value)

    def __getitem__(self, key: str) -> Any:
        try:
            return self._params[key].resolve(suppress_exception=self.suppress_exception)
        except ParamValidationError as error:
            raise ParamValidationError(f"Invalid input for param {key}: {error}") from None

    def __delitem__(self, key: str) -> None:
        del self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: object) -> bool:
        return key in self._params

    def __copy__(self) -> ParamsDict:
        return ParamsDict(self._params, self.suppress_exception)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return self.dump() == other if isinstance(other, dict) else NotImplemented

    def raw(self) -> dict[str, Param]:
        """The params themselves."""
        return dict(self._params)

    def get_param(self, key: str) -> Param:
        """The param called ``key``."""
        return self._params[key]

    def items(self) -> ItemsView[str, Any]:
        """Names and params."""
        return ItemsView(self._params)

    def values(self) -> ValuesView[Any]:
        """The params."""
        return ValuesView(self._params)

    def dump(self) -> dict[str, Any]:
        """Names and checked values."""
        return {name: self[name] for name in self._params}

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take over params or values from another mapping."""
        for source in (*args, kwargs):
            pairs = source.raw() if isinstance(source, ParamsDict) else source
            for name, value in pairs.items() if isinstance(pairs, Mapping) else pairs:
                self[name] = value

    def validate(self) -> dict[str, Any]:
        """Names and values; a ``ParamValidationError`` when one does not fit."""
        return {name: self._resolve_strictly(name) for name in self._params}

    def _resolve_strictly(self, name: str) -> Any:
        try:
            return self._params[name].resolve()
        except ParamValidationError as error:
            raise ParamValidationError(f"Invalid input for param {name}: {error}") from None

    def __repr__(self) -> str:
        return repr({name: param.dump()["value"] for name, param in self._params.items()})


class DagParam(ResolveMixin):
    """An argument of a ``@dag`` function: the run's conf, else the default, else the DAG's param."""

    def __init__(self, current_dag: Any, name: str, default: Any = NOTSET) -> None:
        if not isinstance(default, ArgNotSet):
            current_dag.params[name] = default
        self.current_dag = current_dag
        self._name = name
        self._default = default

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """None."""
        return iter(())

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The value in the running task."""
        conf = getattr(context["dag_run"], "conf", None) or {}
        if self._name in conf:
            return conf[self._name]
        params = context["params"]
        if self._name in params:
            return params[self._name]
        if not isinstance(self._default, ArgNotSet):
            default = self._default
            return default.resolve() if isinstance(default, Param) else default
        raise ParamValidationError(f"No value could be resolved for parameter {self._name}")

    def __repr__(self) -> str:
        return f"DagParam({self._name!r})"
