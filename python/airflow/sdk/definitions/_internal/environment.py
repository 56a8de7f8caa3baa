"""Jinja environments of templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import jinja2
import jinja2.ext
import jinja2.nativetypes
import jinja2.sandbox


class _SandboxedEnvironment(jinja2.sandbox.SandboxedEnvironment):
    """Refuses only what Jinja itself calls internal, so that templates may use names with an underscore."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not jinja2.sandbox.is_internal_attribute(obj, attr)


class _NativeEnvironment(jinja2.nativetypes.NativeEnvironment, _SandboxedEnvironment):
    """Gives Python values instead of text."""


def _of_moment(convert: Callable[[dt.datetime], str]) -> Callable[[dt.datetime | None], str | None]:
    def apply(value: dt.datetime | None) -> str | None:
        return None if value is None else convert(value)

    return apply


FILTERS: dict[str, Callable[..., Any]] = {
    "ds": _of_moment(lambda value: value.strftime("%Y-%m-%d")),
    "ds_nodash": _of_moment(lambda value: value.strftime("%Y%m%d")),
    "ts": _of_moment(lambda value: value.isoformat()),
    "ts_nodash": _of_moment(lambda value: value.strftime("%Y%m%dT%H%M%S")),
    "ts_nodash_with_tz": _of_moment(lambda value: value.isoformat().replace("-", "").replace(":", "")),
}


def create_environment(
    *,
    native: bool = False,
    searchpath: Iterable[str] = (),
    undefined: type[jinja2.Undefined] | None = None,
    options: dict[str, Any] | None = None,
    macros: dict[str, Any] | None = None,
    filters: dict[str, Callable[..., Any]] | None = None,
) -> jinja2.Environment:
    """An environment with our filters, the DAG's own ``macros`` and ``filters``, and files from ``searchpath``."""
    settings: dict[str, Any] = {
        "loader": jinja2.FileSystemLoader(list(searchpath)),
        "undefined": undefined or jinja2.StrictUndefined,
        "extensions": ["jinja2.ext.do"],
        "cache_size": 0,
        **(options or {}),
    }
    environment = _NativeEnvironment(**settings) if native else _SandboxedEnvironment(**settings)
    environment.filters.update(FILTERS)
    if macros:
        environment.globals.update(macros)
    if filters:
        environment.filters.update(filters)
    return environment
