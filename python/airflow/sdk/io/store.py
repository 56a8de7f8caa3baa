"""File systems by scheme: those of fsspec, made with what provider packages know of connections."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from airflow import _providers
from airflow.utils.module_loading import import_string

_attached: dict[str, Any] = {}


@cache
def _makers() -> dict[str, Callable[..., Any]]:
    """``get_fs`` of provider packages by the schemes that they serve."""
    found: dict[str, Callable[..., Any]] = {}
    for _, path in _providers.entries("filesystems"):
        try:
            maker, schemes = import_string(f"{path}.get_fs"), import_string(f"{path}.schemes")
        except ImportError as error:
            _providers.log.info("File systems of %s are left out: %s", path, error)
            continue
        for scheme in schemes:
            found[scheme] = maker
    return found


def get_fs(scheme: str, conn_id: str | None = None, storage_options: dict[str, Any] | None = None) -> Any:
    """The file system of a scheme, signed in by a connection when a provider package knows how."""
    if scheme in _attached:
        return _attached[scheme]
    try:
        import fsspec
    except ImportError:
        raise ImportError(f"paths such as {scheme}://... need the package fsspec: pip install fsspec") from None
    maker = _makers().get(scheme)
    if maker is None:
        return fsspec.filesystem(scheme, **(storage_options or {}))
    if len(inspect.signature(maker).parameters) > 1:
        return maker(conn_id, storage_options or {})
    return maker(conn_id)


def has_fs(scheme: str) -> bool:
    """Whether a provider package, or fsspec, serves ``scheme``."""
    if scheme in ("file", "local") or scheme in _attached or scheme in _makers():
        return True
    try:
        from fsspec.registry import known_implementations
    except ImportError:
        return False
    return scheme in known_implementations


class ObjectStore:
    """A file system under a protocol."""

    def __init__(self, protocol: str, conn_id: str | None, fs: Any = None, storage_options: dict[str, Any] | None = None) -> None:
        self.protocol, self.conn_id = protocol, conn_id
        self.storage_options = storage_options or {}
        self._fs = fs

    @property
    def fs(self) -> Any:
        """The file system itself."""
        if self._fs is None:
            self._fs = get_fs(self.protocol, self.conn_id, self.storage_options)
        return self._fs


def attach(
    protocol: str | None = None,
    conn_id: str | None = None,
    alias: str | None = None,
    encryption_type: str | None = None,
    fs: Any = None,
    **storage_options: Any,
) -> ObjectStore:
    """Make ``fs`` (or the one of ``protocol``) the file system of all paths with this scheme."""
    scheme = protocol or getattr(fs, "protocol", None)
    if isinstance(scheme, (list, tuple)):
        scheme = scheme[0]
    if not scheme:
        raise ValueError("attach() needs a protocol, or a file system that has one")
    store = ObjectStore(scheme, conn_id, fs, storage_options)
    if fs is not None:
        _attached[scheme] = fs
    return store
