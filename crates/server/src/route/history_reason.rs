//! Why a task instance got a state: a code and values for whoever words it in another language, and English.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::time::Time;

/// See the module. `by` is a user name; `None`: nobody knows who.
#[derive(Debug, Clone)]
pub enum StateReason {
    LooksAgainAt {
        at: Time,
    },
    WorkerLost,
    /// So often that it is not tried again.
    WorkersLost {
        times: u32,
    },
    /// Its process was ended because somebody changed its state.
    StateChanged,
    RunEnded,
    /// Its attempt was another's by then.
    Fenced,
    Marked {
        state: String,
        by: Option<String>,
    },
    Cleared {
        by: Option<String>,
    },
    RunMarked {
        state: String,
        by: Option<String>,
    },
    RunCleared {
        by: Option<String>,
    },
    UpstreamFailed,
    Skipped,
    Removed,
    /// What the task or its process said.
    Said(String),
}

impl StateReason {
    /// The stable code; `None` for what was said.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::LooksAgainAt { .. } => "looks_again_at",
            Self::WorkerLost => "worker_lost",
            Self::WorkersLost { .. } => "workers_lost",
            Self::StateChanged => "state_changed",
            Self::RunEnded => "run_ended",
            Self::Fenced => "fenced",
            Self::Marked { .. } => "marked",
            Self::Cleared { .. } => "cleared",
            Self::RunMarked { .. } => "run_marked",
            Self::RunCleared { .. } => "run_cleared",
            Self::UpstreamFailed => "upstream_failed",
            Self::Skipped => "skipped",
            Self::Removed => "removed",
            Self::Said(_) => return None,
        })
    }

    /// What the words are about, by name.
    pub fn values(&self) -> Map<String, Value> {
        let values = match self {
            Self::LooksAgainAt { at } => json!({ "at": at }),
            Self::WorkersLost { times } => json!({ "times": times }),
            Self::Marked { state, by } | Self::RunMarked { state, by } => json!({ "state": state, "by": by }),
            Self::Cleared { by } | Self::RunCleared { by } => json!({ "by": by }),
            _ => json!({}),
        };
        match values {
            Value::Object(values) => values,
            _ => Map::new(),
        }
    }
}

impl fmt::Display for StateReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = |by: &Option<String>| by.clone().unwrap_or_else(|| "somebody".to_owned());
        match self {
            Self::LooksAgainAt { at } => write!(f, "looks again at {at}"),
            Self::WorkerLost => f.write_str("its worker was lost"),
            Self::WorkersLost { times } => write!(f, "its worker was lost {times} times"),
            Self::StateChanged => f.write_str("its state was changed while it was under way"),
            Self::RunEnded => f.write_str("its run ended"),
            Self::Fenced => f.write_str("its worker was given up"),
            Self::Marked { state, by } => write!(f, "marked {state} by {}", user(by)),
            Self::Cleared { by } => write!(f, "cleared by {}", user(by)),
            Self::RunMarked { state, by } => write!(f, "its run was marked {state} by {}", user(by)),
            Self::RunCleared { by } => write!(f, "its run was cleared by {}", user(by)),
            Self::UpstreamFailed => f.write_str("something before it failed"),
            Self::Skipped => f.write_str("its trigger rule or something before it decided so"),
            Self::Removed => f.write_str("the DAG has it no more"),
            Self::Said(words) => f.write_str(words),
        }
    }
}
