//! Drafts of alerts from forms and events.

use std::sync::Arc;

use super::{AlertKind, Draft, Facts, Policy, TaskFacts};
use crate::form::{DagForm, TaskForm};

/// The draft for an event of a task; `None` when nobody wants to know. `key` names the event, once for each.
#[must_use]
pub fn task_draft(policy: &Policy, kind: AlertKind, form: &DagForm, task: &TaskForm, map_index: i32, key: String) -> Option<Draft> {
    let targets = policy.of_task(kind, form, task);
    if targets.is_empty() {
        return None;
    }
    let mut facts = of_dag(form);
    facts.task = Some(TaskFacts {
        task_id: task.task_id.clone(),
        task_display_name: task.display_name().to_owned(),
        map_index,
        owner: task.owner.clone(),
        email: task.email.clone(),
        ..TaskFacts::default()
    });
    Some(Draft { kind, key, targets, task: Some((Arc::from(task.task_id.as_str()), map_index)), facts })
}

/// The draft for an event of a run; `None` when nobody wants to know.
#[must_use]
pub fn run_draft(policy: &Policy, kind: AlertKind, form: &DagForm, key: String) -> Option<Draft> {
    let targets = policy.of_run(kind, form);
    (!targets.is_empty()).then(|| Draft { kind, key, targets, task: None, facts: of_dag(form) })
}

fn of_dag(form: &DagForm) -> Facts {
    Facts {
        dag_id: form.dag_id.clone(),
        dag_display_name: form.display_name().to_owned(),
        owners: form.owners().into_iter().map(str::to_owned).collect(),
        tags: form.tags.clone(),
        timezone: form.timezone.clone(),
        ..Facts::default()
    }
}
