//! Expansion: how many instances, and making them.

use jiff::Timestamp;

use super::Plan;
use super::node::{Ti, index};
use super::run::Run;
use crate::graph::{ExpansionIx, Graph, TaskIx};
use crate::state::TaskState;

/// More instances than this are refused: a slip in a product of lists must not fill memory and database.
pub const MAX_INSTANCES: u32 = 100_000;

/// What is known of the number of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Known(u32),
    /// A source has not ended.
    Pending,
    /// A source was skipped.
    Skipped,
    /// A source failed, or ended without a value.
    Failed,
    /// More than [`MAX_INSTANCES`].
    TooLarge,
}

impl Run {
    /// The number of instances of an expansion.
    pub(super) fn size(&self, graph: &Graph, expansion: ExpansionIx) -> Size {
        let expansion = graph.expansion(expansion);
        let mut worst = Size::Known(0);
        for &source in &expansion.sources {
            worst = match (worst, self.source_size(source)) {
                (Size::Failed | Size::TooLarge, _) | (_, Size::Failed | Size::TooLarge) => Size::Failed,
                (Size::Pending, _) | (_, Size::Pending) => Size::Pending,
                (Size::Skipped, _) | (_, Size::Skipped) => Size::Skipped,
                (known, Size::Known(_)) => known,
            };
        }
        if !matches!(worst, Size::Known(_)) {
            return worst;
        }
        let of_task = |id: &str| match self.source_size(graph.find(id)?) {
            Size::Known(n) => Some(n),
            _ => None,
        };
        match expansion.length.value(&of_task) {
            None => Size::Failed,
            Some(n) if n > MAX_INSTANCES => Size::TooLarge,
            Some(n) => Size::Known(n),
        }
    }

    /// The length of what a task gave. Of an expanded task, the number of its instances that gave something: that some
    /// were skipped or failed is for trigger rules to judge.
    fn source_size(&self, source: TaskIx) -> Size {
        let node = &self.nodes[source.at()];
        if node.open > 0 {
            return Size::Pending;
        }
        let Some(ti) = node.single else {
            return if node.many.is_empty() { Size::Skipped } else { Size::Known(node.pushed) };
        };
        match (ti.state, ti.map_length) {
            (Some(TaskState::Success), Some(n)) => Size::Known(n),
            (Some(TaskState::Skipped), _) => Size::Skipped,
            _ => Size::Failed,
        }
    }

    /// Brings the instances of a task to the number `n`. Only when it still has something to run: what has ended stays as
    /// it is when a source runs again by itself. What was removed and is in the list again runs.
    pub(super) fn resize(&mut self, graph: &Graph, ix: TaskIx, n: u32, plan: &mut Plan) {
        let node = &self.nodes[ix.at()];
        let single_waits = node.single.is_some_and(|ti| ti.state.is_none());
        if node.length == Some(n) && !single_waits {
            return;
        }
        let had = index(node.many.len());
        let length = Some(n);
        let n = i32::try_from(n).unwrap_or(i32::MAX);
        let removed = |map_index: i32| self.state_of(ix, map_index) == Some(Some(TaskState::Removed));
        let back: Vec<i32> = (0..n.min(had)).filter(|map_index| removed(*map_index)).collect();
        if back.is_empty() && !node.has_fresh() {
            if had == n {
                self.nodes[ix.at()].length = length;
            }
            return;
        }
        self.nodes[ix.at()].length = length;
        for map_index in n.min(had)..had {
            self.remove_index(graph, ix, map_index, plan);
        }
        for map_index in back {
            self.shift(graph, (ix, map_index), None, "the list it is expanded over has it again", plan);
            self.touch_index(ix, map_index);
        }
        if n > 0 && single_waits {
            self.drop_single(graph, ix, plan);
        }
        for map_index in had..n {
            let ti = self.record_new(ix, map_index, plan);
            self.nodes[ix.at()].many.push(ti);
            self.admit(ix, map_index);
        }
        if n == 0 && self.nodes[ix.at()].single.is_none() {
            self.nodes[ix.at()].single = Some(self.record_new(ix, -1, plan));
            self.admit(ix, -1);
        }
    }

    /// A map index that the list does not have any more.
    fn remove_index(&mut self, graph: &Graph, ix: TaskIx, map_index: i32, plan: &mut Plan) {
        let node = &self.nodes[ix.at()];
        if node.ti(map_index).is_some_and(Ti::not_begun) {
            let reason = "the list it is expanded over is shorter now";
            self.shift(graph, (ix, map_index), Some(TaskState::Removed), reason, plan);
        }
    }

    /// Whether an instance waits to be expanded.
    pub(super) fn awaits_expansion(&self, graph: &Graph, ix: TaskIx, map_index: i32, now: Timestamp) -> bool {
        let mapped = graph.task(ix).expansion.is_some();
        mapped && map_index < 0 && self.nodes[ix.at()].single.is_some_and(|ti| ti.undecided(now))
    }
}
