"""Paths of files in object stores and on the local disk, with the methods of ``pathlib``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, ClassVar

from airflow.sdk.io.store import get_fs

_LOCAL = ("file", "local", "")


class ObjectStoragePath:
    """``ObjectStoragePath("s3://conn_id@bucket/key")``. Other schemes than ``file`` need fsspec and what it needs for them."""

    __version__: ClassVar[int] = 1
    sep = "/"

    def __init__(self, *parts: Any, protocol: str | None = None, conn_id: str | None = None, **storage_options: Any) -> None:
        first: Any = parts[0] if parts else "."
        self.protocol: str
        self.conn_id: str | None
        self.storage_options: dict[str, Any]
        self.path: str
        if isinstance(first, ObjectStoragePath):
            protocol, conn_id = protocol or first.protocol, conn_id or first.conn_id
            storage_options = {**first.storage_options, **storage_options}
            text = first.path
        else:
            text = str(first)
            scheme, mark, rest = text.partition("://")
            if mark:
                protocol, text = protocol or scheme, rest
                place, slash, key = rest.partition("/")
                user, at, bucket = place.rpartition("@")
                if at:
                    conn_id, text = conn_id or user, bucket + slash + key
        self.protocol = protocol or "file"
        self.conn_id = conn_id
        self.storage_options = storage_options
        joined = posixpath.join(text, *(str(part) for part in parts[1:]))
        self.path = posixpath.normpath(joined) if joined and self.protocol in _LOCAL else joined.rstrip("/")

    def _with(self, path: str) -> ObjectStoragePath:
        return type(self)(path, protocol=self.protocol, conn_id=self.conn_id, **self.storage_options)

    @property
    def fs(self) -> Any:
        """The file system of fsspec."""
        return get_fs(self.protocol, self.conn_id, self.storage_options)

    @property
    def bucket(self) -> str:
        """The first part: the bucket or container."""
        return "" if self.protocol in _LOCAL else self.path.split("/", 1)[0]

    container = bucket

    @property
    def key(self) -> str:
        """What follows the bucket."""
        return self.path if self.protocol in _LOCAL else self.path.partition("/")[2]

    @property
    def namespace(self) -> str:
        """Scheme and bucket."""
        return f"{self.protocol}://{self.bucket}"

    @property
    def name(self) -> str:
        """The last part."""
        return posixpath.basename(self.path)

    @property
    def stem(self) -> str:
        """The last part without its ending."""
        return posixpath.splitext(self.name)[0]

    @property
    def suffix(self) -> str:
        """The ending."""
        return posixpath.splitext(self.name)[1]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts between slashes."""
        return tuple(part for part in self.path.split("/") if part)

    @property
    def parent(self) -> ObjectStoragePath:
        """The folder."""
        return self._with(posixpath.dirname(self.path))

    def joinpath(self, *parts: Any) -> ObjectStoragePath:
        """A path below this one."""
        return self._with(posixpath.join(self.path, *(str(part) for part in parts)))

    def __truediv__(self, part: Any) -> ObjectStoragePath:
        return self.joinpath(part)

    def with_suffix(self, suffix: str) -> ObjectStoragePath:
        """The same with another ending."""
        return self._with(posixpath.splitext(self.path)[0] + suffix)

    def with_name(self, name: str) -> ObjectStoragePath:
        """A neighbour."""
        return self.parent / name

    def open(self, mode: str = "r", **kwargs: Any) -> Any:
        """The file, opened."""
        if self.protocol in _LOCAL:
            return open(self.path, mode, **kwargs)
        return self.fs.open(self.path, mode, **kwargs)

    def read_text(self, encoding: str | None = None, **kwargs: Any) -> str:
        """The file's text."""
        with self.open("r", encoding=encoding or "utf-8", **kwargs) as file:
            return str(file.read())

    def read_bytes(self) -> bytes:
        """The file's bytes."""
        with self.open("rb") as file:
            return bytes(file.read())

    def write_text(self, data: str, encoding: str | None = None, **kwargs: Any) -> int:
        """Make the file of a text."""
        with self.open("w", encoding=encoding or "utf-8", **kwargs) as file:
            return int(file.write(data))

    def write_bytes(self, data: bytes) -> int:
        """Make the file of bytes."""
        with self.open("wb") as file:
            return int(file.write(data))

    def _local(self) -> Any:
        from pathlib import Path

        return Path(self.path) if self.protocol in _LOCAL else None

    def exists(self) -> bool:
        """Whether there is something."""
        local = self._local()
        return bool(local.exists() if local is not None else self.fs.exists(self.path))

    def is_file(self) -> bool:
        """Whether it is a file."""
        local = self._local()
        return bool(local.is_file() if local is not None else self.fs.isfile(self.path))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        local = self._local()
        return bool(local.is_dir() if local is not None else self.fs.isdir(self.path))

    def iterdir(self) -> Iterator[ObjectStoragePath]:
        """What is in the folder."""
        local = self._local()
        names = (str(item) for item in local.iterdir()) if local is not None else self.fs.ls(self.path, detail=False)
        for name in names:
            yield self._with(str(name))

    def glob(self, pattern: str) -> Iterator[ObjectStoragePath]:
        """What fits a pattern below."""
        local = self._local()
        found = (str(item) for item in local.glob(pattern)) if local is not None else self.fs.glob(f"{self.path}/{pattern}")
        for name in found:
            yield self._with(str(name))

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make the folder."""
        local = self._local()
        if local is not None:
            local.mkdir(mode=mode, parents=parents, exist_ok=exist_ok)
        elif exist_ok or not self.fs.exists(self.path):
            self.fs.makedirs(self.path, exist_ok=True)
        else:
            raise FileExistsError(str(self))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        local = self._local()
        if local is not None:
            local.unlink(missing_ok=missing_ok)
        elif self.fs.exists(self.path):
            self.fs.rm(self.path)
        elif not missing_ok:
            raise FileNotFoundError(str(self))

    def rmdir(self, recursive: bool = True) -> None:
        """Remove the folder."""
        local = self._local()
        if local is None:
            self.fs.rm(self.path, recursive=recursive)
        elif recursive:
            import shutil

            shutil.rmtree(local)
        else:
            local.rmdir()

    def stat(self) -> Any:
        """What is known of the file: a mapping of fsspec, or ``os.stat_result``."""
        local = self._local()
        return local.stat() if local is not None else self.fs.info(self.path)

    def size(self) -> int:
        """The length in bytes."""
        local = self._local()
        return int(local.stat().st_size if local is not None else self.fs.size(self.path))

    def copy(self, dst: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy the file (with ``recursive`` all of the folder) to another path, of whatever scheme."""
        target = dst if isinstance(dst, ObjectStoragePath) else type(self)(dst)
        if recursive and self.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            for item in self.iterdir():
                item.copy(target / item.name, recursive=True)
            return
        if target.is_dir():
            target = target / self.name
        with self.open("rb") as source, target.open("wb") as out:
            while piece := source.read(1 << 20):
                out.write(piece)

    def move(self, path: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy, and remove the original."""
        self.copy(path, recursive=recursive)
        if self.is_dir():
            self.rmdir(recursive=True)
        else:
            self.unlink()

    rename = replace = move

    def as_uri(self) -> str:
        """The path as a URI."""
        return str(self)

    def serialize(self) -> dict[str, Any]:
        """The path as XComs keep it."""
        text = self.path if self.protocol in _LOCAL else f"{self.protocol}://{self.path}"
        return {"path": text, "conn_id": self.conn_id, "kwargs": self.storage_options}

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> ObjectStoragePath:
        """The path of what :meth:`serialize` wrote."""
        return cls(data["path"], conn_id=data.get("conn_id"), **(data.get("kwargs") or {}))

    def __fspath__(self) -> str:
        return self.path if self.protocol in _LOCAL else str(self)

    def __str__(self) -> str:
        user = f"{self.conn_id}@" if self.conn_id else ""
        return f"{self.protocol}://{user}{self.path}"

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStoragePath) and (self.protocol, self.path) == (other.protocol, other.path)

    def __lt__(self, other: ObjectStoragePath) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash((self.protocol, self.path))
