"""Rendering of template fields."""

from __future__ import annotations

import copy
import logging
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

    from airflow.sdk.definitions.dag import DAG


class ResolveMixin:
    """A value that is only known when the task runs."""

    @abstractmethod
    def iter_references(self) -> Iterable[tuple[Any, str]]:
        """The tasks this depends on, as ``(operator, xcom key)``."""

    @abstractmethod
    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The value in the running task."""


class LiteralValue(ResolveMixin):
    """A template field's value that is not rendered."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        """None."""
        return ()

    def resolve(self, context: Mapping[str, Any]) -> Any:
        """The value as it was given."""
        return self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LiteralValue) and other.value == self.value

    def __hash__(self) -> int:
        return hash(("literal", repr(self.value)))

    def __repr__(self) -> str:
        return f"literal({self.value!r})"


def literal(value: Any) -> LiteralValue:
    """``value`` as a template field's value that is not rendered."""
    return LiteralValue(value)


def fields_of(value: Any) -> Iterable[str]:
    """The template fields of an object that is a value itself; what refuses to be asked (an undefined native value) has none."""
    if isinstance(value, type):
        return ()
    try:
        return getattr(value, "template_fields", None) or ()
    except Exception:
        return ()


def _plain(jinja_env: Any) -> Any:
    from jinja2.nativetypes import NativeEnvironment

    return render_native if isinstance(jinja_env, NativeEnvironment) else render_text


def _scope(template: jinja2.Template, context: Any) -> Any:
    """The names a template sees: those of ``context``, then Jinja's own and the DAG's macros."""
    scope = copy.copy(context)
    for name, value in template.globals.items():
        scope.setdefault(name, value)
    return scope


def render_text(template: jinja2.Template, context: Any) -> str:
    """The text that ``template`` gives; values of ``context`` are looked up only when they are used."""
    env = template.environment
    frame = template.new_context(_scope(template, context), shared=True)
    try:
        return "".join(map(str, template.root_render_func(frame)))
    except Exception:
        env.handle_exception()


def render_native(template: jinja2.Template, context: Any) -> Any:
    """The Python value that ``template`` gives."""
    from jinja2.nativetypes import native_concat

    env = template.environment
    frame = template.new_context(_scope(template, context), shared=True)
    try:
        return native_concat(template.root_render_func(frame))
    except Exception:
        env.handle_exception()


def _is_plain_text(content: str, env: jinja2.Environment) -> bool:
    """Whether rendering ``content`` would give it back, so that it need not be compiled."""
    marks = (env.variable_start_string, env.block_start_string, env.comment_start_string, "\r")
    if _plain(env) is not render_text or env.line_statement_prefix or env.line_comment_prefix:
        return False
    return not content.endswith("\n") and not any(mark in content for mark in marks)


class Templater:
    """Something with fields that are rendered by Jinja."""

    template_fields: Sequence[str] = ()
    template_ext: Sequence[str] = ()
    template_fields_renderers: Mapping[str, str] = {}

    def get_template_env(self, dag: DAG | None = None) -> jinja2.Environment:
        """The Jinja environment: that of the DAG, or a plain sandbox."""
        from airflow.sdk.definitions._internal.environment import create_environment

        if dag is None and getattr(self, "_dag", None) is not None:
            dag = self._dag  # type: ignore[attr-defined]
        native = getattr(self, "render_template_as_native_obj", None)
        if dag is not None:
            return dag.get_template_env(force_sandboxed=False, native=native)
        return create_environment(native=bool(native))

    def prepare_template(self) -> None:
        """Called after template files have been read; a place for subclasses to look at the text."""

    def resolve_template_files(self) -> None:
        """Replace fields that name a template file by the file's text. A file that is missing fails when it is rendered."""
        for field in self.template_fields if self.template_ext else ():
            content = getattr(self, field, None)
            if isinstance(content, str) and content.endswith(tuple(self.template_ext)):
                setattr(self, field, self._source(content))
            elif isinstance(content, list):
                for index, item in enumerate(content):
                    if isinstance(item, str) and item.endswith(tuple(self.template_ext)):
                        content[index] = self._source(item)
        self.prepare_template()

    def _source(self, name: str) -> str:
        env = self.get_template_env()
        try:
            return env.loader.get_source(env, name)[0]  # type: ignore[union-attr]
        except Exception as error:
            owner = getattr(self, "task_id", type(self).__name__)
            logging.getLogger("airflow.task").error("Template file %r of %s cannot be read: %s", name, owner, error)
            return name

    def render_template_fields(self, context: Mapping[str, Any], jinja_env: jinja2.Environment | None = None) -> Any:
        """Render all template fields in place."""
        if jinja_env is None:
            jinja_env = self.get_template_env()
        self._do_render_template_fields(self, self.template_fields, context, jinja_env, set())

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment,
        seen_oids: set[int],
    ) -> None:
        for name in template_fields:
            try:
                value = getattr(parent, name)
            except AttributeError:
                raise AttributeError(
                    f"{name!r} is configured as a template field but {type(parent).__name__} does not have this attribute."
                ) from None
            if not value:
                continue
            try:
                if callable(value):
                    rendered = value(context=context, jinja_env=jinja_env)
                else:
                    rendered = self.render_template(value, context, jinja_env, seen_oids)
            except Exception:
                owner = getattr(self, "task_id", type(self).__name__)
                logging.getLogger("airflow.task").error("Rendering field %r of %s failed; its template is %r", name, owner, value)
                raise
            setattr(parent, name, rendered)

    def render_template(
        self,
        content: Any,
        context: Mapping[str, Any],
        jinja_env: jinja2.Environment | None = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """``content`` with every text in it rendered: in lists, tuples, sets, dict values and objects with template fields."""
        if seen_oids is not None and id(content) in seen_oids:
            return content
        seen = set() if seen_oids is None else seen_oids
        env = jinja_env if jinja_env is not None else self.get_template_env()
        if isinstance(content, str):
            if self.template_ext and content.endswith(tuple(self.template_ext)):
                template = env.get_template(content)
            elif _is_plain_text(content, env):
                return content
            else:
                template = env.from_string(content)
            return _plain(env)(template, context)
        if isinstance(content, ResolveMixin):
            return content.resolve(context)
        if isinstance(content, tuple):
            values = [self.render_template(item, context, env, seen) for item in content]
            return tuple(values) if type(content) is tuple else type(content)(*values)
        if isinstance(content, list):
            return [self.render_template(item, context, env, seen) for item in content]
        if isinstance(content, dict):
            return {key: self.render_template(value, context, env, seen) for key, value in content.items()}
        if isinstance(content, set):
            return {self.render_template(item, context, env, seen) for item in content}
        # A path of an object store; its module is only loaded by who has one.
        if hasattr(type(content), "_map_text"):
            return content._map_text(lambda text: render_text(env.from_string(text), context))
        self._render_object(content, context, env, seen)
        return content

    def _render_object(self, value: Any, context: Mapping[str, Any], env: jinja2.Environment, seen: set[int]) -> None:
        fields = fields_of(value)
        if fields and id(value) not in seen:
            seen.add(id(value))
            self._do_render_template_fields(value, fields, context, env, seen)
