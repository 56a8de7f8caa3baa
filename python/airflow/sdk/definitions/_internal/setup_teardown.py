"""``with`` blocks of setups and teardowns: work inside comes after the setups and before the teardowns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class SetupTeardownContext:
    """One open block."""

    _stack: list[SetupTeardownContext] = []

    def __init__(self, setups: list[Any], teardowns: list[Any]) -> None:
        self.setups = setups
        self.teardowns = teardowns
        self.work: list[Any] = []

    @classmethod
    def enter(cls, nodes: Iterable[Any]) -> SetupTeardownContext:
        """Open a block for setups or teardowns; their counterparts are found by the edges between them."""
        setups: dict[str, Any] = {}
        teardowns: dict[str, Any] = {}
        for node in nodes:
            for task in [node, *(node.upstream_list if node.is_teardown else node.downstream_list)]:
                if task.is_setup:
                    setups[task.task_id] = task
                elif task.is_teardown:
                    teardowns[task.task_id] = task
        block = cls(list(setups.values()), list(teardowns.values()))
        cls._stack.append(block)
        return block

    @classmethod
    def leave(cls) -> None:
        """Close the innermost block and draw its edges."""
        block = cls._stack.pop()
        ends = {id(task) for task in (*block.setups, *block.teardowns)}
        work = [task for task in block.work if id(task) not in ends]
        ids = {task.task_id for task in work}
        for task in work:
            if ids.isdisjoint(task.upstream_task_ids):
                for setup in block.setups:
                    setup.set_downstream(task)
            if ids.isdisjoint(task.downstream_task_ids):
                for teardown in block.teardowns:
                    task.set_downstream(teardown)
        if cls._stack:
            cls._stack[-1].work.extend(block.work)

    @classmethod
    def note(cls, task: Any) -> None:
        """A task has been made inside the innermost block."""
        if cls._stack:
            cls._stack[-1].work.append(task)

    def add_task(self, task: Any) -> None:
        """Put a task that was made before into the block."""
        for item in getattr(task, "leaves", [task]):
            self.work.append(item)


BaseSetupTeardownContext = SetupTeardownContext


class _Block:
    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes

    def __enter__(self) -> SetupTeardownContext:
        return SetupTeardownContext.enter(self.nodes)

    def __exit__(self, *_: Any) -> None:
        SetupTeardownContext.leave()


def context_wrapper(tasks: list[Any]) -> _Block:
    """A block for several setups or teardowns at once."""
    return _Block([getattr(task, "operator", task) for task in tasks])
