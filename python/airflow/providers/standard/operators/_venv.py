"""Making virtual environments, and keeping them for later."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from airflow.sdk.exceptions import AirflowException

_READY = "install_complete_marker"


@dataclass(frozen=True)
class Recipe:
    """What a virtual environment is made of."""

    requirements: tuple[str, ...] = ()
    python_version: str | None = None
    system_site_packages: bool = True
    pip_options: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = field(default=(), repr=False)

    def digest(self) -> str:
        """A name for the environment that changes with all it is made of."""
        text = json.dumps([asdict(self), sys.version_info[:3], self.interpreter()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def interpreter(self) -> str:
        """The Python that the environment is made with."""
        if self.python_version is None:
            return sys.executable
        found = shutil.which(f"python{self.python_version}")
        if found is None:
            raise AirflowException(f"python_version {self.python_version!r}: there is no python{self.python_version} on the path")
        return found


def make(recipe: Recipe, folder: str) -> str:
    """Make the environment in ``folder``; the path of its interpreter."""
    command = [recipe.interpreter(), "-m", "venv", folder]
    if recipe.system_site_packages:
        command.append("--system-site-packages")
    if not recipe.requirements:
        command.append("--without-pip")
    _run(command, "making the virtual environment")
    python = os.path.join(folder, "bin", "python")
    if recipe.requirements:
        listed = os.path.join(folder, "requirements.txt")
        with open(listed, "w", encoding="utf-8") as file:
            file.write("\n".join(recipe.requirements) + "\n")
        install = [python, "-m", "pip", "install", "--disable-pip-version-check", "-r", listed, *recipe.pip_options]
        if recipe.index_urls:
            install += ["--index-url", recipe.index_urls[0]]
            for url in recipe.index_urls[1:]:
                install += ["--extra-index-url", url]
        _run(install, f"installing {', '.join(recipe.requirements)}")
    return python


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AirflowException(f"{what} failed with exit code {done.returncode}:\n{done.stdout[-4000:]}")


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    with open(path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cached(recipe: Recipe, cache: str) -> str:
    """The interpreter of the environment kept in ``cache``, made when it is not there; several processes may ask at once."""
    os.makedirs(cache, exist_ok=True)
    folder = os.path.join(cache, f"venv-{recipe.digest()}")
    with _locked(f"{folder}.lock"):
        marker = os.path.join(folder, _READY)
        if not os.path.exists(marker):
            shutil.rmtree(folder, ignore_errors=True)
            make(recipe, folder)
            with open(marker, "w", encoding="utf-8") as file:
                file.write(recipe.digest())
    return os.path.join(folder, "bin", "python")
