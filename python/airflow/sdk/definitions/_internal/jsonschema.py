"""The part of JSON Schema that params use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any


class SchemaError(ValueError):
    """A value does not fit a schema."""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, (list, tuple)),
    "object": lambda value: isinstance(value, Mapping),
}


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return test


def _date_time(text: str) -> dt.datetime:
    if not re.match(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$", text):
        raise ValueError(text)
    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace("Z", "+00:00"))
    return dt.datetime.fromisoformat(re.sub(r"\.(\d{1,5})(?=[+-])", lambda m: "." + m.group(1).ljust(6, "0"), trimmed))


def _time(text: str) -> dt.time:
    if not re.match(r"^\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?$", text):
        raise ValueError(text)
    return dt.time.fromisoformat(text[:8])


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _parses(dt.date.fromisoformat),
    "date-time": _parses(_date_time),
    "time": _parses(_time),
    "email": lambda text: "@" in text,
    "idn-email": lambda text: "@" in text,
    "regex": lambda text: _parses(lambda pattern: re.compile(pattern))(text),
    "ipv4": lambda text: re.match(r"^(\d{1,3}\.){3}\d{1,3}$", text) is not None,
    "uuid": lambda text: re.match(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", text) is not None,
}


def check(value: Any, schema: Any, path: str = "") -> None:
    """Raise a :class:`SchemaError` unless ``value`` fits ``schema``."""
    where = f" at {path}" if path else ""
    if schema is True or (not schema and schema is not False):
        return
    if schema is False:
        raise SchemaError(f"{value!r} is not allowed{where}")
    kinds = schema.get("type")
    if kinds is not None:
        allowed = [kinds] if isinstance(kinds, str) else list(kinds)
        if not any(_TYPES.get(kind, lambda _: True)(value) for kind in allowed):
            raise SchemaError(f"{value!r} is not of type {', '.join(map(repr, allowed))}{where}")
    if "enum" in schema and not any(_same(value, item) for item in schema["enum"]):
        raise SchemaError(f"{value!r} is not one of {list(schema['enum'])!r}{where}")
    if "const" in schema and not _same(value, schema["const"]):
        raise SchemaError(f"{schema['const']!r} was expected{where}, not {value!r}")
    if isinstance(value, str):
        _check_string(value, schema, where)
    elif _is_number(value):
        _check_number(value, schema, where)
    elif isinstance(value, (list, tuple)):
        _check_array(value, schema, path, where)
    elif isinstance(value, Mapping):
        _check_object(value, schema, path, where)
    _check_combined(value, schema, path, where)


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _check_string(value: str, schema: Mapping[str, Any], where: str) -> None:
    if "minLength" in schema and len(value) < schema["minLength"]:
        raise SchemaError(f"{value!r} is too short{where}: at least {schema['minLength']} characters")
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        raise SchemaError(f"{value!r} is too long{where}: at most {schema['maxLength']} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise SchemaError(f"{value!r} does not match {schema['pattern']!r}{where}")
    test = _FORMATS.get(schema.get("format", ""))
    if test is not None and not test(value):
        raise SchemaError(f"{value!r} is not a {schema['format']!r}{where}")


def _check_number(value: float, schema: Mapping[str, Any], where: str) -> None:
    if "minimum" in schema and value < schema["minimum"]:
        raise SchemaError(f"{value!r} is less than the minimum of {schema['minimum']!r}{where}")
    if "maximum" in schema and value > schema["maximum"]:
        raise SchemaError(f"{value!r} is greater than the maximum of {schema['maximum']!r}{where}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        raise SchemaError(f"{value!r} has to be greater than {schema['exclusiveMinimum']!r}{where}")
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        raise SchemaError(f"{value!r} has to be less than {schema['exclusiveMaximum']!r}{where}")
    if "multipleOf" in schema and (value / schema["multipleOf"]) % 1:
        raise SchemaError(f"{value!r} is not a multiple of {schema['multipleOf']!r}{where}")


def _check_array(value: Any, schema: Mapping[str, Any], path: str, where: str) -> None:
    if "minItems" in schema and len(value) < schema["minItems"]:
        raise SchemaError(f"{value!r} has fewer than {schema['minItems']} items{where}")
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        raise SchemaError(f"{value!r} has more than {schema['maxItems']} items{where}")
    if schema.get("uniqueItems") and any(_same(item, other) for i, item in enumerate(value) for other in value[:i]):
        raise SchemaError(f"{value!r} has repeated items{where}")
    prefix = schema.get("prefixItems", ())
    for index, item in enumerate(value):
        check(item, prefix[index] if index < len(prefix) else schema.get("items"), f"{path}[{index}]")


def _check_object(value: Mapping[str, Any], schema: Mapping[str, Any], path: str, where: str) -> None:
    for name in schema.get("required", ()):
        if name not in value:
            raise SchemaError(f"{name!r} is a required property{where}")
    properties = schema.get("properties", {})
    for name, item in value.items():
        if name in properties:
            check(item, properties[name], f"{path}.{name}")
        elif schema.get("additionalProperties") is False:
            raise SchemaError(f"{name!r} is not an allowed property{where}")
        elif isinstance(schema.get("additionalProperties"), Mapping):
            check(item, schema["additionalProperties"], f"{path}.{name}")


def _fits(value: Any, schema: Any, path: str) -> bool:
    try:
        check(value, schema, path)
    except SchemaError:
        return False
    return True


def _check_combined(value: Any, schema: Mapping[str, Any], path: str, where: str) -> None:
    for part in schema.get("allOf", ()):
        check(value, part, path)
    if "anyOf" in schema and not any(_fits(value, part, path) for part in schema["anyOf"]):
        raise SchemaError(f"{value!r} fits none of the allowed schemas{where}")
    if "oneOf" in schema and sum(_fits(value, part, path) for part in schema["oneOf"]) != 1:
        raise SchemaError(f"{value!r} does not fit exactly one of the allowed schemas{where}")
    if "not" in schema and _fits(value, schema["not"], path):
        raise SchemaError(f"{value!r} fits a schema that is not allowed{where}")
