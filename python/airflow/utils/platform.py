"""What this machine is."""

from __future__ import annotations

import getpass
import os
import sys

from airflow.sdk.exceptions import AirflowConfigException

IS_WINDOWS = False


def is_tty() -> bool:
    """Whether a person reads the output."""
    return sys.stdout.isatty()


def is_terminal_support_colors() -> bool:
    """Whether the output may have colours."""
    return is_tty() and os.environ.get("TERM", "dumb") != "dumb"


def getuser() -> str:
    """The name of the user that this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise AirflowConfigException("The user that this process runs as has no name: set LOGNAME or USER") from None
