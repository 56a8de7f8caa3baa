"""Which DAG and task group a ``with`` block is in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk.definitions.dag import DAG
    from airflow.sdk.definitions.taskgroup import TaskGroup


class DagContext:
    """The DAGs whose ``with`` blocks are open, innermost first, and those that left one and register themselves."""

    _stack: deque[DAG] = deque()
    autoregistered_dags: list[DAG] = []

    @classmethod
    def push(cls, dag: DAG) -> None:
        """Open the block of ``dag``."""
        cls._stack.appendleft(dag)
        TaskGroupContext.push(dag.task_group)

    @classmethod
    def pop(cls) -> DAG:
        """Close the innermost block."""
        TaskGroupContext.pop()
        dag = cls._stack.popleft()
        if dag.auto_register and not any(known is dag for known in cls.autoregistered_dags):
            cls.autoregistered_dags.append(dag)
        return dag

    @classmethod
    def get_current(cls) -> DAG | None:
        """The innermost open DAG."""
        return cls._stack[0] if cls._stack else None

    get_current_dag = get_current

    @classmethod
    def clear(cls) -> None:
        """Forget all blocks and registered DAGs, before a file is loaded."""
        cls._stack.clear()
        cls.autoregistered_dags.clear()
        TaskGroupContext.clear()


class TaskGroupContext:
    """The task groups whose ``with`` blocks are open, innermost first."""

    _stack: deque[TaskGroup] = deque()

    @classmethod
    def push(cls, group: TaskGroup) -> None:
        """Open the block of ``group``."""
        cls._stack.appendleft(group)

    @classmethod
    def pop(cls) -> TaskGroup:
        """Close the innermost block."""
        return cls._stack.popleft()

    @classmethod
    def get_current(cls, dag: DAG | None) -> TaskGroup | None:
        """The innermost open group of ``dag`` (of any DAG when ``None``), else the root group of ``dag``."""
        if cls._stack and (dag is None or cls._stack[0].dag is dag):
            return cls._stack[0]
        return dag.task_group if dag is not None else None

    @classmethod
    def clear(cls) -> None:
        """Forget all blocks."""
        cls._stack.clear()
