"""Operators that run a function in another Python interpreter."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from airflow.providers.standard.operators._callables import keyword_arguments
from airflow.providers.standard.operators._interpreter import SERIALIZERS, check_function, plain_context, script
from airflow.providers.standard.operators._subprocess import CommandRunner
from airflow.providers.standard.operators._venv import Recipe, cached, make
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk.bases.branch import BaseBranchOperator
from airflow.sdk.definitions.connection import Connection
from airflow.sdk.exceptions import AirflowException, AirflowSkipException


class _BasePythonVirtualenvOperator(PythonOperator):
    """Takes the function's source and arguments to another interpreter and brings the result back."""

    template_fields: Sequence[str] = PythonOperator.template_fields

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        use_dill: bool = False,
        string_args: Iterable[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Container[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        check_function(python_callable, f"task {self.task_id!r}")
        self.serializer = serializer or ("dill" if use_dill else "pickle")
        if self.serializer not in SERIALIZERS:
            raise AirflowException(
                f"serializer of task {self.task_id!r} must be one of {', '.join(SERIALIZERS)}, not {serializer!r}"
            )
        self.string_args = list(string_args or [])
        self.expect_airflow = expect_airflow
        codes = skip_on_exit_code
        self.skip_on_exit_code: Container[int] = () if codes is None else codes if isinstance(codes, Container) else (codes,)
        self.env_vars = env_vars
        self.inherit_env = inherit_env

    @cached_property
    def _runner(self) -> CommandRunner:
        return CommandRunner(self.log)

    def _has_pendulum(self) -> bool:
        return False

    def determine_kwargs(self, context: Any) -> Mapping[str, Any]:
        """What the function gets by name: of the context, what another interpreter can read."""
        known = {**plain_context(context, with_pendulum=self._has_pendulum()), **dict(self.op_kwargs)}
        return keyword_arguments(self.python_callable, self.op_args, self.op_kwargs, known)

    def execute_callable(self) -> Any:
        """Run the function there."""
        raise NotImplementedError

    def _run_with(self, python: str) -> Any:
        args, kwargs = list(self.op_args), dict(self.op_kwargs)
        try:
            pickling = importlib.import_module(self.serializer)
        except ImportError:
            raise AirflowException(f"task {self.task_id!r} needs the package {self.serializer!r} for its serializer") from None
        with tempfile.TemporaryDirectory(prefix="venv-call") as folder:
            paths = [os.path.join(folder, name) for name in ("script.in", "script.out", "string_args.txt", "termination.log")]
            with open(paths[0], "wb") as file:
                pickling.dump({"args": args, "kwargs": kwargs}, file)
            with open(paths[2], "w", encoding="utf-8") as text:
                text.write("\n".join(map(str, self.string_args)))
            program = os.path.join(folder, "script.py")
            with open(program, "w", encoding="utf-8") as text:
                text.write(script(self.python_callable, self.serializer))
            env = {**(os.environ if self.inherit_env else {}), **(self.env_vars or {})}
            result = self._runner.run([os.fspath(python), program, *paths], env, folder)
            if result.exit_code != 0:
                self._fail(result.exit_code, paths[3])
            return self._read(pickling, paths[1])

    def _fail(self, exit_code: int, log_path: str) -> None:
        if exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Process exited with code {exit_code}. Skipping.")
        message = f"Process returned non-zero exit status {exit_code}."
        if os.path.exists(log_path):
            with open(log_path, encoding="utf-8") as file:
                message = f"{message}\n{file.read()}"
        raise AirflowException(message)

    def _read(self, pickling: Any, path: str) -> Any:
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            try:
                return pickling.load(file)
            except Exception as error:
                raise AirflowException(
                    f"the result of task {self.task_id!r} cannot be read here ({error}); return plain values"
                ) from error

    def on_kill(self) -> None:
        """Stop the interpreter."""
        self._runner.stop()


class PythonVirtualenvOperator(_BasePythonVirtualenvOperator):
    """Runs a function in a virtual environment made for it, or kept in ``venv_cache_path``."""

    template_fields: Sequence[str] = (
        *PythonOperator.template_fields,
        "requirements",
        "venv_cache_path",
        "index_urls",
        "index_urls_from_connection_ids",
    )
    template_ext: Sequence[str] = (".txt",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        requirements: Iterable[str] | str | None = None,
        python_version: str | None = None,
        system_site_packages: bool = True,
        pip_install_options: list[str] | None = None,
        index_urls: Collection[str] | str | None = None,
        index_urls_from_connection_ids: Collection[str] | str | None = None,
        venv_cache_path: os.PathLike[str] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        self.requirements = [requirements] if isinstance(requirements, str) else list(requirements or [])
        self.python_version = str(python_version) if python_version is not None else None
        self.system_site_packages = system_site_packages
        self.pip_install_options = pip_install_options or []
        self.index_urls = [index_urls] if isinstance(index_urls, str) else list(index_urls or [])
        ids = index_urls_from_connection_ids
        self.index_urls_from_connection_ids = [ids] if isinstance(ids, str) else list(ids or [])
        self.venv_cache_path = os.fspath(venv_cache_path) if venv_cache_path is not None else None

    def _has_pendulum(self) -> bool:
        return any(line.strip().lower().startswith("pendulum") for line in self._requirement_lines())

    def _requirement_lines(self) -> list[str]:
        lines = [line.strip() for item in self.requirements for line in item.splitlines()]
        wanted = [line for line in lines if line and not line.startswith("#")]
        if self.serializer != "pickle" and not any(line.lower().startswith(self.serializer) for line in wanted):
            wanted.append(self.serializer)
        return wanted

    def _recipe(self) -> Recipe:
        urls = [*self.index_urls, *(_index_url(conn_id) for conn_id in self.index_urls_from_connection_ids)]
        return Recipe(
            requirements=tuple(self._requirement_lines()),
            python_version=self.python_version,
            system_site_packages=self.system_site_packages,
            pip_options=tuple(self.pip_install_options),
            index_urls=tuple(urls),
        )

    def execute_callable(self) -> Any:
        """Make or find the environment and run the function in it."""
        if self.venv_cache_path is not None:
            return self._run_with(cached(self._recipe(), self.venv_cache_path))
        with tempfile.TemporaryDirectory(prefix="venv") as folder:
            return self._run_with(make(self._recipe(), os.path.join(folder, "venv")))


def _index_url(conn_id: str) -> str:
    connection = Connection.get(conn_id)
    scheme, separator, host = (connection.host or "").rpartition("://")
    login = f"{connection.login or ''}:{connection.password}@" if connection.password else ""
    return f"{scheme if separator else 'https'}://{login}{host}"


class ExternalPythonOperator(_BasePythonVirtualenvOperator):
    """Runs a function with the interpreter at ``python``."""

    template_fields: Sequence[str] = (*PythonOperator.template_fields, "python")

    def __init__(self, *, python: str, python_callable: Callable[..., Any], expect_pendulum: bool = False, **kwargs: Any) -> None:
        if not python:
            raise ValueError("Python Path must be defined in ExternalPythonOperator")
        super().__init__(python_callable=python_callable, **kwargs)
        self.python = os.fspath(python)
        self.expect_pendulum = expect_pendulum

    def _has_pendulum(self) -> bool:
        return self.expect_pendulum

    def execute_callable(self) -> Any:
        """Run the function with the interpreter."""
        if not os.path.exists(self.python):
            raise ValueError(f"Python Path '{self.python}' of task {self.task_id!r} must exist")
        if not os.access(self.python, os.X_OK) or os.path.isdir(self.python):
            raise ValueError(f"Python Path '{self.python}' of task {self.task_id!r} must be an executable file")
        return self._run_with(self.python)


class BranchPythonVirtualenvOperator(BaseBranchOperator, PythonVirtualenvOperator):
    """Follows the tasks whose ids the function returns."""

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """The result of the function."""
        return PythonVirtualenvOperator.execute(self, context)  # type: ignore[no-any-return]


class BranchExternalPythonOperator(BaseBranchOperator, ExternalPythonOperator):
    """Follows the tasks whose ids the function returns."""

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """The result of the function."""
        return ExternalPythonOperator.execute(self, context)  # type: ignore[no-any-return]
