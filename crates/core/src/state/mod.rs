//! States of runs, task instances and attempts, and the edges between them.
//!
//! The names are the ones clients know. A task instance without a state is `None`; [`TASK_EDGES`], [`RUN_EDGES`] and
//! [`ATTEMPT_EDGES`] hold every legal step as data, and `next` of each lifecycle looks it up.

mod edges;
mod summary;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use edges::{ATTEMPT_EDGES, AttemptEvent, Illegal, RUN_EDGES, RunEvent, TASK_EDGES, TaskEvent, next_attempt, next_run, next_task};
pub use summary::summary;

/// A text that is not the name of a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a {kind} state; use one of {allowed}")]
pub struct UnknownState {
    kind: &'static str,
    given: String,
    allowed: String,
}

macro_rules! states {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every state, in order of declaration.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// The name in databases and interfaces.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownState;

            fn from_str(text: &str) -> Result<Self, UnknownState> {
                match text {
                    $($text => Ok($name::$variant),)+
                    _ => Err(UnknownState {
                        kind: $kind,
                        given: text.to_owned(),
                        allowed: [$($text,)+].join(", "),
                    }),
                }
            }
        }
    };
}

states! {
    /// State of a task instance; one without any is `Option::None`.
    TaskState, "task instance" {
        /// Its dependencies are met; it waits for a slot.
        Scheduled = "scheduled",
        /// It has an attempt that no worker has claimed yet.
        Queued = "queued",
        /// A worker runs its attempt.
        Running = "running",
        Success = "success",
        Failed = "failed",
        Skipped = "skipped",
        /// It can never run, because something before it failed.
        UpstreamFailed = "upstream_failed",
        /// Its attempt failed and another follows at `retry_at`.
        UpForRetry = "up_for_retry",
        /// A sensor that pokes again at `reschedule_at`.
        UpForReschedule = "up_for_reschedule",
        /// It waits for a trigger.
        Deferred = "deferred",
        /// It waits for a person.
        AwaitingInput = "awaiting_input",
        /// Its task, or its map index, is no longer part of the DAG.
        Removed = "removed",
        /// Cleared while it ran; its process is being ended.
        Restarting = "restarting",
    }
}

states! {
    /// State of a dag run.
    RunState, "dag run" {
        Queued = "queued",
        Running = "running",
        Success = "success",
        Failed = "failed",
    }
}

states! {
    /// State of an attempt.
    AttemptState, "attempt" {
        Queued = "queued",
        Running = "running",
        Success = "success",
        Failed = "failed",
        Skipped = "skipped",
        UpForRetry = "up_for_retry",
        UpForReschedule = "up_for_reschedule",
        Deferred = "deferred",
        /// Its worker's lease ended without a report.
        Lost = "lost",
        /// It is no longer wanted (cleared, marked, its run ended).
        Cancelled = "cancelled",
    }
}

impl TaskState {
    /// Nothing more happens to it, unless a user acts.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Skipped | Self::UpstreamFailed | Self::Removed)
    }

    /// `success` itself.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Success)
    }

    /// `failed` or `upstream_failed`.
    #[must_use]
    pub const fn is_failed(self) -> bool {
        matches!(self, Self::Failed | Self::UpstreamFailed)
    }

    /// Good enough for `depends_on_past`: `success` or `skipped`.
    #[must_use]
    pub const fn satisfies_past(self) -> bool {
        matches!(self, Self::Success | Self::Skipped)
    }

    /// It has an attempt that has not ended: stopping it takes more than a row.
    #[must_use]
    pub const fn has_attempt(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Restarting)
    }

    /// The planner decides when it goes on: `up_for_retry` or `up_for_reschedule`.
    #[must_use]
    pub const fn waits_for_time(self) -> bool {
        matches!(self, Self::UpForRetry | Self::UpForReschedule)
    }
}

impl RunState {
    /// `success` or `failed`.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

impl AttemptState {
    /// Anything but `queued` and `running`.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}
