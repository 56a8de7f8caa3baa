"""The configuration for another process."""

from __future__ import annotations

import json
import os
import tempfile

from airflow.configuration import conf


def tmp_configuration_copy(chmod: int | None = 0o600, include_env: bool = True, include_cmds: bool = True) -> str:
    """The path of a new file ``airflow.cfg`` with all settings."""
    handle, path = tempfile.mkstemp(suffix=".cfg")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if chmod is not None:
            os.fchmod(file.fileno(), chmod)
        for section, values in sorted(conf.as_dict().items()):
            file.write(f"[{section}]\n")
            for key, value in sorted(values.items()):
                text = value if isinstance(value, str) else json.dumps(value)
                file.write(f"{key} = {text.replace('%', '%%')}\n")
    return path
