//! Keeping counts: what a change of one instance means for those that look at it.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;

use super::Skips;
use super::node::Ti;
use super::run::Run;
use crate::graph::{Dependent, Graph, Link, TaskIx};
use crate::state::TaskState;
use crate::trigger_rule::Counts;

impl Run {
    /// An instance is part of the run from now on.
    pub(super) fn enter(&mut self, graph: &Graph, ix: TaskIx, map_index: i32, ti: &Ti) {
        self.weigh(graph, ix, map_index, ti, |count| *count += 1);
        for dependent in &graph.task(ix).dependents {
            if let Some(state) = seen(map_index, ti.state) {
                self.with_counts(*dependent, map_index, |counts, setup| counts.add(state, setup));
            }
        }
        self.touch_fed(graph, ix);
        if let Some(wake) = ti.wake {
            self.timers.push(Reverse((wake, ix, map_index)));
        }
    }

    /// An instance is no part of the run any more.
    pub(super) fn leave(&mut self, graph: &Graph, ix: TaskIx, map_index: i32, ti: &Ti) {
        self.weigh(graph, ix, map_index, ti, |count| *count -= 1);
        for dependent in &graph.task(ix).dependents {
            if let Some(state) = seen(map_index, ti.state) {
                self.with_counts(*dependent, map_index, |counts, setup| counts.subtract(state, setup));
            }
        }
        self.touch_fed(graph, ix);
    }

    /// An instance becomes `new`; its skip marks stay.
    pub(super) fn replace(&mut self, graph: &Graph, ix: TaskIx, map_index: i32, mut new: Ti) {
        let Some(place) = self.nodes[ix.at()].ti_mut(map_index) else { return };
        let old = *place;
        new.marks = old.marks;
        *place = new;
        self.weigh(graph, ix, map_index, &old, |count| *count -= 1);
        self.weigh(graph, ix, map_index, &new, |count| *count += 1);
        if let Some(wake) = new.wake {
            self.timers.push(Reverse((wake, ix, map_index)));
        }
        if old.state != new.state {
            let (from, to) = (seen(map_index, old.state), seen(map_index, new.state));
            for dependent in &graph.task(ix).dependents {
                self.with_counts(*dependent, map_index, |counts, setup| match (from, to) {
                    (Some(from), Some(to)) => counts.change(from, to, setup),
                    (Some(from), None) => counts.subtract(from, setup),
                    (None, Some(to)) => counts.add(to, setup),
                    (None, None) => {}
                });
            }
            self.turn_marks(ix, map_index, old.state, new.state);
        }
        if old.state != new.state || old.map_length != new.map_length {
            self.touch_fed(graph, ix);
        }
    }

    /// The tallies that one instance is part of.
    fn weigh(&mut self, graph: &Graph, ix: TaskIx, map_index: i32, ti: &Ti, by: impl Fn(&mut u32)) {
        let node = &mut self.nodes[ix.at()];
        if ti.unfinished() {
            by(&mut self.tally.unfinished);
            by(&mut node.open);
            if ti.state.is_some() {
                by(&mut self.tally.moving);
            }
        }
        if map_index >= 0 && ti.pushes() {
            by(&mut node.pushed);
        }
        if ti.stops {
            by(&mut self.stops);
        }
        if ti.past_blocked {
            by(&mut self.tally.past_blocked);
        }
        if graph.task(ix).leaf && ti.state.is_some_and(TaskState::is_failed) {
            by(&mut self.tally.leaf_failed);
        }
    }

    /// The counts of a dependent that an instance is part of; its task is looked at again.
    fn with_counts(&mut self, dependent: Dependent, map_index: i32, change: impl FnOnce(&mut Counts, bool)) {
        let node = &mut self.nodes[dependent.task.at()];
        let shared = (&mut node.counts, &mut node.around);
        let (counts, around) = match usize::try_from(map_index) {
            Ok(at) if dependent.per_index => match node.own.get_mut(at) {
                Some((counts, around)) => (counts, around),
                // Not expanded yet: it counts when it is.
                None => return,
            },
            _ => shared,
        };
        match dependent.link {
            Link::Rule { setup } => change(counts, setup),
            Link::Around => change(around, false),
        }
        if dependent.per_index && map_index >= 0 {
            self.touch_index(dependent.task, map_index);
        } else {
            node.dirty.shared = true;
            self.touch(dependent.task);
        }
    }

    /// The counts of one map index, from nothing.
    pub(super) fn own_counts(&self, graph: &Graph, ix: TaskIx, map_index: i32) -> (Counts, Counts) {
        let task = graph.task(ix);
        let mut own = (Counts::default(), Counts::default());
        for &before in task.upstream.iter().chain(&task.scope).chain(&task.setups) {
            let ti = self.nodes[before.at()].ti(map_index);
            let links = graph.task(before).dependents.iter();
            for dependent in links.filter(|dependent| dependent.task == ix && dependent.per_index) {
                if let Some(state) = ti.and_then(|ti| seen(map_index, ti.state)) {
                    match dependent.link {
                        Link::Rule { setup } => own.0.add(state, setup),
                        Link::Around => own.1.add(state, false),
                    }
                }
            }
        }
        own
    }

    /// The task is to be looked at again.
    pub(super) fn touch(&mut self, ix: TaskIx) {
        let dirty = &mut self.nodes[ix.at()].dirty;
        if !std::mem::replace(&mut dirty.queued, true) {
            self.queue.push(ix);
        }
    }

    /// One of its instances is to be looked at again.
    pub(super) fn touch_index(&mut self, ix: TaskIx, map_index: i32) {
        let dirty = &mut self.nodes[ix.at()].dirty;
        if !dirty.all && dirty.indexes.last() != Some(&map_index) {
            dirty.indexes.push(map_index);
        }
        self.touch(ix);
    }

    /// All of its instances are to be looked at again.
    pub(super) fn touch_all(&mut self, ix: TaskIx) {
        self.nodes[ix.at()].dirty.all = true;
        self.touch(ix);
    }

    /// What is expanded over the values of a task is to be looked at again.
    fn touch_fed(&mut self, graph: &Graph, ix: TaskIx) {
        for feed in &graph.task(ix).feeds {
            for member in &graph.expansion(*feed).members {
                self.touch(*member);
            }
        }
    }

    /// Instances whose time has come are to be looked at again.
    pub(super) fn ring(&mut self, now: Timestamp) {
        while let Some(&Reverse((at, ix, map_index))) = self.timers.peek() {
            let waiting = |ti: &&Ti| ti.state.is_some_and(TaskState::waits_for_time) && ti.wake == Some(at);
            let current = self.nodes[ix.at()].ti(map_index).filter(waiting).is_some();
            if current && at > now {
                return;
            }
            self.timers.pop();
            if current {
                self.touch_index(ix, map_index);
            }
        }
    }

    /// Keeps the skips that an instance decided.
    pub(super) fn keep_skips(&mut self, task_id: Arc<str>, map_index: i32, skip: Skips) {
        if let Some(source) = self.graph.find(&task_id) {
            self.set_marks(source, map_index, &skip);
        }
        if skip.is_empty() {
            self.skips.remove(&(task_id, map_index));
        } else {
            self.skips.insert((task_id, map_index), skip);
        }
    }

    fn set_marks(&mut self, source: TaskIx, map_index: i32, skip: &Skips) {
        let state = self.nodes[source.at()].ti(map_index).and_then(|ti| ti.state);
        self.turn_marks(source, map_index, state, None);
        let targets: Vec<_> = skip
            .iter()
            .filter_map(|(id, at)| Some((self.graph.find(id)?, *at)))
            // A teardown cleans up whatever was chosen.
            .filter(|(target, _)| !self.graph.task_form(*target).is_teardown)
            .map(|(target, at)| {
                let same = map_index >= 0 && self.graph.same_mapped_group(source, target);
                (target, at.or_else(|| same.then_some(map_index)))
            })
            .collect();
        if targets.is_empty() {
            self.marks.remove(&(source, map_index));
        } else {
            self.marks.insert((source, map_index), targets);
        }
        self.turn_marks(source, map_index, None, state);
    }

    /// Marks apply while their source is a success.
    fn turn_marks(&mut self, source: TaskIx, map_index: i32, from: Option<TaskState>, to: Option<TaskState>) {
        let success = Some(TaskState::Success);
        if (from == success) == (to == success) || self.marks.is_empty() {
            return;
        }
        let Some(targets) = self.marks.get(&(source, map_index)).cloned() else { return };
        for (target, at) in targets {
            let indexes: Vec<i32> = match at {
                Some(at) => vec![at],
                None => self.nodes[target.at()].indexes().collect(),
            };
            for at in indexes {
                if let Some(ti) = self.nodes[target.at()].ti_mut(at) {
                    ti.marks = if to == success { ti.marks.saturating_add(1) } else { ti.marks.saturating_sub(1) };
                    self.touch_index(target, at);
                }
            }
        }
    }

    /// How many marks are on an instance.
    pub(super) fn marks_on(&self, ix: TaskIx, map_index: i32) -> u16 {
        let applies = |source: &(TaskIx, i32)| {
            let ti = self.nodes[source.0.at()].ti(source.1);
            ti.is_some_and(|ti| ti.state == Some(TaskState::Success))
        };
        let sources = self.marks.iter().filter(|(source, _)| applies(source));
        let on = |(target, at): &&(TaskIx, Option<i32>)| *target == ix && at.is_none_or(|at| at == map_index);
        sources
            .map(|(_, targets)| targets.iter().filter(on).count())
            .fold(0, |all, n| all.saturating_add(u16::try_from(n).unwrap_or(u16::MAX)))
    }
}

/// The state as others see it; `None` for a map index that is gone.
fn seen(map_index: i32, state: Option<TaskState>) -> Option<Option<TaskState>> {
    (map_index < 0 || state != Some(TaskState::Removed)).then_some(state)
}
