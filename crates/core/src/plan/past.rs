//! What the run before this one means for tasks that depend on their past.

use std::collections::HashMap;

use super::Past;
use crate::form::TaskForm;
use crate::graph::{Graph, TaskIx};
use crate::state::TaskState;

/// Why a task has to wait for the run before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PastUnmet {
    /// The run before has no instance of the task.
    Missing,
    /// The task itself did not end well there, or has not ended.
    Own(Option<TaskState>),
    /// The same for a task directly after it (`wait_for_downstream`).
    Downstream(TaskIx, Option<TaskState>),
}

/// For each task, whether its past lets it run. Empty when no task asks.
#[derive(Debug, Default)]
pub(super) struct PastView(Vec<Option<PastUnmet>>);

impl PastView {
    pub(super) fn new(graph: &Graph, past: &Past) -> PastView {
        let (true, Some(previous)) = (graph.needs_past(), past) else { return PastView::default() };
        // The worst state of each task there; one that was removed says nothing.
        let mut there: HashMap<TaskIx, Option<Option<TaskState>>> = HashMap::new();
        for (id, _, state) in &previous.states {
            if let Some(ix) = graph.find(id)
                && *state != Some(TaskState::Removed)
            {
                let worst = there.entry(ix).or_default();
                if !state.is_some_and(TaskState::satisfies_past) && worst.is_none() {
                    *worst = Some(*state);
                }
            }
        }
        let unmet = |ix: TaskIx| -> Option<PastUnmet> {
            let form: &TaskForm = graph.task_form(ix);
            if !form.needs_past() {
                return None;
            }
            match there.get(&ix) {
                None if form.ignore_first_depends_on_past && !previous.ran_before.iter().any(|id| **id == *form.task_id) => {}
                None => return Some(PastUnmet::Missing),
                Some(Some(state)) => return Some(PastUnmet::Own(*state)),
                Some(None) => {}
            }
            let mut after = graph.task(ix).downstream.iter().filter(|_| form.wait_for_downstream);
            after.find_map(|after| there.get(after).copied().flatten().map(|state| PastUnmet::Downstream(*after, state)))
        };
        PastView(graph.iter().map(unmet).collect())
    }

    pub(super) fn unmet(&self, ix: TaskIx) -> Option<PastUnmet> {
        self.0.get(ix.at()).copied().flatten()
    }
}
