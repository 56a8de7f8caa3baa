//! `TaskResponse`: a task of a DAG, not of a run.

use serde_json::{Value, json};
use tradewind_core::form::{DagForm, TaskForm};

use super::dag::params;
use crate::time::Time;

pub fn task(form: &DagForm, task: &TaskForm) -> Value {
    let class_ref = match &task.class_ref {
        Some(class) => json!({ "module_path": class.module_path, "class_name": class.class_name }),
        None => json!({ "module_path": task.task_module, "class_name": task.task_type }),
    };
    let mapped = task.mapped.is_some() || in_mapped_group(form, task);
    json!({
        "task_id": task.task_id,
        "task_display_name": task.display_name(),
        "owner": task.owner,
        "start_date": task.start_date.or(form.start_date).map(Time),
        "end_date": task.end_date.or(form.end_date).map(Time),
        "trigger_rule": task.trigger_rule,
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "retries": f64::from(task.retries),
        "queue": task.queue,
        "pool": task.pool,
        "pool_slots": f64::from(task.pool_slots),
        "execution_timeout": task.execution_timeout.map(delta),
        "retry_delay": delta(task.retry_delay),
        "retry_exponential_backoff": task.retry_exponential_backoff,
        "priority_weight": f64::from(task.priority_weight),
        "weight_rule": task.weight_rule,
        "ui_color": task.ui_color,
        "ui_fgcolor": task.ui_fgcolor,
        "template_fields": task.template_fields,
        "downstream_task_ids": task.downstream,
        "doc_md": task.doc_md,
        "operator_name": task.operator_name(),
        "params": params(&task.params),
        "class_ref": class_ref,
        "is_mapped": mapped,
        "extra_links": task.extra_links,
    })
}

fn in_mapped_group(form: &DagForm, task: &TaskForm) -> bool {
    let mut group = task.group.as_deref();
    // Groups are a forest, no deeper than their number.
    for _ in 0..=form.groups.len() {
        let Some(found) = group.and_then(|id| form.groups.iter().find(|group| group.group_id == id)) else { return false };
        if found.mapped.is_some() {
            return true;
        }
        group = found.parent.as_deref();
    }
    false
}

/// A duration as Airflow writes it for tasks.
fn delta(seconds: f64) -> Value {
    let micros = (seconds * 1e6).round() as i64;
    let whole = micros.div_euclid(1_000_000);
    json!({
        "__type": "TimeDelta",
        "days": whole.div_euclid(86_400),
        "seconds": whole.rem_euclid(86_400),
        "microseconds": micros.rem_euclid(1_000_000),
    })
}
