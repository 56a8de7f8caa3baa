"""Making virtual environments by hand, as code that uses the helpers of 2.x does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from airflow.providers.standard.operators._venv import Recipe, make

__all__ = ["prepare_virtualenv", "remove_task_decorator", "write_python_script"]

_SCRIPT = """\
import sys
import {library} as _library

with open(sys.argv[1], "rb") as _file:
    _arguments = _library.load(_file)
with open("/dev/null" if sys.argv[3] == "none" else sys.argv[3]) as _file:
    virtualenv_string_args = [_line.strip() for _line in _file]

{source}

try:
    _result = {name}(*_arguments["args"], **_arguments["kwargs"])
except Exception as _error:
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w") as _file:
            _file.write(str(_error))
    raise
if sys.argv[2] != "none":
    with open(sys.argv[2], "wb") as _file:
        _library.dump(_result, _file)
"""


def write_python_script(
    jinja_context: dict[str, Any], filename: str, render_template_as_native_obj: bool = False, template_file: str | None = None
) -> None:
    """Write a script that calls a function from its source: arguments, result, texts and error are files named on its command line."""
    text = _SCRIPT.format(
        library=jinja_context.get("pickling_library") or "pickle",
        source=jinja_context["python_callable_source"],
        name=jinja_context["python_callable"],
    )
    with open(filename, "w", encoding="utf-8") as file:
        file.write(text)


def remove_task_decorator(python_source: str, task_decorator_name: str) -> str:
    """``python_source`` without the lines of a decorator."""
    name = task_decorator_name.lstrip("@")
    lines = python_source.splitlines(keepends=True)
    kept, depth = [], 0
    for line in lines:
        text = line.strip()
        if depth == 0 and (text == f"@{name}" or text.startswith(f"@{name}(")):
            depth = text.count("(") - text.count(")")
            continue
        if depth > 0:
            depth += text.count("(") - text.count(")")
            continue
        kept.append(line)
    return "".join(kept)


def prepare_virtualenv(
    venv_directory: str,
    python_bin: str | None = None,
    system_site_packages: bool = True,
    requirements: Sequence[str] | None = None,
    requirements_file_path: str | os.PathLike[str] | None = None,
    pip_install_options: Sequence[str] | None = None,
    index_urls: Sequence[str] | None = None,
) -> str:
    """Make an environment in ``venv_directory``; the path of its interpreter."""
    wanted = list(requirements or ())
    if requirements_file_path is not None:
        with open(requirements_file_path, encoding="utf-8") as file:
            wanted += [line.strip() for line in file if line.strip() and not line.startswith("#")]
    version = os.path.basename(python_bin).removeprefix("python") if python_bin else None
    recipe = Recipe(
        tuple(wanted), version or None, system_site_packages, tuple(pip_install_options or ()), tuple(index_urls or ())
    )
    return make(recipe, venv_directory)
