//! The attempt service over HTTP: what both ends agree on (`docs/reference/execution-api.md`).
//!
//! *Authority:* none of its own. Each request is one call of [`crate::service::AttemptService`], and rows decide. *Tokens:* a worker shows a secret of the
//! configuration once and gets a token of its own; each claim that it wins brings a token for that attempt alone.

mod refusal;
mod token;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::service::{Lease, Start, WorkerInfo};

pub use refusal::Refusal;
pub use token::{Claims, LOGS, Scope, TokenError, Tokens};

/// Raised when workers and control planes of two releases could not understand each other.
pub const PROTOCOL: u32 = 1;
/// Header of an answer with a token that replaces the one that was shown: that one ends soon.
pub const REFRESHED: &str = "refreshed-api-token";
/// Bytes of a report or of a call of an attempt: more than Python's side of an attempt sends.
pub const LARGEST: usize = 80 << 20;
/// Bytes of every other message.
pub const SMALL: usize = 1 << 20;
/// Seconds that a request for hints may wait.
pub const LONGEST_WAIT: f64 = 30.0;

/// Below the base URL of a web server.
pub mod path {
    use uuid::Uuid;

    use crate::service::WorkerId;

    /// What the control plane says of itself to whoever may join.
    pub const HELLO: &str = "/execution/hello";
    pub const HEALTH: &str = "/execution/health";
    pub const WORKERS: &str = "/execution/workers";

    pub fn worker(worker: WorkerId, what: &str) -> String {
        format!("{WORKERS}/{}{what}", worker.0)
    }

    pub fn attempt(worker: WorkerId, attempt: Uuid, what: &str) -> String {
        format!("{WORKERS}/{}/attempts/{attempt}{what}", worker.0)
    }

    pub fn call(attempt: Uuid) -> String {
        format!("/execution/attempts/{attempt}/call")
    }
}

/// Answer to [`path::HELLO`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub version: String,
}

/// A worker registers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Join {
    pub protocol: u32,
    pub info: WorkerInfo,
}

/// Answer to [`Join`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Joined {
    pub lease: Lease,
    /// For everything that the worker asks from now on.
    pub token: String,
}

/// A worker asks for hints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Take {
    /// None: of all queues.
    pub queues: Vec<String>,
    pub max: usize,
    /// Seconds.
    pub wait: f64,
}

/// A claim that was won.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Won {
    pub start: Start,
    /// For the calls of this attempt.
    pub token: String,
}

/// The process of an attempt runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Began {
    pub pid: u32,
}

/// A new token for an attempt that still runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Renewed {
    pub token: String,
}

/// One beat for all attempts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pulse {
    pub running: Vec<Uuid>,
}

/// A request of a running attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    pub method: String,
    pub params: serde_json::Value,
}
