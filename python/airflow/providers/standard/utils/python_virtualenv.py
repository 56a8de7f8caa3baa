"""Making virtual environments by hand, as code that uses the helpers of 2.x does."""

from __future__ import annotations

import os
from collections.abc import Sequence

from airflow.providers.standard.operators._venv import Recipe, make

__all__ = ["prepare_virtualenv", "remove_task_decorator"]


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
