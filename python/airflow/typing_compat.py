"""Typing names under their 2.x home."""

from typing import Literal, ParamSpec, Protocol, TypedDict, runtime_checkable

__all__ = ["Literal", "ParamSpec", "Protocol", "TypedDict", "runtime_checkable"]
