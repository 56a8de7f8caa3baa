"""Names of pydantic that 2.8 to 2.10 offer here."""

from __future__ import annotations

from typing import Any

_NAMES = ("BaseModel", "ConfigDict", "PlainSerializer", "PlainValidator", "ValidationInfo")


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(_NAMES)}")
    import pydantic

    return getattr(pydantic, name)


def is_pydantic_2_installed() -> bool:
    """Whether pydantic 2 is there."""
    try:
        import pydantic
    except ImportError:
        return False
    return pydantic.VERSION.startswith("2.")
