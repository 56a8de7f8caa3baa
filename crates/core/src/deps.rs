//! Reasons why a task instance does not run yet, under the names that users know.

use std::fmt;

use serde::{Serialize, Serializer};

/// A condition that a task instance must meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dep {
    DagrunRunning,
    TaskInstanceState,
    TriggerRule,
    PreviousDagrunState,
    NotInRetryPeriod,
    ReadyToReschedule,
    NotPreviouslySkipped,
    LogicalDate,
    MappedTaskUpstream,
    TaskMapped,
    PoolSlots,
    TaskConcurrency,
    DagConcurrency,
    DagNotPaused,
    UnknownTask,
}

impl Dep {
    /// The name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Dep::DagrunRunning => "Dagrun Running",
            Dep::TaskInstanceState => "Task Instance State",
            Dep::TriggerRule => "Trigger Rule",
            Dep::PreviousDagrunState => "Previous Dagrun State",
            Dep::NotInRetryPeriod => "Not In Retry Period",
            Dep::ReadyToReschedule => "Ready To Reschedule",
            Dep::NotPreviouslySkipped => "Not Previously Skipped",
            Dep::LogicalDate => "Logical Date",
            Dep::MappedTaskUpstream => "Mapped dependencies have succeeded",
            Dep::TaskMapped => "Task has been mapped",
            Dep::PoolSlots => "Pool Slots Available",
            Dep::TaskConcurrency => "Task Concurrency",
            Dep::DagConcurrency => "Max Active Tasks",
            Dep::DagNotPaused => "Dag Not Paused",
            Dep::UnknownTask => "Task",
        }
    }
}

impl fmt::Display for Dep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Dep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A condition that is not met, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    #[serde(rename = "name")]
    pub dep: Dep,
    pub reason: String,
}

impl Unmet {
    /// A condition and why it is not met.
    #[must_use]
    pub fn new(dep: Dep, reason: impl Into<String>) -> Unmet {
        Unmet { dep, reason: reason.into() }
    }
}
