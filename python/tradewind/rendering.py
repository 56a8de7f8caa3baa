"""Templates of one attempt: the task with its real arguments and rendered fields, and what of it is stored."""

from __future__ import annotations

import json
import logging
from typing import Any

from airflow.sdk.definitions._internal.templater import Templater
from tradewind import expand
from tradewind.taskinstance import TaskInstance

log = logging.getLogger("airflow.task")


def prepare(ti: TaskInstance, context: Any) -> Any:
    """Give ``ti`` the task that will be executed: of this map index, with its template fields rendered."""
    task = ti.task
    if not getattr(task, "is_mapped", False):
        if _prepares(type(task)):
            task.resolve_template_files()
        if _has_templates(task):
            task.render_template_fields(context, environment(task))
        return task
    arguments = expand.arguments(task.expand_input, context)
    task = ti.task = context["task"] = task.unmap(arguments.values)
    if "params" in arguments.values:
        from tradewind.context import effective_params

        context["params"] = effective_params(task.dag, task, ti.dag_run.conf)
    # Values that came from other tasks are data: text in them is not a template.
    task._do_render_template_fields(task, task.template_fields, context, environment(task), arguments.from_xcom)
    return task


def _prepares(kind: type) -> bool:
    """Whether operators of this class look at the text of their template files before it is rendered."""
    own = Templater.resolve_template_files, Templater.prepare_template
    return (kind.resolve_template_files, kind.prepare_template) != own  # type: ignore[attr-defined]


def _has_templates(task: Any) -> bool:
    """Whether there is anything to render; operators with rendering of their own are always asked."""
    if type(task).render_template_fields is not Templater.render_template_fields:
        return True
    return any(getattr(task, name, True) for name in task.template_fields)


def environment(task: Any) -> Any:
    """The Jinja environment of a task: one for the whole DAG, unless the operator makes its own."""
    if type(task).get_template_env is not Templater.get_template_env:
        return task.get_template_env()
    kept = task.dag.__dict__.setdefault("_tradewind_environments", {})
    native = getattr(task, "render_template_as_native_obj", None)
    if native not in kept:
        kept[native] = task.get_template_env()
    return kept[native]


def rendered_fields(task: Any) -> dict[str, Any]:
    """The rendered template fields as JSON or text, cut at ``[core] max_templated_field_length``; none when all are empty."""
    values = {name: getattr(task, name, None) for name in task.template_fields}
    if all(_is_empty(value) for value in values.values()):
        return {}
    from airflow.configuration import conf

    limit = conf.getint("core", "max_templated_field_length", fallback=4096)
    return {name: _storable(value, limit) for name, value in values.items()}


def _is_empty(value: Any) -> bool:
    return value is None or (type(value) in (str, list, tuple, dict) and not value)


def _storable(value: Any, limit: int) -> Any:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except Exception:
        text = value = _shown(value)
    if len(text) <= limit:
        return value
    return f"{str(value)[:limit]}... (cut: {len(text)} characters, [core] max_templated_field_length is {limit})"


def _shown(value: Any) -> str:
    """The value for people. What is only stored for them must not fail the task: an undefined native value refuses ``str``."""
    for show in (str, repr):
        try:
            return show(value)
        except Exception:
            continue
    return f"<{type(value).__name__}>"


def label(ti: TaskInstance, context: Any) -> None:
    """Render ``map_index_template`` and report it. It is for display: a template that fails is logged and changes nothing."""
    template = getattr(ti.task, "map_index_template", None)
    if template is None or ti.map_index < 0:
        return
    try:
        text = ti.task.render_template(template, context, environment(ti.task))
    except Exception as error:
        log.warning("map_index_template %r of task %s cannot be rendered: %s", template, ti.task_id, error)
        return
    ti.rendered_map_index = str(text)
    ti.runtime.map_label_set(ti.rendered_map_index)
