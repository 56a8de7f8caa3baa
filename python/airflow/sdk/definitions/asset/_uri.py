"""The canonical spelling of an asset's URI; provider packages know more of their own schemes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from airflow import _providers, _warnings


def normalize_uri(uri: str, *, lenient: bool = False) -> str:
    """``uri`` in its canonical spelling; plain texts and ``x-`` schemes are taken as they are.

    What the provider package of its scheme refuses is a ``ValueError``, and with ``lenient`` (2.x) a warning.
    """
    parts = urlsplit(uri)
    scheme = parts.scheme.lower()
    if not scheme or scheme.startswith("x-"):
        return uri
    if scheme == "airflow":
        raise ValueError("Asset scheme 'airflow' is reserved")
    netloc = parts.netloc
    user, at, host = netloc.rpartition("@")
    if at and ":" in user:
        # It may hold a password.
        netloc = host
    query = urlencode(sorted(parse_qsl(parts.query)))
    plain = SplitResult(scheme, netloc, parts.path.rstrip("/") or "/", query, "")
    return urlunsplit(_checked(plain, uri, lenient))


def _checked(parts: SplitResult, uri: str, lenient: bool) -> SplitResult:
    check = provider_check(parts.scheme)
    if check is None:
        return parts
    try:
        return check(parts)
    except ValueError as error:
        message = f"the asset URI {uri!r} is not valid for its scheme {parts.scheme!r}: {error}"
        if not lenient or _is_strict():
            raise ValueError(message) from error
        _warnings.deprecated(message, refused=True)
        return parts


def _is_strict() -> bool:
    from airflow.configuration import conf

    return conf.getboolean("core", "strict_dataset_uri_validation", fallback=False)


@cache
def provider_check(scheme: str) -> Callable[[SplitResult], SplitResult] | None:
    """The function by which an installed provider package checks and rewrites the URIs of ``scheme``."""
    for kind in ("asset-uris", "dataset-uris"):
        for package, item in _providers.entries(kind):
            if scheme in (item.get("schemes") or ()):
                return _load(item.get("handler"), package)
    return None


def _load(path: Any, package: str) -> Callable[[SplitResult], SplitResult] | None:
    from airflow.utils.module_loading import import_string

    if not path:
        # The scheme is known, and there is nothing to say about it.
        return None
    try:
        found: Callable[[SplitResult], SplitResult] = import_string(path)
    except ImportError as error:
        _providers.log.warning("Asset URIs of %s are not checked: %s cannot be imported: %s", package, path, error)
        return None
    return found
