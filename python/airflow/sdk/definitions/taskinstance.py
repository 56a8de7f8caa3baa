"""The classes of ``ti`` and ``dag_run`` in a task's context, for annotations; a task cannot query others of them."""

from tradewind.dagrun import DagRun
from tradewind.taskinstance import TaskInstance

__all__ = ["DagRun", "TaskInstance"]
