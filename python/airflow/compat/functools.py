"""``functools`` under the name that 2.x has for old interpreters."""

from functools import cache, cached_property

__all__ = ["cache", "cached_property"]
