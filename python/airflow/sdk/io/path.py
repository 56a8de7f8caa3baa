"""Paths of files in object stores and on the local disk, with the methods of ``pathlib``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.io._parts import PathParts
from airflow.sdk.io.store import get_fs

if TYPE_CHECKING:
    from typing_extensions import Self


class FileFacts(Mapping[str, Any]):
    """What is known of a file: the words of fsspec by key, and as ``st_size``, ``st_mtime`` and so on."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = dict(facts)

    def __getitem__(self, name: str) -> Any:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __getattr__(self, name: str) -> Any:
        facts = self.__dict__.get("_facts", {})
        for key in _FACTS.get(name, ()):
            if facts.get(key) is not None:
                value = facts[key]
                return value.timestamp() if hasattr(value, "timestamp") else value
        raise AttributeError(f"nothing is known of {name!r}; known are {', '.join(sorted(facts))}")

    def __repr__(self) -> str:
        return f"FileFacts({self._facts!r})"


#: Under which words the file systems tell what ``os.stat`` tells.
_FACTS = {
    "st_size": ("size", "Size"),
    "st_mode": ("mode",),
    "st_mtime": ("mtime", "LastModified", "last_modified", "modified", "updated"),
    "st_ctime": ("created", "ctime"),
    "st_uid": ("uid",),
    "st_gid": ("gid",),
    "st_ino": ("ino",),
    "st_nlink": ("nlink",),
}


def _local_facts(path: Path) -> FileFacts:
    found = path.stat()
    facts = {name[3:]: getattr(found, name) for name in _FACTS if name != "st_ctime"}
    kind = "directory" if path.is_dir() else "file"
    return FileFacts({**facts, "name": str(path), "type": kind, "created": found.st_ctime, "islink": path.is_symlink()})


class ObjectStoragePath(PathParts):
    """``ObjectStoragePath("s3://conn_id@bucket/key")``. Other schemes than ``file`` need fsspec and what it needs for them."""

    __version__: ClassVar[int] = 1

    @property
    def fs(self) -> Any:
        """The file system of fsspec."""
        return get_fs(self.protocol or "file", self.conn_id, self.storage_options)

    @property
    def _local(self) -> Path | None:
        return Path(self.path) if self.is_local else None

    def open(self, mode: str = "r", **kwargs: Any) -> Any:
        """The file, opened."""
        if self.is_local:
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

    def read_block(self, offset: int, length: int, delimiter: bytes | None = None) -> bytes:
        """Some bytes; with ``delimiter`` from the first one after ``offset`` to the first one after the end."""
        return bytes(self.fs.read_block(self.path, offset, length, delimiter=delimiter))

    def write_text(self, data: str, encoding: str | None = None, **kwargs: Any) -> int:
        """Make the file of a text."""
        with self.open("w", encoding=encoding or "utf-8", **kwargs) as file:
            return int(file.write(data))

    def write_bytes(self, data: bytes) -> int:
        """Make the file of bytes."""
        with self.open("wb") as file:
            return int(file.write(data))

    def touch(self, mode: int = 0o666, exist_ok: bool = True, truncate: bool = False) -> None:
        """Make an empty file when there is none; ``truncate`` empties one that is there."""
        if self.exists():
            if not exist_ok:
                raise FileExistsError(str(self))
            if not truncate:
                if self.is_local:
                    os.utime(self.path)
                return
        self.write_bytes(b"")

    def exists(self) -> bool:
        """Whether there is something."""
        local = self._local
        return bool(local.exists() if local is not None else self.fs.exists(self.path))

    def is_file(self) -> bool:
        """Whether it is a file."""
        local = self._local
        return bool(local.is_file() if local is not None else self.fs.isfile(self.path))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        local = self._local
        return bool(local.is_dir() if local is not None else self.fs.isdir(self.path))

    def is_symlink(self) -> bool:
        """Whether it is a link; stores have none."""
        local = self._local
        return local is not None and local.is_symlink()

    def iterdir(self) -> Iterator[Self]:
        """What is in the folder."""
        local = self._local
        names = (str(item) for item in local.iterdir()) if local is not None else self.fs.ls(self.path, detail=False)
        for name in names:
            yield self._with(str(name))

    def glob(self, pattern: str) -> Iterator[Self]:
        """What fits a pattern below."""
        local = self._local
        below = self.path if self.path.endswith("/") else f"{self.path}/"
        found = (str(item) for item in local.glob(pattern)) if local is not None else self.fs.glob(below + pattern)
        for name in found:
            yield self._with(str(name))

    def rglob(self, pattern: str) -> Iterator[Self]:
        """What fits a pattern in this folder and all below."""
        return self.glob(f"**/{pattern}")

    def walk(self, top_down: bool = True) -> Iterator[tuple[Self, list[str], list[str]]]:
        """Each folder, with the names of the folders and files in it."""
        folders: list[str] = []
        files: list[str] = []
        for item in self.iterdir():
            (folders if item.is_dir() else files).append(item.name)
        if top_down:
            yield self, folders, files
        for name in list(folders):
            yield from (self / name).walk(top_down)
        if not top_down:
            yield self, folders, files

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make the folder."""
        local = self._local
        if local is not None:
            local.mkdir(mode=mode, parents=parents, exist_ok=exist_ok)
        elif exist_ok or not self.fs.exists(self.path):
            self.fs.makedirs(self.path, exist_ok=True)
        else:
            raise FileExistsError(str(self))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        local = self._local
        if local is not None:
            local.unlink(missing_ok=missing_ok)
        elif self.fs.exists(self.path):
            self.fs.rm(self.path)
        elif not missing_ok:
            raise FileNotFoundError(str(self))

    def rmdir(self, recursive: bool = True) -> None:
        """Remove the folder."""
        local = self._local
        if local is None:
            self.fs.rm(self.path, recursive=recursive)
        elif recursive:
            shutil.rmtree(local)
        else:
            local.rmdir()

    def stat(self) -> FileFacts:
        """What is known of the file."""
        local = self._local
        return _local_facts(local) if local is not None else FileFacts(self.fs.info(self.path))

    info = stat

    def size(self) -> int:
        """The length in bytes."""
        local = self._local
        return int(local.stat().st_size if local is not None else self.fs.size(self.path))

    def checksum(self) -> Any:
        """A number that changes with the file."""
        return self.fs.checksum(self.path)

    def ukey(self) -> Any:
        """A text that changes with the file."""
        return self.fs.ukey(self.path)

    def sign(self, expiration: int = 100, **kwargs: Any) -> str:
        """An address under which anybody may read the file for some seconds."""
        return str(self.fs.sign(self.path, expiration=expiration, **kwargs))

    def samestore(self, other: Any) -> bool:
        """Whether both are in one store, reached by one connection."""
        return isinstance(other, ObjectStoragePath) and (self.protocol, self.conn_id) == (other.protocol, other.conn_id)

    def samefile(self, other: Any) -> bool:
        """Whether both are the same file."""
        there = self._beside(other)
        if self.is_local and there.is_local:
            return os.path.samefile(self.path, there.path)
        return self.samestore(there) and self.path == there.path

    def absolute(self) -> Self:
        """The path from the root."""
        return self._with(os.path.abspath(self.path)) if self.is_local else self

    def resolve(self, strict: bool = False) -> Self:
        """The path from the root, without links and steps back."""
        if self.is_local:
            return self._with(str(Path(self.path).resolve(strict=strict)))
        return self._with(self.bucket + os.path.normpath(f"/{self.key}"))

    def expanduser(self) -> Self:
        """The path with ``~`` replaced by the home folder."""
        return self._with(os.path.expanduser(self.path)) if self.is_local else self

    def _beside(self, other: Any) -> ObjectStoragePath:
        """A path, or a text as a path: one without a scheme is in the same store."""
        if isinstance(other, ObjectStoragePath):
            return other
        found = type(self)(other)
        return self._with(found.path) if not found.protocol and self.is_local else found

    def copy(self, dst: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy the file (with ``recursive`` all of the folder) to another path, of whatever scheme."""
        target = self._beside(dst)
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

    def rename(self, target: Any, **kwargs: Any) -> ObjectStoragePath:
        """Move, and give the new path."""
        self.move(target, recursive=self.is_dir())
        return self._beside(target)

    replace = rename

    def serialize(self) -> dict[str, Any]:
        """The path as XComs keep it."""
        return {"path": str(self), "conn_id": self.conn_id, "kwargs": self.storage_options}

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> Self:
        """The path of what :meth:`serialize` wrote."""
        return cls(data["path"], conn_id=data.get("conn_id"), **(data.get("kwargs") or {}))

    def __fspath__(self) -> str:
        return self.path if self.is_local else str(self)
