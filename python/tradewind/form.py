"""Writes a DAG object as the JSON form of ``docs/reference/dag-form.md``."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

from airflow import _warnings
from airflow.sdk.bases.operator import CALLBACKS
from airflow.sdk.definitions._internal.dates import zone_name
from airflow.sdk.definitions._internal.graph import topological_order
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.definitions.taskgroup import MappedTaskGroup, TaskGroup
from airflow.task.priority_strategy import validate_and_load_priority_weight_strategy
from airflow.task.weight_rule import WeightRule, db_safe_priority
from tradewind import assets, policies, triggerwire
from tradewind._deadlines import deadlines_form
from tradewind._formvalues import as_json, as_seconds, as_text, as_time, length_of, params_form
from tradewind._timetables import timetable_form, unserved

FORMAT = 1


def dag_form(dag: Any, dags_folder: str | None = None) -> dict[str, Any]:
    """The form of ``dag``, after checking it; ``dags_folder`` is what ``relative_fileloc`` is relative to."""
    dag.validate()
    topological_order(dag)
    mapped_over = {operator.task_id for node in _expanded(dag) for operator, _ in node.expand_input.iter_references()}
    form: dict[str, Any] = {
        "format": FORMAT,
        "dag_id": dag.dag_id,
        "fileloc": dag.fileloc,
        "relative_fileloc": _relative(dag, dags_folder),
        "timezone": zone_name(dag.timezone),
        "timetable": timetable_form(dag.timetable),
        "catchup": bool(dag.catchup),
        "max_active_tasks": dag.max_active_tasks,
        "max_active_runs": dag.max_active_runs,
        "max_consecutive_failed_dag_runs": dag.max_consecutive_failed_dag_runs,
        "tags": sorted(dag.tags),
        "tasks": [task_form(task, dag, task.task_id in mapped_over) for task in dag.tasks],
        "groups": _groups(dag.task_group),
    }
    optional = {
        "dag_display_name": dag.dag_display_name if dag.dag_display_name != dag.dag_id else None,
        "description": dag.description,
        "doc_md": dag.doc_md,
        "start_date": as_time(dag.start_date),
        "end_date": as_time(dag.end_date),
        "dagrun_timeout": as_seconds(dag.dagrun_timeout),
        "fail_fast": dag.fail_fast or None,
        "is_paused_upon_creation": dag.is_paused_upon_creation,
        "render_template_as_native_obj": dag.render_template_as_native_obj or None,
        "owner_links": dag.owner_links or None,
        "params": params_form(dag.params) or None,
        "default_args": {name: as_json(value) for name, value in dag.default_args.items()} or None,
        "has_on_success_callback": dag.has_on_success_callback or None,
        "has_on_failure_callback": dag.has_on_failure_callback or None,
        "deadlines": deadlines_form(dag) or None,
        "has_sla_miss_callback": bool(dag.sla_miss_callback) or None,
        "legacy_schedule": dag.legacy_schedule or None,
        "edge_labels": _edge_labels(dag) or None,
        "warnings": _warnings_of(dag) or None,
        "assets": assets.definitions(dag) or None,
    }
    form.update({key: value for key, value in optional.items() if value is not None})
    return form


def _relative(dag: Any, dags_folder: str | None) -> str:
    if dags_folder is None:
        return str(dag.relative_fileloc)
    relative = os.path.relpath(dag.fileloc, dags_folder)
    return str(dag.fileloc) if relative.startswith("..") else relative


def _expanded(dag: Any) -> list[Any]:
    nodes: list[Any] = [task for task in dag.tasks if isinstance(task, MappedOperator)]
    nodes.extend(group for group in dag.task_group_dict.values() if isinstance(group, MappedTaskGroup))
    return nodes


def _edge_labels(dag: Any) -> dict[str, dict[str, str]]:
    return {
        upstream: {downstream: str(info.get("label")) for downstream, info in targets.items() if info.get("label")}
        for upstream, targets in dag.edge_info.items()
    }


def _warnings_of(dag: Any) -> list[dict[str, Any]]:
    """What was noted while the DAG's own file was loaded; what helper modules do is told with the file, not with each DAG."""
    found: list[dict[str, Any]] = []
    for entry in _warnings.collected:
        if entry.get("file") == dag.fileloc:
            found.append({key: entry[key] for key in ("type", "message", "line") if key in entry})
    message = unserved(dag.timetable)
    if message:
        found.append({"type": "timetable", "message": message})
    message = assets.unserved(dag)
    if message:
        found.append({"type": "asset watcher", "message": message})
    found += [{"type": "asset conflict", "message": message} for message in assets.conflicts(dag)]
    return found


def task_form(task: Any, dag: Any, mapped_over_by: bool = False) -> dict[str, Any]:
    """The form of one task of ``dag``; keys with default values are left out."""
    mapped = isinstance(task, MappedOperator)
    operator_class = task.operator_class if mapped else type(task)
    form: dict[str, Any] = {
        "task_id": task.task_id,
        "task_type": task.task_type,
        "task_module": operator_class.__module__,
        "owner": task.owner,
        "downstream": sorted(task.downstream_task_ids),
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "retries": task.retries,
        "retry_delay": as_seconds(task.retry_delay),
        "priority_weight": _weight(task, dag),
        "weight_rule": _weight_rule(task),
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "queue": task.queue,
    }
    _add_unless(form, "label", task.label, task.task_id)
    _add_unless(form, "task_display_name", task.task_display_name, task.task_id)
    _add_unless(form, "operator_name", task.operator_name, task.task_type)
    _add_unless(form, "group", task.task_group.group_id if task.task_group else None, None)
    _add_unless(form, "start_date", as_time(task.start_date), as_time(dag.start_date))
    _add_unless(form, "end_date", as_time(task.end_date), as_time(dag.end_date))
    _add_limits(form, task, dag)
    _add_flags(form, task, mapped, mapped_over_by)
    _add_display(form, task, operator_class, mapped)
    policies.mutate(form, task, dag)
    return form


def _add_unless(form: dict[str, Any], key: str, value: Any, default: Any) -> None:
    if value is not None and value != default:
        form[key] = value


def _weight_rule(task: Any) -> str:
    rule = task.weight_rule
    if not isinstance(rule, str):
        return f"{type(rule).__module__}.{type(rule).__qualname__}"
    text = str(getattr(rule, "value", rule))
    if not WeightRule.is_valid(text) and "." not in text:
        allowed = ", ".join(sorted(WeightRule.all_weight_rules()))
        raise ValueError(f"weight_rule of task {task.task_id!r} must be one of {allowed}, or a class, not {text!r}")
    return text


def _weight(task: Any, dag: Any) -> int:
    """The task's own weight, or what a strategy of the author's says; the scheduler takes that as it is."""
    if WeightRule.is_valid(_weight_rule(task)):
        return int(task.priority_weight)
    instance = SimpleNamespace(task=task, task_id=task.task_id, dag_id=dag.dag_id, priority_weight=task.priority_weight)
    instance.try_number, instance.map_index, instance.run_id, instance.operator = 1, -1, None, task.task_type
    return db_safe_priority(int(validate_and_load_priority_weight_strategy(task.weight_rule).get_weight(instance)))


def _add_limits(form: dict[str, Any], task: Any, dag: Any) -> None:
    ignore_first = task.ignore_first_depends_on_past
    for key, value in (
        ("depends_on_past", task.depends_on_past),
        ("wait_for_downstream", task.wait_for_downstream),
        ("ignore_first_depends_on_past", dag.legacy_schedule if ignore_first is None else ignore_first),
        ("wait_for_past_depends_before_skipping", task.wait_for_past_depends_before_skipping),
    ):
        _add_unless(form, key, bool(value), False)
    backoff = task.retry_exponential_backoff
    _add_unless(form, "retry_exponential_backoff", 2.0 if backoff is True else float(backoff or 0), 0.0)
    for key in ("max_retry_delay", "execution_timeout", "sla"):
        _add_unless(form, key, as_seconds(getattr(task, key)), None)
    for key in ("executor", "run_as_user", "max_active_tis_per_dag", "max_active_tis_per_dagrun", "map_index_template"):
        _add_unless(form, key, getattr(task, key), None)


def _add_flags(form: dict[str, Any], task: Any, mapped: bool, mapped_over_by: bool) -> None:
    for key in ("is_setup", "is_teardown", "on_failure_fail_dagrun", "multiple_outputs"):
        _add_unless(form, key, bool(getattr(task, key)), False)
    _add_unless(form, "do_xcom_push", bool(task.do_xcom_push), True)
    if mapped:
        form["mapped"] = {"length": length_of(task.expand_input)}
    else:
        _add_unless(form, "instant", bool(getattr(task, "is_instant", False)), False)
    _add_unless(form, "mapped_over_by", mapped_over_by, False)
    operator_class = task.operator_class if mapped else type(task)
    _add_unless(form, "is_sensor", bool(getattr(operator_class, "_is_sensor", False)), False)


def _add_display(form: dict[str, Any], task: Any, operator_class: type, mapped: bool) -> None:
    callbacks = [name for name in CALLBACKS if getattr(task, name)]
    email = task.email
    # The order of a set changes from process to process, and the form must not.
    ordered = sorted(email) if isinstance(email, (set, frozenset)) else list(email or [])
    addresses = email.replace(";", ",").split(",") if isinstance(email, str) else [str(address) for address in ordered]
    fields = list(task.template_fields) if not isinstance(task.template_fields, str) else [task.template_fields]
    for key, value in (
        ("callbacks", callbacks),
        ("email", [address.strip() for address in addresses if isinstance(address, str) and address.strip()]),
        ("params", params_form(task._own_params)),
        ("template_fields", fields),
        ("template_fields_renderers", dict(task.template_fields_renderers or {})),
        ("templates", _templates(task, fields, mapped)),
        ("extra_links", task.get_extra_links_names()),
    ):
        if value:
            form[key] = value
    for key, default in (("email_on_failure", True), ("email_on_retry", True), ("email_on_success", False)):
        _add_unless(form, key, bool(getattr(task, key)), default)
    _add_unless(form, "ui_color", task.ui_color, "#fff")
    _add_unless(form, "ui_fgcolor", task.ui_fgcolor, "#000")
    _add_unless(form, "doc_md", task.doc_md, None)
    form["class_ref"] = {"module_path": operator_class.__module__, "class_name": operator_class.__qualname__}
    _add_unless(form, "inlets", assets.leaves(task.inlets), [])
    _add_unless(form, "outlets", assets.leaves(task.outlets), [])
    target = getattr(task, "trigger_dag_id", None) if not mapped else task.partial_kwargs.get("trigger_dag_id")
    if isinstance(target, str) and "{" not in target:
        form["trigger_dag_id"] = target
    if not mapped and task.start_from_trigger:
        _add_unless(form, "start_trigger", _start_trigger(task), None)


def _start_trigger(task: Any) -> dict[str, Any] | None:
    """The trigger that a task waits for before an attempt is made; ``None`` when only an attempt can tell (templates, or it cannot be made here)."""
    args = task.start_trigger_args
    if args is None or any(mark in repr(args.trigger_kwargs) for mark in ("{{", "{%")):
        return None
    try:
        return triggerwire.deferral(triggerwire.start_trigger(task))
    except Exception as error:
        _warnings.record(
            "start_from_trigger", f"task {task.task_id!r} begins in an attempt, because its trigger cannot be made: {error}"
        )
        return None


def _templates(task: Any, fields: list[str], mapped: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in fields:
        value = task.partial_kwargs.get(name) if mapped else getattr(task, name, None)
        if value is not None and value != () and value != {} and value != []:
            found[name] = as_text(value)
    return found


def _groups(root: TaskGroup) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(group: TaskGroup) -> None:
        for child in group.children.values():
            if isinstance(child, TaskGroup):
                found.append(_group_form(child))
                walk(child)

    walk(root)
    return found


def _group_form(group: TaskGroup) -> dict[str, Any]:
    form: dict[str, Any] = {"group_id": group.group_id, "children": list(group.children)}
    _add_unless(form, "parent", group.task_group.group_id if group.task_group else None, None)
    _add_unless(form, "prefix_group_id", group.prefix_group_id, True)
    _add_unless(form, "display_name", group.group_display_name or None, None)
    _add_unless(form, "tooltip", group.tooltip or None, None)
    _add_unless(form, "doc_md", group.doc_md, None)
    _add_unless(form, "ui_color", group.ui_color, "CornflowerBlue")
    _add_unless(form, "ui_fgcolor", group.ui_fgcolor, "#000")
    if isinstance(group, MappedTaskGroup):
        form["mapped"] = {"length": length_of(group.expand_input)}
    return form
