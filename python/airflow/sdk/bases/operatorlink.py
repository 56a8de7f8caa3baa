"""Links that operators show."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from typing import Any, ClassVar


class BaseOperatorLink(metaclass=ABCMeta):
    """A link from a task instance to another system."""

    operators: ClassVar[list[type[Any]]] = []

    @property
    @abstractmethod
    def name(self) -> str:
        """The text of the link."""

    @property
    def xcom_key(self) -> str:
        """The XCom under which the link is kept."""
        return f"_link_{type(self).__name__}"

    @abstractmethod
    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The address of the link for one task instance."""
