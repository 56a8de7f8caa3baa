//! What happened that people may want to be told, whom the policy tells of it, and how often and how late.
//!
//! A state change becomes a [`Draft`]; the store writes it, with what the rows say, in the transaction of the change. Channels read the
//! [`Facts`] when they deliver.

mod addresses;
mod backoff;
mod compose;
mod facts;
mod grouping;
mod policy;

pub use addresses::{bare, split_addresses};
pub use backoff::Backoff;
pub use compose::{run_draft, task_draft};
pub use facts::{DigestFacts, DigestItem, ErrorFacts, Facts, LateFacts, MailFacts, RunFacts, TaskFacts};
pub use grouping::{Grouping, hold};
pub use policy::{EMAIL, Policy, Recipients, Rule};

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    TaskSuccess,
    TaskFailure,
    TaskRetry,
    RunSuccess,
    RunFailure,
    /// A run takes longer than it should.
    RunLate,
    /// The time of a scheduled run has passed and it has not begun.
    RunNeverStarted,
    /// Several of the others in one message.
    Digest,
    /// A mail that a task wrote (`EmailOperator`, `send_email`).
    Mail,
}

impl AlertKind {
    /// The kinds that a channel can ask for.
    pub const EVENTS: [Self; 7] =
        [Self::TaskSuccess, Self::TaskFailure, Self::TaskRetry, Self::RunSuccess, Self::RunFailure, Self::RunLate, Self::RunNeverStarted];

    /// The word in rows, configuration and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaskSuccess => "task_success",
            Self::TaskFailure => "task_failure",
            Self::TaskRetry => "task_retry",
            Self::RunSuccess => "run_success",
            Self::RunFailure => "run_failure",
            Self::RunLate => "run_late",
            Self::RunNeverStarted => "run_never_started",
            Self::Digest => "digest",
            Self::Mail => "mail",
        }
    }
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AlertKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Digest, Self::Mail]
            .into_iter()
            .chain(Self::EVENTS)
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not an event; use one of {}", Self::EVENTS.map(Self::as_str).join(", ")))
    }
}

/// One channel, and there to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name; [`EMAIL`] is the mail that tasks ask for.
    pub channel: Arc<str>,
    /// Mail addresses; empty where the channel itself says where to.
    pub recipients: Vec<String>,
}

/// An alert to be written with the change it tells of; one row for each target.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub kind: AlertKind,
    /// The same key again (a repeated report, another scheduler) changes nothing.
    pub key: String,
    pub targets: Vec<Target>,
    /// Task and map index.
    pub task: Option<(Arc<str>, i32)>,
    /// What the form and the report say; the store adds what the rows say.
    pub facts: Facts,
}
