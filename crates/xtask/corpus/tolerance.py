"""Places of our API and of common libraries that check what they get: stand-ins are let through."""

from __future__ import annotations

import importlib
import importlib.metadata
from types import SimpleNamespace
from typing import Any


def ids_of_groups(stand_in: type) -> None:
    """A group is named by a text, whatever the file asks for it."""
    from airflow.sdk.definitions.taskgroup import TaskGroup

    original = TaskGroup._join_parent

    def join_parent(self: Any, group_id: Any, parent_group: Any, add_suffix: bool) -> None:
        if isinstance(group_id, stand_in):
            group_id, add_suffix = f"group_{group_id}", True
            self._group_id = group_id
        original(self, group_id, parent_group, add_suffix)

    TaskGroup._join_parent = join_parent  # type: ignore[method-assign]


def tags(stand_in: type) -> None:
    """A tag is a text."""
    from airflow.sdk.definitions import dag

    original = dag._checked_tags
    dag._checked_tags = lambda given, dag_id: original(
        [str(tag) if isinstance(tag, stand_in) else tag for tag in given or ()], dag_id
    )


def expansions(stand_in: type) -> None:
    """What is mapped over is a list, of unknown length."""
    from airflow.sdk.definitions._internal import expandinput

    original = expandinput.ensure_mappable

    def ensure_mappable(caller: str, kwargs: Any) -> None:
        for name, value in kwargs.items():
            if isinstance(value, stand_in):
                kwargs[name] = []
        original(caller, kwargs)

    for module in ("bases.decorator", "definitions.mappedoperator", "definitions.decorators.task_group"):
        vars(importlib.import_module(f"airflow.sdk.{module}"))["ensure_mappable"] = ensure_mappable


def versions(is_stand_in: Any) -> None:
    """A package that is a stand-in has a version."""
    original = importlib.metadata.distribution

    def distribution(name: str) -> Any:
        try:
            return original(name)
        except importlib.metadata.PackageNotFoundError:
            if not is_stand_in(name.replace("-", "_").lower()):
                raise
            return SimpleNamespace(version="2.0", metadata={"Name": name, "Version": "2.0"}, files=[], entry_points=())

    importlib.metadata.distribution = distribution  # type: ignore[assignment]


def documents(unknown: tuple[type, ...]) -> None:
    """A key that an installation's variable gives is one of those that a file of the repository has: what is below any of them is there."""
    try:
        from yaml.constructor import SafeConstructor
    except ImportError:
        return

    class Document(dict):  # type: ignore[type-arg]
        def __missing__(self, key: Any) -> Any:
            if not isinstance(key, unknown) or not self:
                raise KeyError(key)
            merged = Document()
            for value in self.values():
                merged.update(value if isinstance(value, dict) else {})
            return merged or next(iter(self.values()))

    def construct(self: Any, node: Any) -> Any:
        made = Document()
        yield made
        made.update(self.construct_mapping(node))

    SafeConstructor.add_constructor("tag:yaml.org,2002:map", construct)


def install(stand_in: type, text: type, used: set[str]) -> None:
    """All of it; ``used`` has the names of what was replaced."""
    ids_of_groups(stand_in)
    tags(stand_in)
    expansions(stand_in)
    versions(used.__contains__)
    documents((stand_in, text))
