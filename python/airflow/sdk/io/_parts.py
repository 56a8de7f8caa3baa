"""The text of a path in an object store, and what it is made of."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin

if TYPE_CHECKING:
    from typing_extensions import Self

_LOCAL = ("file", "local", "")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


class PathParts:
    """Scheme, connection, bucket and key. Nothing here looks at a file system.

    ``path`` is the file's path for local ones, else the bucket, a slash and the key.
    """

    sep: ClassVar[str] = "/"

    def __init__(self, *parts: Any, protocol: str | None = None, conn_id: str | None = None, **storage_options: Any) -> None:
        first: Any = parts[0] if parts else ""
        self.storage_options: dict[str, Any]
        if isinstance(first, PathParts):
            protocol = first.protocol if protocol is None else protocol
            conn_id = conn_id or first.conn_id
            storage_options = {**first.storage_options, **storage_options}
            text = first.path
        else:
            scheme, found, text = _split(str(first))
            protocol = scheme if protocol is None else protocol
            conn_id = found or conn_id
        self.protocol: str = protocol
        self.conn_id: str | None = conn_id
        self.storage_options = storage_options
        for part in parts[1:]:
            text = self._join(text, str(part))
        self.path: str = self._tidy(text)

    @property
    def is_local(self) -> bool:
        """Whether it is a path of this machine."""
        return self.protocol in _LOCAL

    def _join(self, text: str, part: str) -> str:
        if self.is_local:
            return posixpath.join(text, part)
        return f"{text}{part}" if text.endswith("/") else f"{text}/{part}"

    def _with(self, path: str) -> Self:
        """The same store and connection with another path."""
        made = type(self)(protocol=self.protocol, conn_id=self.conn_id, **self.storage_options)
        made.path = self._tidy(path)
        return made

    def _tidy(self, path: str) -> str:
        if self.is_local:
            return str(PurePosixPath(path))
        bucket, _, key = path.lstrip("/").partition("/")
        return f"{bucket}/{key.rstrip('/')}"

    def _map_text(self, render: Callable[[str], str]) -> Self:
        """Path and connection, each through ``render``: for templates."""
        made = self._with(render(self.path))
        made.conn_id = self.conn_id and render(self.conn_id)
        return made

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self.path if self.is_local else f"/{self.key}")

    @property
    def bucket(self) -> str:
        """The first part: the bucket or container."""
        return "" if self.is_local else self.path.partition("/")[0]

    container = bucket

    @property
    def key(self) -> str:
        """What follows the bucket."""
        return self.path.lstrip("/") if self.is_local else self.path.partition("/")[2]

    @property
    def namespace(self) -> str:
        """Scheme and bucket."""
        return f"{self.protocol}://{self.bucket}" if self.bucket else self.protocol

    @property
    def drive(self) -> str:
        """The bucket."""
        return self.bucket

    @property
    def root(self) -> str:
        """A slash, unless the path is relative."""
        return self._pure.root

    @property
    def anchor(self) -> str:
        """Bucket and slash."""
        return self.drive + self.root

    @property
    def name(self) -> str:
        """The last part."""
        return self._pure.name

    @property
    def stem(self) -> str:
        """The last part without its ending."""
        return self._pure.stem

    @property
    def suffix(self) -> str:
        """The ending."""
        return self._pure.suffix

    @property
    def suffixes(self) -> list[str]:
        """All endings."""
        return self._pure.suffixes

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts between slashes, after the anchor."""
        found = self._pure.parts
        return found if self.is_local else (self.anchor, *found[1:])

    @property
    def parent(self) -> Self:
        """The folder; that of a bucket is the bucket."""
        return self._with_pure(self._pure.parent)

    @property
    def parents(self) -> tuple[Self, ...]:
        """The folder, its folder, and so on."""
        return tuple(self._with_pure(folder) for folder in self._pure.parents)

    def _with_pure(self, pure: PurePosixPath) -> Self:
        return self._with(str(pure) if self.is_local else f"{self.bucket}{pure}")

    def joinpath(self, *parts: Any) -> Self:
        """A path below this one."""
        text = self.path
        for part in parts:
            text = self._join(text, str(part))
        return self._with(text)

    def __truediv__(self, part: Any) -> Self:
        return self.joinpath(part)

    def with_suffix(self, suffix: str) -> Self:
        """The same with another ending."""
        return self._with_pure(self._pure.with_suffix(suffix))

    def with_name(self, name: str) -> Self:
        """A neighbour."""
        return self._with_pure(self._pure.with_name(name))

    def with_stem(self, stem: str) -> Self:
        """A neighbour with the same ending."""
        return self._with_pure(self._pure.with_name(stem + self.suffix))

    @classmethod
    def from_uri(cls, uri: str, **storage_options: Any) -> Self:
        """The path that a URI names."""
        return cls(uri, **storage_options)

    def with_segments(self, *parts: Any) -> Self:
        """Another path of the same store and connection."""
        return type(self)(*parts, protocol=self.protocol, conn_id=self.conn_id, **self.storage_options)

    def joinuri(self, uri: str) -> Self:
        """What a link to ``uri`` in this file would lead to."""
        if "://" in uri:
            return type(self)(uri, conn_id=self.conn_id, **self.storage_options)
        place, slash, key = self.path.partition("/") if not self.is_local else ("", "", self.path)
        return self._with(place + slash + urljoin(key, uri))

    def is_absolute(self) -> bool:
        """Whether it begins at a bucket or at the root."""
        return self._pure.is_absolute()

    def is_relative_to(self, other: Any) -> bool:
        """Whether it is ``other``, or below it."""
        above = other if isinstance(other, PathParts) else type(self)(other)
        return self._store == above._store and self._pure.is_relative_to(above._pure)

    def relative_to(self, other: Any) -> Self:
        """What has to be added to ``other`` to come here."""
        if not self.is_relative_to(other):
            raise ValueError(f"{str(self)!r} is not below {str(other)!r}")
        above = other if isinstance(other, PathParts) else type(self)(other)
        return type(self)(self._pure.relative_to(above._pure))

    def match(self, pattern: str) -> bool:
        """Whether the last parts fit ``pattern``."""
        return self._pure.match(pattern)

    def full_match(self, pattern: str) -> bool:
        """Whether the whole path fits ``pattern``, in which ``*`` stands for slashes too."""
        return fnmatch.fnmatchcase(self.path, pattern)

    def as_posix(self) -> str:
        """The path with its scheme, without its connection."""
        return f"{self.protocol}://{self.path}" if self.protocol else self.path

    def as_uri(self) -> str:
        """The path as a URI, without its connection."""
        return f"{self.protocol or 'file'}://{self.path}"

    @property
    def _store(self) -> tuple[str, str | None, str]:
        return self.protocol, self.conn_id, self.bucket

    def __str__(self) -> str:
        if not self.protocol:
            return self.path
        user = f"{self.conn_id}@" if self.conn_id else ""
        return f"{self.protocol}://{user}{self.path}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathParts) and self._identity == other._identity

    def __lt__(self, other: PathParts) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str | None, str]:
        return self.protocol, self.conn_id, self.path


def _split(text: str) -> tuple[str, str | None, str]:
    """Scheme, connection and the rest of a URI or path."""
    scheme, mark, rest = text.partition("://")
    if not mark or not _SCHEME.fullmatch(scheme):
        return "", None, text
    place, slash, key = rest.partition("/")
    user, at, bucket = place.rpartition("@")
    return scheme, user if at else None, (bucket if at else place) + slash + key
