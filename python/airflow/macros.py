"""Functions and modules for templates: ``{{ macros.ds_add(ds, 5) }}``."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta
from random import random
from typing import Any

from tradewind import macros as _macros
from tradewind.macros import datetime_diff_for_humans, ds_add, ds_format, ds_format_locale

__all__ = [
    "datetime",
    "datetime_diff_for_humans",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "random",
    "time",
    "timedelta",
    "uuid",
]


def __getattr__(name: str) -> Any:
    return getattr(_macros, name)
