//! Taking in events.

use std::sync::Arc;

use super::node::Slot;
use super::past::PastView;
use super::record::DROPPED;
use super::run::{Run, Seed, ti_of};
use super::{Event, Plan, Skips, TaskRow};
use crate::graph::TaskIx;
use crate::state::{RunState, TaskState};

impl Run {
    pub(super) fn apply(&mut self, event: Event, plan: &mut Plan) {
        match event {
            Event::Task { row, skip } => self.apply_row(row, skip, plan),
            Event::Past(past) => {
                self.past = past;
                self.past_view = PastView::new(&self.graph, &self.past);
                let graph = Arc::clone(&self.graph);
                for ix in graph.iter().filter(|ix| graph.task_form(*ix).needs_past()) {
                    for map_index in self.nodes[ix.at()].indexes() {
                        self.touch_index(ix, map_index);
                    }
                }
            }
            Event::Timer => {}
            Event::Run { state, start_date } => {
                let started = state == RunState::Running && self.facts.state != RunState::Running;
                self.facts.state = state;
                self.facts.start_date = start_date;
                if started {
                    self.forget_stops();
                    for ix in self.graph.iter() {
                        self.touch_all(ix);
                        self.hear_scheduled(ix);
                    }
                }
            }
            Event::Graph(graph) => {
                let (seeds, marks) = self.dismantle();
                let (facts, past, stop) = (self.facts.clone(), self.past.take(), self.stop);
                *self = Run::assemble(graph, facts, seeds, marks, past, plan);
                self.stop = stop || self.stops > 0;
                // What this call has decided so far counts tasks by the graph before.
                for step in &mut plan.transitions {
                    step.task = self.graph.find(&step.task_id);
                }
                for new in &mut plan.created {
                    new.task = self.graph.find(&new.task_id).unwrap_or(new.task);
                }
            }
        }
    }

    /// What failed before the run was started again ends nothing now.
    fn forget_stops(&mut self) {
        for node in &mut self.nodes {
            for ti in node.single.iter_mut().chain(&mut node.many) {
                ti.stops = false;
            }
        }
        self.stops = 0;
    }

    fn apply_row(&mut self, row: TaskRow, skip: Skips, plan: &mut Plan) {
        let ix = self.graph.find(&row.task_id);
        let Some(ix) = ix.filter(|ix| self.has_place(*ix, row.map_index)) else {
            if row.state == Some(TaskState::Success) {
                self.keep_skips(Arc::clone(&row.task_id), row.map_index, skip);
            }
            self.apply_stray(ix, row, plan);
            return;
        };
        let graph = Arc::clone(&self.graph);
        let ti = ti_of(&graph, &self.facts, &row);
        self.stop |= ti.stops;
        if let Some(old) = self.nodes[ix.at()].ti(row.map_index) {
            void(old.slot, plan);
            self.replace(&graph, ix, row.map_index, ti);
        } else {
            let node = &mut self.nodes[ix.at()];
            if row.map_index < 0 {
                node.single = Some(ti);
            } else {
                node.many.push(ti);
            }
            self.admit(ix, row.map_index);
        }
        if ti.state == Some(TaskState::Success) {
            self.keep_skips(row.task_id, row.map_index, skip);
        }
        if ti.state.is_none() {
            // It may be beyond the end of the list.
            self.nodes[ix.at()].length = None;
        }
        if ti.state == Some(TaskState::Scheduled) {
            self.unheard.push((ix, row.map_index));
        }
        self.touch_index(ix, row.map_index);
    }

    /// Keeps in mind what rows say is `scheduled`.
    pub(super) fn hear_scheduled(&mut self, ix: TaskIx) {
        let scheduled = self.nodes[ix.at()].instances().filter(|(_, ti)| ti.state == Some(TaskState::Scheduled));
        self.unheard.extend(scheduled.map(|(map_index, _)| (ix, map_index)));
    }

    /// Whether the node has, or can take, an instance with this index. One without index makes way for its expansion.
    fn has_place(&self, ix: TaskIx, map_index: i32) -> bool {
        let node = &self.nodes[ix.at()];
        let mapped = self.graph.task(ix).expansion.is_some();
        match usize::try_from(map_index) {
            Err(_) => node.single.is_some() || node.many.is_empty(),
            Ok(at) => mapped && at <= node.many.len(),
        }
    }

    /// Counts an instance that has just been put into its node.
    pub(super) fn admit(&mut self, ix: TaskIx, map_index: i32) {
        let graph = Arc::clone(&self.graph);
        let marks = self.marks_on(ix, map_index);
        if map_index >= 0 && graph.task(ix).has_index_upstreams {
            let own = self.own_counts(&graph, ix, map_index);
            self.nodes[ix.at()].own.push(own);
        }
        if let Some(ti) = self.nodes[ix.at()].ti_mut(map_index) {
            ti.marks = marks;
            let ti = *ti;
            self.enter(&graph, ix, map_index, &ti);
        }
        self.touch_index(ix, map_index);
    }

    /// Something about an instance that the graph has no place for.
    fn apply_stray(&mut self, task: Option<TaskIx>, row: TaskRow, plan: &mut Plan) {
        let same = |seed: &Seed| seed.task_id == row.task_id && seed.map_index == row.map_index;
        if let Some(at) = self.strays.iter().position(same) {
            let old = self.strays.swap_remove(at);
            void(old.ti.slot, plan);
            self.tally.unfinished -= u32::from(old.ti.unfinished());
            self.tally.moving -= u32::from(old.ti.unfinished());
        }
        let seed = Seed { ti: ti_of(&self.graph, &self.facts, &row), task_id: row.task_id, map_index: row.map_index };
        // An expanded instance is gone from the database, so nothing about it is news.
        if task.is_none() || seed.map_index >= 0 {
            self.place_stray(task, seed, plan);
        }
    }
}

/// What was decided about the row that an instance had before is not to be written.
fn void(slot: Slot, plan: &mut Plan) {
    match slot {
        Slot::None => {}
        Slot::Created(at) => plan.created[at as usize].map_index = DROPPED,
        Slot::Changed(at) => plan.transitions[at as usize].map_index = DROPPED,
    }
}
