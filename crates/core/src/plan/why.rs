//! Why a task instance does not run yet, in words.

use std::sync::Arc;

use jiff::Timestamp;

use super::evaluate::too_large;
use super::expand::Size;
use super::node::Ti;
use super::past::PastUnmet;
use super::run::Run;
use crate::deps::{Dep, Unmet};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};
use crate::trigger_rule::{Around, Counts, Decision};

impl Run {
    /// Every condition that keeps a task instance from being scheduled. Empty: it is scheduled, or nothing keeps it (pools
    /// and limits are counted elsewhere).
    #[must_use]
    pub fn why_not(&self, task_id: &str, map_index: i32, now: Timestamp) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        if self.facts.state != RunState::Running {
            unmet.push(Unmet::new(Dep::DagrunRunning, self.run_reason()));
        }
        let graph = Arc::clone(&self.graph);
        let Some(ix) = graph.find(task_id) else {
            let reason = format!("the DAG `{}` has no task `{task_id}`", graph.form().dag_id);
            unmet.push(Unmet::new(Dep::UnknownTask, reason));
            return unmet;
        };
        match self.nodes[ix.at()].ti(map_index) {
            None => unmet.push(self.why_no_instance(&graph, ix, map_index)),
            Some(ti) if ti.state.is_none() || ti.state.is_some_and(TaskState::waits_for_time) => {
                self.why_waiting(&graph, (ix, map_index), ti, now, &mut unmet);
            }
            Some(Ti { state: Some(state), .. }) if *state != TaskState::Scheduled => {
                let reason = if state.is_finished() { "it has ended" } else { "it is under way" };
                unmet.push(Unmet::new(Dep::TaskInstanceState, format!("{reason}: its state is `{state}`")));
            }
            Some(_) => {}
        }
        unmet
    }

    fn run_reason(&self) -> String {
        let (run, state) = (&self.facts.run_id, self.facts.state);
        match state {
            RunState::Queued => format!("the dag run `{run}` is queued: it has not started"),
            _ => format!("the dag run `{run}` has ended: its state is `{state}`"),
        }
    }

    fn why_no_instance(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Unmet {
        let task = graph.task(ix);
        if !self.within_dates(ix) {
            let form = graph.task_form(ix);
            let side = match (self.facts.logical_date, form.start_date, form.end_date) {
                (Some(date), Some(start), _) if date < start => format!("before the task's start date {start}"),
                (_, _, Some(end)) => format!("after the task's end date {end}"),
                _ => "outside the task's dates".to_owned(),
            };
            return Unmet::new(Dep::LogicalDate, format!("the logical date of the run is {side}"));
        }
        let reason = if task.expansion.is_none() {
            format!("`{}` is not a mapped task: it has no map index {map_index}", task.id)
        } else if self.nodes[ix.at()].many.is_empty() {
            format!("`{}` has not been expanded yet", task.id)
        } else {
            format!("`{}` was expanded into {} instances; none has map index {map_index}", task.id, self.nodes[ix.at()].many.len())
        };
        Unmet::new(Dep::TaskMapped, reason)
    }

    fn why_waiting(&self, graph: &Graph, (ix, map_index): (TaskIx, i32), ti: &Ti, now: Timestamp, unmet: &mut Vec<Unmet>) {
        if let Some(wake) = ti.wake.filter(|wake| *wake > now) {
            unmet.push(if ti.state == Some(TaskState::UpForRetry) {
                Unmet::new(Dep::NotInRetryPeriod, format!("it waits to be retried at {wake}"))
            } else {
                Unmet::new(Dep::ReadyToReschedule, format!("it looks again at {wake}"))
            });
        }
        if self.decision(graph, ix, map_index) != Decision::Run {
            unmet.push(Unmet::new(Dep::TriggerRule, self.rule_reason(graph, ix, map_index)));
        }
        if self.awaits_expansion(graph, ix, map_index, now)
            && let Some(reason) = self.why_not_expanded(graph, ix)
        {
            unmet.push(Unmet::new(Dep::MappedTaskUpstream, reason));
        }
        if let Some(past) = self.past_view.unmet(ix) {
            unmet.push(Unmet::new(Dep::PreviousDagrunState, self.past_reason(graph, ix, past)));
        }
        if ti.marks > 0 {
            unmet.push(Unmet::new(Dep::NotPreviouslySkipped, "a task before it chose another way"));
        }
    }

    fn why_not_expanded(&self, graph: &Graph, ix: TaskIx) -> Option<String> {
        let expansion = graph.task(ix).expansion?;
        let ids: Vec<_> = graph.expansion(expansion).sources.iter().map(|source| format!("`{}`", graph.task(*source).id)).collect();
        let ids = ids.join(", ");
        match self.size(graph, expansion) {
            Size::Known(_) => None,
            Size::TooLarge => Some(too_large()),
            Size::Pending => Some(format!("it is expanded over what {ids} gives, which has not ended")),
            Size::Skipped => Some(format!("it is expanded over what {ids} gives, which was skipped")),
            Size::Failed => Some(format!("it is expanded over what {ids} gives, which failed or gave nothing")),
        }
    }

    fn past_reason(&self, graph: &Graph, ix: TaskIx, past: PastUnmet) -> String {
        let form = graph.task_form(ix);
        let key = if form.depends_on_past { "depends_on_past" } else { "wait_for_downstream" };
        let run = self.past.as_ref().map_or("", |previous| &*previous.run_id);
        let name = |state: Option<TaskState>| state.map_or("without a state", TaskState::as_str);
        match past {
            PastUnmet::Missing => {
                format!("{key} is set, but the run before this one (`{run}`) has no instance of `{}`", form.task_id)
            }
            PastUnmet::Own(state) => format!(
                "{key} is set, and `{}` of the run before this one (`{run}`) is {}; it must be success or skipped",
                form.task_id,
                name(state)
            ),
            PastUnmet::Downstream(after, state) => format!(
                "wait_for_downstream is set, and `{}`, which follows `{}`, is {} in the run before this one (`{run}`); it must be success or skipped",
                graph.task(after).id,
                form.task_id,
                name(state)
            ),
        }
    }

    /// What the trigger rule of an instance sees.
    pub(super) fn rule_reason(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> String {
        let (counts, around) = self.counts(graph, ix, map_index);
        let mut text = format!("trigger rule `{}`: {}", graph.task_form(ix).trigger_rule, in_words(&counts, "upstream task instance"));
        match around {
            Around::Nothing => {}
            Around::Setups(setups) if setups.success >= setups.total => {}
            Around::Setups(setups) => text.push_str(&format!("; {}", in_words(&setups, "setup"))),
            Around::Work(work) if work.done() >= work.total => {}
            Around::Work(work) => text.push_str(&format!("; {}", in_words(&work, "task instance to clean up after"))),
        }
        text
    }
}

/// `of 3 things 1 succeeded, 2 are not finished`.
fn in_words(counts: &Counts, thing: &str) -> String {
    let parts = [
        (counts.success, "succeeded"),
        (counts.failed, "failed"),
        (counts.upstream_failed, "could not run (upstream_failed)"),
        (counts.skipped, "skipped"),
        (counts.removed, "removed"),
        (counts.total - counts.done(), "not finished"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let plural = if counts.total == 1 { "" } else { "s" };
    format!("of {} {thing}{plural}: {}", counts.total, parts.join(", "))
}
