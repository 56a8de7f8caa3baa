"""URIs of connections."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

EXTRA_KEY = "__extra__"
_SCHEME = re.compile(r"^([A-Za-z][\w.+-]*)://")
_PLAIN_HOST = re.compile(r"^[\w.-]*$")


def normalize_type(conn_type: str) -> str:
    """The type as connections store it: ``postgres``, and underscores instead of dashes."""
    return "postgres" if conn_type == "postgresql" else conn_type.replace("-", "_")


def parse_uri(uri: str) -> dict[str, Any]:
    """The fields that ``uri`` means; ``extra`` is JSON text or ``None``."""
    scheme = ""
    found = _SCHEME.match(uri)
    if found:
        # urlsplit knows no schemes with an underscore, which types of connections have.
        scheme = found.group(1).lower()
        uri = uri[len(scheme) + 1 :]
    inner = None
    nested = _SCHEME.match(uri[2:])
    if nested:
        inner = nested.group(1)
        uri = "//" + uri[2 + nested.end() :]
    split = urlsplit(uri)
    host = unquote(split.hostname or "")
    return {
        "conn_type": normalize_type(scheme),
        "host": f"{inner}://{host}" if inner is not None else host,
        "login": unquote(split.username) if split.username is not None else None,
        "password": unquote(split.password) if split.password is not None else None,
        "schema": unquote(split.path[1:]),
        "port": split.port,
        "extra": _parse_extra(split.query),
    }


def _parse_extra(query: str) -> str | None:
    if not query:
        return None
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    if EXTRA_KEY in pairs:
        return pairs[EXTRA_KEY]
    found: dict[str, Any] = {}
    for key, value in pairs.items():
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return json.dumps(found)


def format_uri(connection: Any) -> str:
    """The URI of a connection; reading it gives the same fields."""
    scheme = (connection.conn_type or "").lower().replace("_", "-")
    uri = f"{scheme}://" if scheme else "//"
    host = connection.host or ""
    inner, separator, rest = host.partition("://")
    if separator and _PLAIN_HOST.match(rest):
        uri += f"{inner}://"
        host = rest
    login = quote(connection.login or "", safe="")
    if connection.password:
        login += f":{quote(connection.password, safe='')}"
    if login or (not host and connection.port is not None):
        uri += f"{login}@"
    uri += quote(host, safe="")
    if connection.port is not None:
        uri += f":{connection.port}"
    if connection.schema:
        uri += f"/{quote(connection.schema, safe='')}"
    return uri + _format_extra(connection)


def _format_extra(connection: Any) -> str:
    if not connection.extra:
        return ""
    lead = "?" if connection.schema else "/?"
    extra = connection.extra_dejson
    if extra and all(isinstance(value, str) for value in extra.values()):
        query = urlencode(extra)
        if dict(parse_qsl(query, keep_blank_values=True)) == extra:
            return lead + query
    return lead + urlencode({EXTRA_KEY: connection.extra})
