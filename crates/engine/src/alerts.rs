//! What a plan tells people: the end of the run, and tasks that end without an attempt (instant ones, those that cannot be expanded).

use tradewind_core::alert::{AlertKind, Draft, Policy, run_draft, task_draft};
use tradewind_core::outcome::EndReason;
use tradewind_core::plan::Plan;
use tradewind_core::state::{RunState, TaskState};

use crate::owned::Owned;

/// The drafts of a plan. Their keys name the change number, so that a run that was cleared and ends again tells again.
pub fn alerts(policy: &Policy, owned: &Owned, plan: &Plan) -> Vec<Draft> {
    let form = owned.graph.form();
    let prefix = format!("plan/{}/{}/{}", owned.dag_id, owned.run_id, owned.seq());
    let created = plan.created.iter().map(|new| (new.task_id.as_ref(), new.map_index, new.state, new.reason.as_ref()));
    let moved = plan.transitions.iter().map(|step| (step.task_id.as_ref(), step.map_index, step.to, step.reason.as_ref()));
    let mut drafts = Vec::new();
    for (task_id, map_index, state, reason) in created.chain(moved) {
        let kind = match state {
            Some(TaskState::Success) => AlertKind::TaskSuccess,
            Some(TaskState::Failed) => AlertKind::TaskFailure,
            _ => continue,
        };
        let Some(task) = form.task(task_id) else { continue };
        let key = format!("{prefix}/{task_id}/{map_index}/{kind}");
        if let Some(mut draft) = task_draft(policy, kind, form, task, map_index, key) {
            draft.facts.reason = (kind == AlertKind::TaskFailure && !reason.is_empty()).then(|| reason.to_owned());
            drafts.push(draft);
        }
    }
    if let Some(end) = plan.run {
        let kind = if end.state == RunState::Success { AlertKind::RunSuccess } else { AlertKind::RunFailure };
        if let Some(mut draft) = run_draft(policy, kind, form, format!("{prefix}/{kind}")) {
            draft.facts.reason = words(end.reason).map(str::to_owned);
            drafts.push(draft);
        }
    }
    drafts
}

fn words(reason: EndReason) -> Option<&'static str> {
    match reason {
        EndReason::Success => None,
        EndReason::TaskFailure => Some("a task has failed"),
        EndReason::AllTasksDeadlocked => Some("no task can run any more: what is left waits for what will not come"),
        EndReason::TimedOut => Some("it ran longer than dagrun_timeout"),
    }
}
