"""JSON Schema for params: the keywords that speak of values, and references within one schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow.sdk.definitions._internal.jsonformats import FORMATS

#: References may lead to each other; no value is that deep.
_DEEPEST = 200


class SchemaError(ValueError):
    """A value does not fit a schema, or the schema is none."""


def check(value: Any, schema: Any) -> None:
    """Raise a :class:`SchemaError` unless ``value`` fits ``schema``."""
    if not schema and schema is not False:
        return
    try:
        _Check(schema).value(value, schema, "")
    except SchemaError:
        raise
    except (TypeError, AttributeError, KeyError, re.error) as error:
        raise SchemaError(f"{schema!r} is not a JSON Schema: {error}") from None


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


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class _Check:
    """Checks values against the parts of one schema, ``root``."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.depth = 0

    def value(self, value: Any, schema: Any, path: str) -> None:
        where = f" at {path}" if path else ""
        if schema is True or schema is None:
            return
        if schema is False:
            raise SchemaError(f"{value!r} is not allowed{where}")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise SchemaError(f"the references of the schema lead too deep{where}")
        self._plain(value, schema, where)
        if isinstance(value, str):
            _string(value, schema, where)
        elif _is_number(value):
            _number(value, schema, where)
        elif isinstance(value, (list, tuple)):
            self._array(value, schema, path, where)
        elif isinstance(value, Mapping):
            self._object(value, schema, path, where)
        self._combined(value, schema, path, where)
        self.depth -= 1

    def _plain(self, value: Any, schema: Mapping[str, Any], where: str) -> None:
        kinds = schema.get("type")
        if kinds is not None:
            allowed = [kinds] if isinstance(kinds, str) else list(kinds)
            unknown = [kind for kind in allowed if kind not in _TYPES]
            if unknown:
                raise SchemaError(f"the schema has the type {unknown[0]!r}; there are {', '.join(_TYPES)}")
            if not any(_TYPES[kind](value) for kind in allowed):
                raise SchemaError(f"{value!r} is not of type {', '.join(map(repr, allowed))}{where}")
        if "enum" in schema and not any(_same(value, item) for item in schema["enum"]):
            raise SchemaError(f"{value!r} is not one of {list(schema['enum'])!r}{where}")
        if "const" in schema and not _same(value, schema["const"]):
            raise SchemaError(f"{schema['const']!r} was expected{where}, not {value!r}")

    def _fits(self, value: Any, schema: Any, path: str) -> bool:
        depth = self.depth
        try:
            self.value(value, schema, path)
        except SchemaError:
            self.depth = depth
            return False
        return True

    def _array(self, value: Sequence[Any], schema: Mapping[str, Any], path: str, where: str) -> None:
        _count(value, schema, "Items", "items", where)
        if schema.get("uniqueItems") and any(_same(item, other) for i, item in enumerate(value) for other in value[:i]):
            raise SchemaError(f"{value!r} has repeated items{where}")
        prefix = schema.get("prefixItems", ())
        for index, item in enumerate(value):
            self.value(item, prefix[index] if index < len(prefix) else schema.get("items"), f"{path}[{index}]")
        if "contains" in schema:
            found = sum(self._fits(item, schema["contains"], path) for item in value)
            least, most = schema.get("minContains", 1), schema.get("maxContains", len(value))
            if not least <= found <= most:
                raise SchemaError(f"{value!r} has {found} items that fit {schema['contains']!r}{where}; {least} to {most} are allowed")

    def _object(self, value: Mapping[str, Any], schema: Mapping[str, Any], path: str, where: str) -> None:
        _count(value, schema, "Properties", "properties", where)
        needed = set(schema.get("required", ()))
        for name, others in schema.get("dependentRequired", {}).items():
            needed |= set(others) if name in value else set()
        for name in sorted(needed):
            if name not in value:
                raise SchemaError(f"{name!r} is a required property{where}")
        for name, part in schema.get("dependentSchemas", {}).items():
            if name in value:
                self.value(value, part, path)
        for name, item in value.items():
            self.value(name, schema.get("propertyNames"), f"{path}.{name}")
            for part in self._parts(name, schema, where):
                self.value(item, part, f"{path}.{name}")

    def _parts(self, name: str, schema: Mapping[str, Any], where: str) -> list[Any]:
        """The schemas of one property."""
        properties = schema.get("properties", {})
        found = [properties[name]] if name in properties else []
        found += [part for pattern, part in schema.get("patternProperties", {}).items() if re.search(pattern, name)]
        if found or "additionalProperties" not in schema:
            return found
        if schema["additionalProperties"] is False:
            raise SchemaError(f"{name!r} is not an allowed property{where}")
        return [schema["additionalProperties"]]

    def _combined(self, value: Any, schema: Mapping[str, Any], path: str, where: str) -> None:
        if "$ref" in schema:
            self.value(value, self._referred(schema["$ref"]), path)
        for part in schema.get("allOf", ()):
            self.value(value, part, path)
        if "anyOf" in schema and not any(self._fits(value, part, path) for part in schema["anyOf"]):
            raise SchemaError(f"{value!r} fits none of the allowed schemas{where}")
        if "oneOf" in schema and sum(self._fits(value, part, path) for part in schema["oneOf"]) != 1:
            raise SchemaError(f"{value!r} does not fit exactly one of the allowed schemas{where}")
        if "not" in schema and self._fits(value, schema["not"], path):
            raise SchemaError(f"{value!r} fits a schema that is not allowed{where}")
        if "if" in schema:
            self.value(value, schema.get("then" if self._fits(value, schema["if"], path) else "else"), path)

    def _referred(self, reference: str) -> Any:
        """The part of the schema that ``#/$defs/name`` leads to."""
        found = self.root
        head, _, rest = reference.partition("#")
        if head:
            raise SchemaError(f"the schema refers to {reference!r}; only references within it, such as '#/$defs/name', are followed")
        for step in rest.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or step not in found:
                raise SchemaError(f"the schema refers to {reference!r}, which it does not have")
            found = found[step]
        return found


def _string(value: str, schema: Mapping[str, Any], where: str) -> None:
    if "minLength" in schema and len(value) < schema["minLength"]:
        raise SchemaError(f"{value!r} is too short{where}: at least {schema['minLength']} characters")
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        raise SchemaError(f"{value!r} is too long{where}: at most {schema['maxLength']} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise SchemaError(f"{value!r} does not match {schema['pattern']!r}{where}")
    test = FORMATS.get(schema.get("format", ""))
    if test is not None and not test(value):
        raise SchemaError(f"{value!r} is not a {schema['format']!r}{where}")


def _number(value: float, schema: Mapping[str, Any], where: str) -> None:
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


def _count(value: Any, schema: Mapping[str, Any], what: str, words: str, where: str) -> None:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if least is not None and len(value) < least:
        raise SchemaError(f"{value!r} has fewer than {least} {words}{where}")
    if most is not None and len(value) > most:
        raise SchemaError(f"{value!r} has more than {most} {words}{where}")
