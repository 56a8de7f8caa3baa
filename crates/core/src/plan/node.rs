//! What a run keeps for each task.

use jiff::Timestamp;

use crate::graph::TaskIx;
use crate::state::TaskState;
use crate::trigger_rule::{Counts, Decision};

/// A task instance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ti {
    pub state: Option<TaskState>,
    /// It has a start date.
    pub started: bool,
    /// It would be decided about, were it not for the run before this one.
    pub past_blocked: bool,
    /// A failure that ends the others (`fail_fast`).
    pub stops: bool,
    /// How many finished tasks say that it is to be skipped.
    pub marks: u16,
    /// Where the plan that is being made speaks of it.
    pub slot: Slot,
    pub try_number: u32,
    pub map_length: Option<u32>,
    /// `up_for_retry` and `up_for_reschedule`: when it goes on.
    pub wake: Option<Timestamp>,
}

/// Tasks that an instance skips, with the map index or all.
pub(super) type Targets = Vec<(TaskIx, Option<i32>)>;

/// Place in a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Slot {
    #[default]
    None,
    Created(u32),
    Changed(u32),
}

impl Ti {
    pub(super) fn unfinished(&self) -> bool {
        !self.state.is_some_and(TaskState::is_finished)
    }

    /// The planner may decide about it now.
    pub(super) fn undecided(&self, now: Timestamp) -> bool {
        match self.state {
            None => true,
            Some(state) => state.waits_for_time() && self.wake.is_none_or(|wake| wake <= now),
        }
    }

    /// Not running yet, so that a branch can still skip it and a shrinking list can still drop it.
    pub(super) fn not_begun(&self) -> bool {
        match self.state {
            None | Some(TaskState::Scheduled) => true,
            Some(state) => state.waits_for_time(),
        }
    }

    /// It is an element of what is expanded over it.
    pub(super) fn pushes(&self) -> bool {
        self.state == Some(TaskState::Success) && self.map_length.is_some_and(|n| n > 0)
    }
}

/// A task with its instances and what they look at.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Map index -1.
    pub single: Option<Ti>,
    /// Map indexes 0, 1, ...
    pub many: Vec<Ti>,
    /// Upstream instances that all instances look at.
    pub counts: Counts,
    /// The same for setups or work around the task.
    pub around: Counts,
    /// Upstream instances that one map index looks at; as long as `many`, or empty when no upstream is in the same mapped
    /// group.
    pub own: Vec<(Counts, Counts)>,
    /// Unfinished instances.
    pub open: u32,
    /// Instances in `many` that push a value.
    pub pushed: u32,
    /// What `counts` and `around` said last.
    pub last: Option<Decision>,
    /// The number of instances that `many` was last brought to.
    pub length: Option<u32>,
    pub dirty: Dirty,
}

/// What is to be looked at again.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    /// It is in the queue.
    pub queued: bool,
    /// What all instances look at has changed.
    pub shared: bool,
    /// All instances, even when the decision is the same as before.
    pub all: bool,
    /// These map indexes.
    pub indexes: Vec<i32>,
}

impl Node {
    pub(super) fn ti(&self, map_index: i32) -> Option<&Ti> {
        match usize::try_from(map_index) {
            Ok(at) => self.many.get(at),
            Err(_) => self.single.as_ref(),
        }
    }

    pub(super) fn ti_mut(&mut self, map_index: i32) -> Option<&mut Ti> {
        match usize::try_from(map_index) {
            Ok(at) => self.many.get_mut(at),
            Err(_) => self.single.as_mut(),
        }
    }

    /// All map indexes.
    pub(super) fn indexes(&self) -> impl Iterator<Item = i32> + use<> {
        let single = self.single.is_some().then_some(-1);
        single.into_iter().chain(0..index(self.many.len()))
    }

    /// All instances.
    pub(super) fn instances(&self) -> impl Iterator<Item = (i32, &Ti)> {
        let single = self.single.iter().map(|ti| (-1, ti));
        single.chain((0..).zip(&self.many))
    }

    /// Whether an instance has no state yet.
    pub(super) fn has_fresh(&self) -> bool {
        self.instances().any(|(_, ti)| ti.state.is_none())
    }
}

/// A length as a map index.
pub(super) fn index(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_a_thousand_tasks_takes_well_under_a_megabyte() {
        assert!(size_of::<Ti>() <= 64, "{} bytes", size_of::<Ti>());
        assert!(size_of::<Node>() <= 320, "{} bytes", size_of::<Node>());
    }
}
