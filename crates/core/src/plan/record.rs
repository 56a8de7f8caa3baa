//! Writing decisions into the plan, one entry for each row.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::node::{Slot, Ti};
use super::run::Run;
use super::{NewTask, Plan, Transition};
use crate::graph::{Graph, TaskIx};
use crate::state::TaskState;

impl Run {
    /// A new instance without a state. The caller puts it into its node.
    pub(super) fn record_new(&self, ix: TaskIx, map_index: i32, plan: &mut Plan) -> Ti {
        let max_tries = self.graph.task_form(ix).retries;
        let slot = Slot::Created(place(plan.created.len()));
        plan.created.push(NewTask {
            task: ix,
            task_id: Arc::clone(&self.graph.task(ix).id),
            map_index,
            state: None,
            reason: Cow::Borrowed(""),
            try_number: 0,
            max_tries,
            start_date: None,
            end_date: None,
        });
        Ti { slot, ..Ti::default() }
    }

    /// An instance that is to have the state `to`. The caller puts the answer into its node.
    pub(super) fn record(
        &self,
        ix: TaskIx,
        map_index: i32,
        mut ti: Ti,
        to: Option<TaskState>,
        reason: impl Into<Cow<'static, str>>,
        plan: &mut Plan,
    ) -> Ti {
        let reason = reason.into();
        match ti.slot {
            Slot::Created(at) => {
                let entry = &mut plan.created[at as usize];
                entry.state = to;
                entry.reason = reason;
            }
            Slot::Changed(at) => {
                let entry = &mut plan.transitions[at as usize];
                entry.to = to;
                entry.reason = reason;
            }
            Slot::None => {
                ti.slot = Slot::Changed(place(plan.transitions.len()));
                plan.transitions.push(Transition {
                    task: Some(ix),
                    task_id: Arc::clone(&self.graph.task(ix).id),
                    map_index,
                    from: ti.state,
                    to,
                    reason,
                    try_number: ti.try_number,
                    start_date: None,
                    end_date: None,
                });
            }
        }
        ti.state = to;
        ti.wake = None;
        ti
    }

    /// Gives an instance its final state, with dates.
    pub(super) fn finish(
        &mut self,
        graph: &Graph,
        (ix, map_index): (TaskIx, i32),
        to: TaskState,
        reason: impl Into<Cow<'static, str>>,
        now: Timestamp,
        plan: &mut Plan,
    ) {
        let Some(&old) = self.nodes[ix.at()].ti(map_index) else { return };
        let mut ti = self.record(ix, map_index, old, Some(to), reason, plan);
        ti.past_blocked = false;
        ti.stops = to == TaskState::Failed && graph.form().fail_fast;
        // Success without a process: a try of no length.
        let instant = to == TaskState::Success;
        let start = (instant || !ti.started).then_some(now);
        if instant {
            ti.try_number += 1;
        }
        ti.started = true;
        match ti.slot {
            Slot::Created(at) => {
                let entry = &mut plan.created[at as usize];
                (entry.start_date, entry.end_date) = (start.or(entry.start_date), Some(now));
                entry.try_number = ti.try_number;
            }
            Slot::Changed(at) => {
                let entry = &mut plan.transitions[at as usize];
                (entry.start_date, entry.end_date) = (start.or(entry.start_date), Some(now));
                entry.try_number = ti.try_number;
            }
            Slot::None => {}
        }
        self.replace(graph, ix, map_index, ti);
    }

    /// Gives an instance a state that is not its last one.
    pub(super) fn shift(
        &mut self,
        graph: &Graph,
        (ix, map_index): (TaskIx, i32),
        to: Option<TaskState>,
        reason: &'static str,
        plan: &mut Plan,
    ) {
        let Some(&old) = self.nodes[ix.at()].ti(map_index) else { return };
        let mut ti = self.record(ix, map_index, old, to, reason, plan);
        ti.past_blocked = false;
        self.replace(graph, ix, map_index, ti);
    }

    /// Takes an instance out of the run and of the database.
    pub(super) fn drop_single(&mut self, graph: &Graph, ix: TaskIx, plan: &mut Plan) {
        let Some(ti) = self.nodes[ix.at()].single.take() else { return };
        match ti.slot {
            // Taken out when the plan is complete; others know their places by number.
            Slot::Created(at) => plan.created[at as usize].map_index = DROPPED,
            Slot::Changed(at) => {
                plan.transitions[at as usize].map_index = DROPPED;
                plan.deleted.push((ix, -1));
            }
            Slot::None => plan.deleted.push((ix, -1)),
        }
        self.leave(graph, ix, -1, &ti);
    }

    /// Takes out of the plan what it turned out not to need.
    pub(super) fn tidy(&mut self, plan: &mut Plan) {
        let changed = plan.transitions.iter().filter_map(|entry| Some((entry.task?, entry.map_index)));
        for (ix, map_index) in plan.created.iter().map(|entry| (entry.task, entry.map_index)).chain(changed) {
            // A dropped entry may be of a task that is gone.
            if map_index != DROPPED
                && let Some(ti) = self.nodes[ix.at()].ti_mut(map_index)
            {
                ti.slot = Slot::None;
            }
        }
        for stray in &mut self.strays {
            stray.ti.slot = Slot::None;
        }
        plan.created.retain(|entry| entry.map_index != DROPPED);
        plan.transitions.retain(|entry| entry.map_index != DROPPED && entry.from != entry.to);
        let nodes = &self.nodes;
        plan.ready.retain(|(ix, map_index)| nodes[ix.at()].ti(*map_index).is_some_and(|ti| ti.state == Some(TaskState::Scheduled)));
    }
}

/// No instance has this map index.
pub(super) const DROPPED: i32 = i32::MIN;

pub(super) fn place(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
