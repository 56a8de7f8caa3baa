"""Running shell commands."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow import _warnings
from airflow.providers.standard.operators._subprocess import CommandRunner
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from airflow.sdk.types import ArgNotSet

if TYPE_CHECKING:
    from airflow.providers.standard.hooks.subprocess import SubprocessHook


def _identity(text: str) -> Any:
    return text


def context_environment(context: Any) -> dict[str, str]:
    """The ``AIRFLOW_CTX_*`` variables of the running task."""
    return {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW_CTX_")}


class BashOperator(BaseOperator):
    """Runs a bash command; the last line of its output is the return value."""

    template_fields: Sequence[str] = ("bash_command", "env", "cwd")
    template_fields_renderers: Mapping[str, str] = {"bash_command": "bash", "env": "json"}
    template_ext: Sequence[str] = (".sh", ".bash")
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: str | ArgNotSet,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_exit_code: int | None = None,
        skip_on_exit_code: int | Container[int] | None = 99,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] = _identity,
        xcom_push: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if xcom_push is not None:
            _warnings.deprecated("BashOperator's 'xcom_push' is now 'do_xcom_push'", refused=True)
            kwargs.setdefault("do_xcom_push", xcom_push)
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.output_encoding = output_encoding
        codes = skip_exit_code if skip_exit_code is not None else skip_on_exit_code
        self.skip_on_exit_code: Container[int] = () if codes is None else codes if isinstance(codes, Container) else (codes,)
        self.cwd = cwd
        self.output_processor = output_processor
        self._is_inline_command: bool | None = None

    @cached_property
    def _runner(self) -> CommandRunner:
        return CommandRunner(self.log)

    @cached_property
    def subprocess_hook(self) -> SubprocessHook:
        """For subclasses that run commands themselves; it is stopped with the task."""
        from airflow.providers.standard.hooks.subprocess import SubprocessHook

        return SubprocessHook()

    def resolve_template_files(self) -> None:
        """Remember whether the command is a script file before it is replaced by the file's text."""
        self._note_kind()
        super().resolve_template_files()

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Remember whether the command is a script file, then render."""
        self._note_kind()
        super().render_template_fields(context, jinja_env)

    def _do_render_template_fields(self, parent: Any, *args: Any) -> None:
        if parent is self:
            self._note_kind()
        super()._do_render_template_fields(parent, *args)

    def _note_kind(self) -> None:
        if self._is_inline_command is None:
            command = self.bash_command
            self._is_inline_command = not (isinstance(command, str) and command.endswith(tuple(self.template_ext)))

    def get_env(self, context: Any) -> dict[str, str]:
        """The environment of the command."""
        if self.env is None:
            return dict(os.environ)
        base = dict(os.environ) if self.append_env else context_environment(context)
        return {**base, **self.env}

    def execute(self, context: Any) -> Any:
        """Run the command in a temporary folder, or in ``cwd``."""
        if not isinstance(self.bash_command, str):
            raise AirflowException(f"bash_command has to be a text, not {self.bash_command!r}")
        self._note_kind()
        bash = shutil.which("bash") or "bash"
        if self.cwd is not None:
            if not os.path.exists(self.cwd):
                raise AirflowException(f"Can not find the cwd: {self.cwd}")
            if not os.path.isdir(self.cwd):
                raise AirflowException(f"The cwd {self.cwd} must be a directory")
        with tempfile.TemporaryDirectory(prefix="airflowtmp") as folder:
            command = [bash, "-c", self.bash_command]
            if not self._is_inline_command:
                script = os.path.join(folder, "script.sh")
                with open(script, "w", encoding="utf-8") as file:
                    file.write(self.bash_command)
                command = [bash, script]
            result = self._runner.run(command, self.get_env(context), self.cwd or folder, self.output_encoding)
        if result.exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"Bash command returned exit code {result.exit_code}. Skipping.")
        if result.exit_code != 0:
            raise AirflowException(f"Bash command failed. The command returned a non-zero exit code {result.exit_code}.")
        return self.output_processor(result.output)

    def on_kill(self) -> None:
        """Stop the command and everything it has started."""
        self._runner.stop()
        if "subprocess_hook" in self.__dict__:
            self.subprocess_hook.send_sigterm()
