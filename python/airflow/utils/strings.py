"""Texts."""

from __future__ import annotations

import random
import string

TRUE_LIKE_VALUES = {"on", "t", "true", "y", "yes", "1"}


def get_random_string(length: int = 8, choices: str = string.ascii_letters + string.digits) -> str:
    """``length`` random characters; not for secrets."""
    return "".join(random.choices(choices, k=length))


def to_boolean(astring: str | None) -> bool:
    """Whether a text means yes."""
    return astring is not None and astring.lower() in TRUE_LIKE_VALUES
