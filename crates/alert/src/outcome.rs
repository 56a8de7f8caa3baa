//! How a try to deliver ended.

use jiff::{SignedDuration, Timestamp};
use tradewind_core::alert::Backoff;
use tradewind_store::step::Settlement;
use tradewind_store::table::alert::Outcomes;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tried {
    pub end: End,
    pub subject: Option<String>,
    pub outcomes: Outcomes,
    /// In words; with [`End::Sent`], who was refused.
    pub error: Option<String>,
    /// The other side has the message or has said that it does not take it.
    pub answered: bool,
}

/// The end itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    Sent,
    /// Another try may do. `after`: what the other side asks for.
    #[default]
    Again,
    AgainAfter(SignedDuration),
    /// Another try would end in the same way.
    Failed,
}

impl Tried {
    /// It did not get as far as handing over, or was refused for now.
    pub fn again(error: impl Into<String>) -> Self {
        Self { end: End::Again, error: Some(error.into()), answered: true, ..Self::default() }
    }

    /// It was handed over, and what became of it is not known.
    pub fn unanswered(error: impl Into<String>) -> Self {
        Self { answered: false, ..Self::again(error) }
    }

    pub fn failed(error: impl Into<String>) -> Self {
        Self { end: End::Failed, ..Self::again(error) }
    }

    pub fn sent() -> Self {
        Self { end: End::Sent, answered: true, ..Self::default() }
    }

    /// For the row.
    pub fn settlement(&self, backoff: Backoff, now: Timestamp) -> Settlement {
        match self.end {
            End::Sent => Settlement::Sent,
            End::Failed => Settlement::Failed,
            End::Again => Settlement::Again { backoff, not_before: None },
            End::AgainAfter(wait) => Settlement::Again { backoff, not_before: now.checked_add(wait).ok() },
        }
    }
}
