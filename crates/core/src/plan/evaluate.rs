//! Deciding about task instances.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::Plan;
use super::expand::{MAX_INSTANCES, Size};
use super::node::Dirty;
use super::run::Run;
use crate::deps::Reason;
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};
use crate::trigger_rule::{Around, Counts, Decision, decide};

/// A decision with its reason.
pub(super) type Verdict = (Decision, Cow<'static, str>);

/// Why `fail_fast` ends a task.
pub(super) const FAILS_FAST: &str = "another task failed and the DAG fails fast";

/// What a round of looking found.
#[derive(Debug, Default)]
struct Found {
    sizes: Vec<(TaskIx, u32)>,
    verdicts: Vec<((TaskIx, i32), Verdict)>,
}

impl Run {
    /// Decides everything that can be decided, round by round.
    pub(super) fn settle(&mut self, now: Timestamp, plan: &mut Plan) {
        while !self.queue.is_empty() {
            self.round(now, plan);
        }
    }

    /// Looks at everything that has changed, then acts. What a round does is seen by the next one, so that nothing depends
    /// on an order of tasks.
    pub(super) fn round(&mut self, now: Timestamp, plan: &mut Plan) {
        let graph = Arc::clone(&self.graph);
        let mut queue = std::mem::take(&mut self.queue);
        queue.sort_unstable();
        let mut found = Found::default();
        for ix in queue {
            let dirty = std::mem::take(&mut self.nodes[ix.at()].dirty);
            if self.facts.state == RunState::Running {
                self.look(&graph, ix, &dirty, now, &mut found);
            }
        }
        for (ix, size) in found.sizes {
            self.resize(&graph, ix, size, plan);
        }
        for (at, verdict) in found.verdicts {
            self.act(&graph, at, verdict, now, plan);
        }
    }

    fn look(&mut self, graph: &Graph, ix: TaskIx, dirty: &Dirty, now: Timestamp, found: &mut Found) {
        if let Some(expansion) = graph.task(ix).expansion {
            let size = self.size(graph, expansion);
            if let Size::Known(n) = size {
                found.sizes.push((ix, n));
            }
            if let Some(verdict) = self.look_at_unexpanded(graph, ix, size, now) {
                found.verdicts.push(((ix, -1), verdict));
            }
        } else {
            self.look_at(graph, ix, -1, now, found);
        }
        let shared = self.decision(graph, ix, -1);
        let node = &mut self.nodes[ix.at()];
        let per_index = graph.task(ix).has_index_upstreams;
        let changed = dirty.shared && (per_index || node.last != Some(shared));
        node.last = Some(shared);
        let instances = super::node::index(node.many.len());
        if dirty.all || changed {
            for map_index in 0..instances {
                self.look_at(graph, ix, map_index, now, found);
            }
        } else {
            for &map_index in dirty.indexes.iter().filter(|map_index| **map_index >= 0) {
                self.look_at(graph, ix, map_index, now, found);
            }
        }
    }

    fn look_at(&self, graph: &Graph, ix: TaskIx, map_index: i32, now: Timestamp, found: &mut Found) {
        let Some(ti) = self.nodes[ix.at()].ti(map_index) else { return };
        if ti.marks > 0 && ti.not_begun() {
            found.verdicts.push(((ix, map_index), skipped_by_branch()));
        } else if ti.undecided(now) && self.stopped(graph, ix) {
            found.verdicts.push(((ix, map_index), stopped()));
        } else if ti.undecided(now) {
            found.verdicts.push(((ix, map_index), self.verdict(graph, ix, map_index)));
        }
    }

    /// An instance that is still to be expanded.
    fn look_at_unexpanded(&self, graph: &Graph, ix: TaskIx, size: Size, now: Timestamp) -> Option<Verdict> {
        let single = self.nodes[ix.at()].single?;
        if single.marks > 0 && single.not_begun() {
            return Some(skipped_by_branch());
        }
        if !single.undecided(now) {
            return None;
        }
        if self.stopped(graph, ix) {
            return Some(stopped());
        }
        let verdict = self.verdict(graph, ix, -1);
        Some(match (size, verdict.0) {
            (Size::TooLarge, _) => (Decision::UpstreamFailed, Reason::TooManyInstances { limit: MAX_INSTANCES }.to_string().into()),
            (Size::Failed, _) => (Decision::UpstreamFailed, Cow::Borrowed("what it is expanded over failed")),
            (_, Decision::Skip | Decision::UpstreamFailed) => verdict,
            (Size::Skipped, _) => (Decision::Skip, Cow::Borrowed("what it is expanded over was skipped")),
            (Size::Known(0), Decision::Run) => (Decision::Skip, Cow::Borrowed("there is nothing to expand over")),
            _ => (Decision::Wait, Cow::Borrowed("")),
        })
    }

    /// The decision of the trigger rule for one map index; -1 gives what all instances share.
    pub(super) fn decision(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Decision {
        let (counts, around) = self.counts(graph, ix, map_index);
        decide(graph.task_form(ix).trigger_rule, &counts, &around)
    }

    /// What the trigger rule of one map index looks at.
    pub(super) fn counts(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> (Counts, Around) {
        let node = &self.nodes[ix.at()];
        let (mut counts, mut around) = (node.counts, node.around);
        if let Some(own) = usize::try_from(map_index).ok().and_then(|at| node.own.get(at)) {
            counts = counts.plus(&own.0);
            around = around.plus(&own.1);
        }
        let around = match around.total {
            0 => Around::Nothing,
            _ if graph.task_form(ix).is_teardown => Around::Work(around),
            _ => Around::Setups(around),
        };
        (counts, around)
    }

    fn stopped(&self, graph: &Graph, ix: TaskIx) -> bool {
        self.stops > 0 && !graph.task_form(ix).is_teardown
    }

    fn verdict(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> Verdict {
        let decision = self.decision(graph, ix, map_index);
        let reason = match decision {
            Decision::Wait => Cow::Borrowed(""),
            Decision::Run => Cow::Borrowed("its dependencies are met"),
            Decision::Skip | Decision::UpstreamFailed => self.rule_reason(graph, ix, map_index).to_string().into(),
        };
        (decision, reason)
    }

    /// Carries a decision out, unless the run before this one holds it, or the instance has been expanded meanwhile.
    fn act(&mut self, graph: &Graph, at: (TaskIx, i32), (decision, reason): Verdict, now: Timestamp, plan: &mut Plan) {
        let open = |ti: &super::node::Ti| ti.undecided(now) || (ti.marks > 0 && ti.not_begun());
        if !self.nodes[at.0.at()].ti(at.1).is_some_and(open) {
            return;
        }
        let form = graph.task_form(at.0);
        let waits = match decision {
            Decision::Wait => return self.set_past_blocked(graph, at, false),
            Decision::Run => form.needs_past(),
            Decision::Skip | Decision::UpstreamFailed => form.needs_past() && form.wait_for_past_depends_before_skipping,
        };
        if waits && !self.stopped(graph, at.0) && self.past_view.unmet(at.0).is_some() {
            return self.set_past_blocked(graph, at, true);
        }
        match decision {
            Decision::Skip => self.finish(graph, at, TaskState::Skipped, reason, now, plan),
            Decision::UpstreamFailed => self.finish(graph, at, TaskState::UpstreamFailed, reason, now, plan),
            _ if form.instant => self.finish(graph, at, TaskState::Success, "it has nothing to run", now, plan),
            _ => {
                self.shift(graph, at, Some(TaskState::Scheduled), "its dependencies are met", plan);
                plan.ready.push(at);
            }
        }
    }

    fn set_past_blocked(&mut self, graph: &Graph, (ix, map_index): (TaskIx, i32), blocked: bool) {
        if let Some(&ti) = self.nodes[ix.at()].ti(map_index)
            && ti.past_blocked != blocked
        {
            let ti = super::node::Ti { past_blocked: blocked, ..ti };
            self.replace(graph, ix, map_index, ti);
        }
    }
}

/// `fail_fast` has ended everything but teardowns.
fn stopped() -> Verdict {
    (Decision::Skip, Cow::Borrowed(FAILS_FAST))
}

fn skipped_by_branch() -> Verdict {
    (Decision::Skip, Cow::Borrowed("a task before it chose another way"))
}
