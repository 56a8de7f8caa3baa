//! Why a task instance does not run yet, in words.

use std::sync::Arc;

use jiff::Timestamp;

use super::evaluate::too_large;
use super::expand::Size;
use super::node::{Targets, Ti};
use super::past::PastUnmet;
use super::run::Run;
use crate::deps::{Dep, Link, Unmet};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};
use crate::trigger_rule::{Around, Counts, Decision};

/// Names of instances in a text.
const NAMED: usize = 5;

impl Run {
    /// Every condition that keeps a task instance from being scheduled. Empty: it is scheduled, or nothing keeps it (pools
    /// and limits are counted elsewhere).
    #[must_use]
    pub fn why_not(&self, task_id: &str, map_index: i32, now: Timestamp) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        if self.facts.state != RunState::Running {
            let facts = &self.facts;
            unmet.push(Unmet::new(Dep::DagrunRunning, self.run_reason()).see([Link::run(&facts.dag_id, &facts.run_id)]));
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
            let waits = if ti.state == Some(TaskState::UpForRetry) {
                Unmet::new(Dep::NotInRetryPeriod, format!("it waits to be retried at {wake}"))
            } else {
                Unmet::new(Dep::ReadyToReschedule, format!("it looks again at {wake}"))
            };
            unmet.push(waits.until(wake));
        }
        if self.decision(graph, ix, map_index) != Decision::Run {
            let links = self.looked_at(graph, ix, map_index).into_iter().filter(|(_, _, state)| *state != Some(TaskState::Success));
            let reason = Unmet::new(Dep::TriggerRule, self.rule_reason(graph, ix, map_index));
            unmet.push(reason.see(links.map(|(before, index, _)| self.link(graph, before, index))));
        }
        if self.awaits_expansion(graph, ix, map_index, now)
            && let Some(reason) = self.why_not_expanded(graph, ix)
        {
            let sources = graph.task(ix).expansion.map(|expansion| graph.expansion(expansion).sources.clone()).unwrap_or_default();
            unmet.push(Unmet::new(Dep::MappedTaskUpstream, reason).see(sources.into_iter().map(|source| self.link(graph, source, -1))));
        }
        if let Some(past) = self.past_view.unmet(ix) {
            unmet.push(Unmet::new(Dep::PreviousDagrunState, self.past_reason(graph, ix, past)).see(self.past_links(graph, ix, past)));
        }
        if ti.marks > 0 {
            let skips = |targets: &Targets| targets.iter().any(|(target, at)| *target == ix && at.is_none_or(|at| at == map_index));
            let chose =
                self.marks.iter().filter(|(_, targets)| skips(targets)).map(|((source, index), _)| self.link(graph, *source, *index));
            unmet.push(Unmet::new(Dep::NotPreviouslySkipped, "a task before it chose another way").see(chose));
        }
    }

    fn link(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Link {
        Link::task_instance(&self.facts.dag_id, &self.facts.run_id, &graph.task(ix).id, map_index)
    }

    /// The run before, and what of it is in the way.
    fn past_links(&self, graph: &Graph, ix: TaskIx, past: PastUnmet) -> Vec<Link> {
        let (Some(previous), dag_id) = (&self.past, &self.facts.dag_id) else { return Vec::new() };
        let at_fault = match past {
            PastUnmet::Missing => None,
            PastUnmet::Own(_) => Some(ix),
            PastUnmet::Downstream(after, _) => Some(after),
        };
        let at_fault = at_fault.map(|ix| &graph.task(ix).id);
        let stands = |state: &Option<TaskState>| state.is_none_or(|state| !state.satisfies_past() && state != TaskState::Removed);
        let instances = previous.states.iter().filter(|(id, _, state)| Some(id) == at_fault && stands(state));
        let mut links: Vec<Link> = instances.map(|(id, index, _)| Link::task_instance(dag_id, &previous.run_id, id, *index)).collect();
        links.push(Link::run(dag_id, &previous.run_id));
        links
    }

    /// The instances that the trigger rule of one looks at, those around it too.
    fn looked_at(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Vec<(TaskIx, i32, Option<TaskState>)> {
        let task = graph.task(ix);
        let mut all = Vec::new();
        for &before in task.upstream.iter().chain(&task.setups).chain(&task.scope) {
            let per_index = graph.task(before).dependents.iter().any(|dependent| dependent.task == ix && dependent.per_index);
            let instances = self.nodes[before.at()].instances();
            let seen = instances.filter(|(at, ti)| (!per_index || *at == map_index) && (*at < 0 || ti.state != Some(TaskState::Removed)));
            all.extend(seen.map(|(at, ti)| (before, at, ti.state)));
        }
        all
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
        let in_the_way = self.looked_at(graph, ix, map_index).into_iter().filter(|(_, _, state)| !state.is_some_and(TaskState::is_success));
        let names: Vec<String> = in_the_way.map(|(before, at, state)| named(&graph.task(before).id, at, state)).collect();
        if !names.is_empty() {
            let more = names.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            text.push_str(&format!(" ({}{more})", names[..names.len().min(NAMED)].join(", ")));
        }
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

/// `b[3] is running`
fn named(task_id: &str, map_index: i32, state: Option<TaskState>) -> String {
    let index = if map_index < 0 { String::new() } else { format!("[{map_index}]") };
    let state = state.map_or("without a state", TaskState::as_str);
    format!("`{task_id}{index}` is {state}")
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
