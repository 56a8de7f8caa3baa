//! Why a task instance does not run yet.

use std::sync::Arc;

use jiff::Timestamp;

use super::expand::{MAX_INSTANCES, Size};
use super::node::{Targets, Ti};
use super::past::PastUnmet;
use super::run::Run;
use crate::deps::{Blocker, Link, Reason, Unmet};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};
use crate::trigger_rule::{Around, Decision};

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
            unmet.push(Unmet::new(self.run_reason()).see([Link::run(&facts.dag_id, &facts.run_id)]));
        }
        let graph = Arc::clone(&self.graph);
        let Some(ix) = graph.find(task_id) else {
            unmet.push(Unmet::new(Reason::UnknownTask { dag_id: graph.form().dag_id.clone(), task_id: task_id.to_owned() }));
            return unmet;
        };
        match self.nodes[ix.at()].ti(map_index) {
            None => unmet.push(self.why_no_instance(&graph, ix, map_index)),
            Some(ti) if ti.state.is_none() || ti.state.is_some_and(TaskState::waits_for_time) => {
                self.why_waiting(&graph, (ix, map_index), ti, now, &mut unmet);
            }
            Some(Ti { state: Some(state), .. }) if *state != TaskState::Scheduled => {
                let state = *state;
                unmet.push(Unmet::new(if state.is_finished() { Reason::TaskEnded { state } } else { Reason::TaskUnderWay { state } }));
            }
            Some(_) => {}
        }
        unmet
    }

    fn run_reason(&self) -> Reason {
        let (run_id, state) = (self.facts.run_id.to_string(), self.facts.state);
        match state {
            RunState::Queued => Reason::RunQueued { run_id },
            _ => Reason::RunEnded { run_id, state },
        }
    }

    fn why_no_instance(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Unmet {
        let task = graph.task(ix);
        if !self.within_dates(ix) {
            let form = graph.task_form(ix);
            return Unmet::new(match (self.facts.logical_date, form.start_date, form.end_date) {
                (Some(at), Some(date), _) if at < date => Reason::BeforeStartDate { date },
                (_, _, Some(date)) => Reason::AfterEndDate { date },
                _ => Reason::OutsideDates,
            });
        }
        let (task_id, size) = (task.id.to_string(), self.nodes[ix.at()].many.len());
        Unmet::new(match task.expansion {
            None => Reason::NotMapped { task_id, map_index },
            Some(_) if size == 0 => Reason::NotYetExpanded { task_id },
            Some(_) => Reason::NoSuchIndex { task_id, size, map_index },
        })
    }

    fn why_waiting(&self, graph: &Graph, (ix, map_index): (TaskIx, i32), ti: &Ti, now: Timestamp, unmet: &mut Vec<Unmet>) {
        if let Some(wake) = ti.wake.filter(|wake| *wake > now) {
            let is_retry = ti.state == Some(TaskState::UpForRetry);
            let reason = if is_retry { Reason::RetryAt { at: wake } } else { Reason::LooksAgainAt { at: wake } };
            unmet.push(Unmet::new(reason).until(wake));
        }
        if self.decision(graph, ix, map_index) != Decision::Run {
            let links = self.looked_at(graph, ix, map_index).into_iter().filter(|(_, _, state)| *state != Some(TaskState::Success));
            let reason = Unmet::new(self.rule_reason(graph, ix, map_index));
            unmet.push(reason.see(links.map(|(before, index, _)| self.link(graph, before, index))));
        }
        if self.awaits_expansion(graph, ix, map_index, now)
            && let Some(reason) = self.why_not_expanded(graph, ix)
        {
            let sources = graph.task(ix).expansion.map(|expansion| graph.expansion(expansion).sources.clone()).unwrap_or_default();
            unmet.push(Unmet::new(reason).see(sources.into_iter().map(|source| self.link(graph, source, -1))));
        }
        if let Some(past) = self.past_view.unmet(ix) {
            unmet.push(Unmet::new(self.past_reason(graph, ix, past)).see(self.past_links(graph, ix, past)));
        }
        if ti.marks > 0 {
            let skips = |targets: &Targets| targets.iter().any(|(target, at)| *target == ix && at.is_none_or(|at| at == map_index));
            let chose =
                self.marks.iter().filter(|(_, targets)| skips(targets)).map(|((source, index), _)| self.link(graph, *source, *index));
            unmet.push(Unmet::new(Reason::BranchedAway).see(chose));
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

    fn why_not_expanded(&self, graph: &Graph, ix: TaskIx) -> Option<Reason> {
        let expansion = graph.task(ix).expansion?;
        let task_ids = || graph.expansion(expansion).sources.iter().map(|source| graph.task(*source).id.to_string()).collect();
        match self.size(graph, expansion) {
            Size::Known(_) => None,
            Size::TooLarge => Some(Reason::TooManyInstances { limit: MAX_INSTANCES }),
            Size::Pending => Some(Reason::SourcePending { task_ids: task_ids() }),
            Size::Skipped => Some(Reason::SourceSkipped { task_ids: task_ids() }),
            Size::Failed => Some(Reason::SourceFailed { task_ids: task_ids() }),
        }
    }

    fn past_reason(&self, graph: &Graph, ix: TaskIx, past: PastUnmet) -> Reason {
        let form = graph.task_form(ix);
        let key = if form.depends_on_past { "depends_on_past" } else { "wait_for_downstream" };
        let run_id = self.past.as_ref().map(|previous| previous.run_id.to_string()).unwrap_or_default();
        let task_id = form.task_id.to_string();
        match past {
            PastUnmet::Missing => Reason::PastMissing { key, run_id, task_id },
            PastUnmet::Own(state) => Reason::PastTask { key, run_id, task_id, state },
            PastUnmet::Downstream(after, state) => {
                Reason::PastDownstream { run_id, task_id, after: graph.task(after).id.to_string(), state }
            }
        }
    }

    /// What the trigger rule of an instance sees.
    pub(super) fn rule_reason(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Reason {
        let (counts, around) = self.counts(graph, ix, map_index);
        let seen = self.looked_at(graph, ix, map_index).into_iter().filter(|(_, _, state)| !state.is_some_and(TaskState::is_success));
        let mut in_the_way: Vec<Blocker> =
            seen.map(|(before, map_index, state)| Blocker { task_id: graph.task(before).id.to_string(), map_index, state }).collect();
        let more = in_the_way.len().saturating_sub(NAMED);
        in_the_way.truncate(NAMED);
        let (setups, work) = match around {
            Around::Setups(setups) if setups.success < setups.total => (Some(setups.into()), None),
            Around::Work(work) if work.done() < work.total => (None, Some(work.into())),
            Around::Nothing | Around::Setups(_) | Around::Work(_) => (None, None),
        };
        Reason::TriggerRule { rule: graph.task_form(ix).trigger_rule, upstream: counts.into(), in_the_way, more, setups, work }
    }
}
