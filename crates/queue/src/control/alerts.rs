//! What the end of an attempt is told to people: written with the report.

use tradewind_core::alert::{AlertKind, Draft, task_draft};
use tradewind_core::state::TaskState;

use super::running::Facts;
use super::{Inner, start};
use crate::control::outcome::Outcome;

impl Inner {
    /// The drafts of an end. A report that comes too late (its task instance was marked or cleared) writes none of them.
    pub(super) fn alerts(&self, facts: &Facts, outcome: &Outcome) -> Vec<Draft> {
        let kind = match outcome.state {
            Some(TaskState::Success) => AlertKind::TaskSuccess,
            Some(TaskState::Failed) => AlertKind::TaskFailure,
            Some(TaskState::UpForRetry) => AlertKind::TaskRetry,
            _ => return Vec::new(),
        };
        let (Some(form), Some(task)) = (&facts.form, start::task_form(facts)) else { return Vec::new() };
        let key = format!("attempt/{}", facts.attempt_id);
        let draft = task_draft(&self.options.alerts, kind, form, task, facts.task.map_index, key);
        let told = draft.map(|mut draft| {
            draft.facts.error.clone_from(&outcome.error);
            draft.facts.reason.clone_from(&outcome.reason);
            draft
        });
        told.into_iter().collect()
    }
}
