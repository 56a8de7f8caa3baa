"""XCom values as JSON: plain values as they are, others wrapped with ``__classname__``, ``__version__`` and ``__data__``.

The shapes are those of Airflow 3, so that values written by either can be read by the other. Reading a wrapped class that is
not one of the kinds below needs ``[core] allowed_deserialization_classes``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fnmatch
import functools
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pendulum

CLASSNAME = "__classname__"
VERSION = "__version__"
DATA = "__data__"
#: Values that JSON keeps as they are.
_PLAIN = (str, int, float, bool, type(None))
MAX_DEPTH = 200


def encode(value: Any) -> str:
    """The JSON text of ``value``; ``TypeError`` when it cannot be stored.

    ``nan`` and the infinities are written as Python does (``NaN``), which strict JSON readers take for text.
    """
    plain = serialize(value)
    text = json.dumps(plain, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Lone surrogates (bytes that were no UTF-8): only as escapes do they travel unharmed.
        return json.dumps(plain)
    return text


def decode(text: str) -> Any:
    """The value of a JSON text."""
    return deserialize(json.loads(text))


def serialize(value: Any, depth: int = 0) -> Any:
    """``value`` with everything that JSON does not know wrapped."""
    if depth > MAX_DEPTH:
        raise RecursionError(f"value is nested more than {MAX_DEPTH} levels deep: it cannot be stored as XCom")
    if isinstance(value, enum.Enum):
        if not isinstance(value, (str, int, float)):
            raise TypeError(f"cannot serialize object of type {type(value)}: use its value")
        return value.value
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping) and type(value) is dict:
        if CLASSNAME in value or (DATA in value and VERSION in value):
            raise AttributeError(f"a dict with the reserved key {CLASSNAME!r} cannot be stored as XCom")
        return {str(key): serialize(item, depth + 1) for key, item in value.items()}
    if type(value) is list:
        return [serialize(item, depth + 1) for item in value]
    if type(value) in (tuple, set, frozenset):
        return _wrap(f"builtins.{type(value).__name__}", 1, [serialize(item, depth + 1) for item in value])
    return _serialize_object(value, depth)


def _serialize_object(value: Any, depth: int) -> Any:
    encoder = _ENCODERS.get(_name(type(value)))
    if encoder is not None:
        return encoder(value)
    method = getattr(type(value), "serialize", None)
    if callable(method):
        data = method(value)
        return _wrap(_name(type(value)), _class_version(type(value)), serialize(data, depth + 1))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return _wrap(_name(type(value)), _class_version(type(value)), serialize(fields, depth + 1))
    attributes = getattr(type(value), "__attrs_attrs__", None)
    if attributes is not None:
        fields = {a.name: getattr(value, a.name) for a in attributes}
        return _wrap(_name(type(value)), _class_version(type(value)), serialize(fields, depth + 1))
    if isinstance(value, dt.datetime):
        return _encode_datetime(value)
    if isinstance(value, Mapping):
        return {str(key): serialize(item, depth + 1) for key, item in value.items()}
    for plain in (str, bool, int, float):
        # Subclasses (markup strings, numpy's float) keep their value.
        if isinstance(value, plain):
            return plain(value)
    if hasattr(value, "_asdict") and isinstance(value, tuple):
        return _wrap("builtins.tuple", 1, [serialize(item, depth + 1) for item in value])
    if isinstance(value, list):
        return [serialize(item, depth + 1) for item in value]
    table = _serialize_table(value, depth)
    if table is not None:
        return table
    raise TypeError(
        f"cannot serialize object of type {type(value)}: an XCom holds None, bool, numbers, text, lists, dicts, tuples, sets, "
        "dates, Decimal, UUID, dataclasses, or classes with serialize()"
    )


def _serialize_table(value: Any, depth: int) -> Any:
    """numpy and pandas values, without importing either."""
    name = _name(type(value))
    if name.startswith("numpy.") and hasattr(value, "tolist"):
        if name == "numpy.ndarray":
            return _wrap(name, 1, serialize({"dtype": str(value.dtype), "values": value.tolist()}, depth + 1))
        return serialize(value.item(), depth + 1) if hasattr(value, "item") else None
    if name == "pandas.core.frame.DataFrame" or name == "pandas.DataFrame":
        data = json.loads(value.to_json(orient="table", date_unit="us", default_handler=str))
        return _wrap("pandas.core.frame.DataFrame", 1, data)
    return None


def _wrap(classname: str, version: int, data: Any) -> dict[str, Any]:
    return {CLASSNAME: classname, VERSION: version, DATA: data}


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _class_version(cls: type) -> int:
    version = getattr(cls, "__version__", 0)
    return version if isinstance(version, int) else 0


def _encode_timezone(zone: Any) -> Any:
    if zone is None:
        return None
    if isinstance(zone, dt.timezone):
        offset = int(zone.utcoffset(None).total_seconds())
        name: Any = "UTC" if offset == 0 else offset
        return serialize((name, "pendulum.tz.timezone.FixedTimezone", 1, True))
    if _name(type(zone)) == "pendulum.tz.timezone.FixedTimezone":
        return serialize((zone.offset, "pendulum.tz.timezone.FixedTimezone", 1, True))
    name = getattr(zone, "name", None) or getattr(zone, "key", None) or str(zone)
    return serialize((name, "pendulum.tz.timezone.Timezone", 1, True))


def _decode_timezone(data: Any) -> Any:
    if data is None:
        return None
    value = deserialize(data)
    name = value[0] if isinstance(value, (tuple, list)) else value
    if isinstance(name, int):
        return pendulum.tz.timezone.FixedTimezone(name)
    return pendulum.timezone(name)


def _encode_datetime(value: dt.datetime) -> Any:
    pendular = isinstance(value, pendulum.DateTime)
    classname = "pendulum.datetime.DateTime" if pendular else "datetime.datetime"
    if value.tzinfo is None:
        return _wrap(classname, 2, {"timestamp": value.replace(tzinfo=dt.timezone.utc).timestamp(), "tz": None})
    return _wrap(classname, 2, {"timestamp": value.timestamp(), "tz": _encode_timezone(value.tzinfo)})


def _decode_datetime(data: Any, version: int) -> dt.datetime:
    if isinstance(data, str):
        return dt.datetime.fromisoformat(data)
    zone = _decode_timezone(data.get("tz"))
    moment = dt.datetime.fromtimestamp(float(data["timestamp"]), tz=dt.timezone.utc)
    return moment.replace(tzinfo=None) if zone is None else moment.astimezone(zone)


def _decode_pendulum(data: Any, version: int) -> pendulum.DateTime:
    moment = _decode_datetime(data, version)
    if moment.tzinfo is None:
        return pendulum.naive(
            moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond
        )
    return pendulum.instance(moment)


def _encode_decimal(value: decimal.Decimal) -> Any:
    _, _, exponent = value.as_tuple()
    number: Any = int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)
    return _wrap("decimal.Decimal", 1, number)


_ENCODERS: dict[str, Callable[[Any], Any]] = {
    "datetime.datetime": _encode_datetime,
    "pendulum.datetime.DateTime": _encode_datetime,
    "datetime.date": lambda value: _wrap("datetime.date", 2, value.isoformat()),
    "pendulum.date.Date": lambda value: _wrap("datetime.date", 2, value.isoformat()),
    "datetime.timedelta": lambda value: _wrap("datetime.timedelta", 2, value.total_seconds()),
    "decimal.Decimal": _encode_decimal,
    "uuid.UUID": lambda value: _wrap("uuid.UUID", 1, str(value)),
    "pendulum.tz.timezone.Timezone": lambda value: _wrap("pendulum.tz.timezone.Timezone", 1, value.name),
    "pendulum.tz.timezone.FixedTimezone": lambda value: _wrap("pendulum.tz.timezone.FixedTimezone", 1, value.offset),
    "zoneinfo.ZoneInfo": lambda value: _wrap("backports.zoneinfo.ZoneInfo", 1, value.key),
}

_DECODERS: dict[str, Callable[[Any, int], Any]] = {
    "builtins.tuple": lambda data, _: tuple(deserialize(item) for item in data),
    "builtins.set": lambda data, _: {deserialize(item) for item in data},
    "builtins.frozenset": lambda data, _: frozenset(deserialize(item) for item in data),
    "datetime.datetime": _decode_datetime,
    "pendulum.datetime.DateTime": _decode_pendulum,
    "datetime.date": lambda data, _: dt.date.fromisoformat(data),
    "datetime.timedelta": lambda data, _: dt.timedelta(seconds=float(data)),
    "decimal.Decimal": lambda data, _: decimal.Decimal(str(data)),
    "uuid.UUID": lambda data, _: uuid.UUID(data),
    "pendulum.tz.timezone.Timezone": lambda data, _: pendulum.timezone(data),
    "pendulum.tz.timezone.FixedTimezone": lambda data, _: pendulum.tz.timezone.FixedTimezone(data),
    "backports.zoneinfo.ZoneInfo": lambda data, _: pendulum.timezone(data),
    "numpy.ndarray": lambda data, _: _decode_array(deserialize(data)),
    "pandas.core.frame.DataFrame": lambda data, _: _decode_frame(data),
}


def deserialize(value: Any) -> Any:
    """The Python value of something :func:`serialize` wrote."""
    if type(value) is list:
        return [deserialize(item) for item in value]
    if type(value) is not dict:
        return value
    if CLASSNAME not in value or VERSION not in value:
        return {key: deserialize(item) for key, item in value.items()}
    classname, version, data = value[CLASSNAME], value[VERSION], value.get(DATA)
    decoder = _DECODERS.get(classname)
    if decoder is not None:
        return decoder(data, version)
    return _deserialize_class(classname, version, data)


def _deserialize_class(classname: str, version: int, data: Any) -> Any:
    from airflow.utils.module_loading import import_string

    if not (_allowed(classname) or classname.startswith("airflow.")):
        raise ImportError(
            f"{classname} was not found in the list of classes that may be read from XCom: "
            f"add it to [core] allowed_deserialization_classes (now {_allowed_patterns()[0]!r})"
        )
    cls = import_string(classname)
    current = _class_version(cls)
    if version > current:
        raise TypeError(f"serialized version {version} of {classname} is newer than the class' version {current}")
    plain = deserialize(data)
    if callable(getattr(cls, "deserialize", None)):
        return cls.deserialize(plain, version)
    return cls(**plain)


def _allowed_patterns() -> tuple[str, str]:
    from airflow.configuration import conf

    globs = conf.get("core", "allowed_deserialization_classes", fallback="airflow.*")
    expressions = conf.get("core", "allowed_deserialization_classes_regexp", fallback="")
    return globs, expressions


def _allowed(classname: str) -> bool:
    globs, expressions = _allowed_patterns()
    return _matches(classname, globs, expressions)


@functools.lru_cache(maxsize=256)
def _matches(classname: str, globs: str, expressions: str) -> bool:
    if any(fnmatch.fnmatchcase(classname, glob) for glob in globs.split()):
        return True
    return any(re.fullmatch(expression, classname) for expression in expressions.split())


def _decode_array(data: Any) -> Any:
    import numpy

    return numpy.array(data["values"], dtype=data["dtype"])


def _decode_frame(data: Any) -> Any:
    import io

    import pandas

    return pandas.read_json(io.StringIO(json.dumps(data)), orient="table")
