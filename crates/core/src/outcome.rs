//! How a dag run ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::state::RunState;

/// Why a run ended; the `reason` that DAG callbacks see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    Success,
    TaskFailure,
    AllTasksDeadlocked,
    TimedOut,
}

impl EndReason {
    /// The name that callbacks see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            EndReason::Success => "success",
            EndReason::TaskFailure => "task_failure",
            EndReason::AllTasksDeadlocked => "all_tasks_deadlocked",
            EndReason::TimedOut => "timed_out",
        }
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEnd {
    pub state: RunState,
    pub reason: EndReason,
}

/// What is left of a run, as counts of task instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Not finished.
    pub unfinished: u32,
    /// Of these, the ones that something will move: they have a state.
    pub moving: u32,
    /// Of these, the ones that wait for the run before this one.
    pub past_blocked: u32,
    /// Failed or `upstream_failed` instances of effective leaves.
    pub leaf_failed: u32,
}

impl Tally {
    /// The end of the run, when it has come. With work left that nothing will ever move the run is deadlocked.
    #[must_use]
    pub const fn end(&self) -> Option<RunEnd> {
        let (state, reason) = if self.unfinished == 0 {
            if self.leaf_failed > 0 { (RunState::Failed, EndReason::TaskFailure) } else { (RunState::Success, EndReason::Success) }
        } else if self.moving == 0 && self.past_blocked == 0 {
            (RunState::Failed, EndReason::AllTasksDeadlocked)
        } else {
            return None;
        };
        Some(RunEnd { state, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_by_its_leaves_or_deadlocked() {
        let done = Tally::default();
        assert_eq!(done.end().map(|end| end.state), Some(RunState::Success));
        let failed = Tally { leaf_failed: 1, ..done };
        assert_eq!(failed.end().map(|end| end.reason), Some(EndReason::TaskFailure));
        let stuck = Tally { unfinished: 2, ..failed };
        assert_eq!(stuck.end().map(|end| end.reason), Some(EndReason::AllTasksDeadlocked));
        assert_eq!(Tally { moving: 1, ..stuck }.end(), None);
        assert_eq!(Tally { past_blocked: 1, ..stuck }.end(), None);
    }
}
