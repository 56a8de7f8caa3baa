"""Things that tasks of 1.10 and 2.x read and write, as inlets and outlets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass
class File:
    """A file."""

    url: str
    type_hint: str | None = None
    template_fields: ClassVar[tuple[str, ...]] = ("url",)


@dataclass
class User:
    """Somebody."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    template_fields: ClassVar[tuple[str, ...]] = ("email", "first_name", "last_name")


@dataclass
class Tag:
    """A word."""

    tag_name: str
    template_fields: ClassVar[tuple[str, ...]] = ("tag_name",)


@dataclass
class Column:
    """A column of a table."""

    name: str
    description: str | None = None
    data_type: str | None = None
    tags: list[Tag] = field(default_factory=list)
    template_fields: ClassVar[tuple[str, ...]] = ("name", "description", "data_type", "tags")


@dataclass
class Table:
    """A table."""

    database: str
    cluster: str
    name: str
    tags: list[Tag] = field(default_factory=list)
    description: str | None = None
    columns: list[Column] = field(default_factory=list)
    owners: list[User] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    type_hint: str | None = None
    template_fields: ClassVar[tuple[str, ...]] = (
        "database", "cluster", "name", "tags", "description", "columns", "owners", "extra",
    )  # fmt: skip


def default_if_none(arg: bool | None) -> bool:
    """``False`` when nothing is given."""
    return arg or False
