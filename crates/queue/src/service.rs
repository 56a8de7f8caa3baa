//! The attempt service: everything a worker and a running attempt may ask of the control plane.
//!
//! One interface, two transports: the local executor calls it in the same process, remote workers over HTTP. Every call names
//! the attempt; a call about an attempt that is fenced answers [`CallError::Stale`] and changes nothing (invariants 2 and 3).

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Boxed answer, so that the service can be a trait object.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, CallError>> + Send + 'a>>;

/// A worker process: the id of its `job` row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkerId(pub i64);

/// Why a call was refused. The codes are those of `docs/reference/python-frames.md`.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", content = "message", rename_all = "snake_case")]
pub enum CallError {
    /// What the call names does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It exists already, or is in a state that does not allow the call.
    #[error("{0}")]
    Conflict(String),
    /// The call itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The attempt is fenced: it is not the current one, or its lease has ended. Stop it.
    #[error("{0}")]
    Stale(String),
    /// The control plane cannot answer now; try again.
    #[error("{0}")]
    Unavailable(String),
}

/// What a worker tells of itself when it registers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkerInfo {
    pub hostname: String,
    pub unixname: String,
    pub pid: u32,
    pub queues: Vec<String>,
    pub concurrency: usize,
    /// Base URL of this worker's log server, if it has one.
    pub address: Option<String>,
    /// How others on its machine tell whether this process lives, if they can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
}

/// The lease of a worker, counted from the moment the answer was asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Lease {
    pub worker: WorkerId,
    /// Seconds the lease lasts from the moment the request was sent.
    pub seconds: f64,
}

/// A hint that an attempt waits to be claimed. It authorises nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hint {
    pub attempt_id: Uuid,
    pub queue: String,
}

/// Answer to a claim that was won.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    pub attempt_id: Uuid,
    /// The START frame for the Python process.
    pub frame: Value,
    /// Absolute path of the DAG file and of the folder it belongs to.
    pub path: String,
    pub dags_folder: String,
    /// Content hash of the file as it was last parsed; a template process of another hash is stale.
    pub source_hash: String,
    /// Path of the log file below the base log folder.
    pub log_path: String,
    /// Seconds, from the DAG file. The Python side raises first; the worker enforces it afterwards.
    pub execution_timeout: Option<f64>,
    /// Texts that must not appear in the log.
    pub secrets: Vec<String>,
    /// Proof that the claim was won, for a report that comes after this worker's registration has ended; none in the same process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// Why the control plane wants an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KillReason {
    /// Its task instance was cleared, marked or deleted.
    StateChanged,
    /// Its run timed out or was marked.
    RunEnded,
    /// It is no longer the current attempt.
    Fenced,
}

impl KillReason {
    /// Every one.
    pub const ALL: [KillReason; 3] = [KillReason::StateChanged, KillReason::RunEnded, KillReason::Fenced];

    /// Why the attempt ended, as its row says it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            KillReason::StateChanged => "ended because its task instance was cleared, marked or deleted",
            KillReason::RunEnded => "ended because its dag run has ended",
            KillReason::Fenced => "ended because it is not the current attempt",
        }
    }
}

/// Answer to a heartbeat.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beat {
    pub lease: Lease,
    pub kill: Vec<(Uuid, KillReason)>,
}

/// How an attempt ended, as its worker saw it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// The process gave this result frame.
    Result { frame: Value },
    /// The process ended without one.
    Died { exit_code: Option<i32>, signal: Option<i32>, message: String },
    /// The worker ended it on request; no retry is spent beyond what the request says.
    Killed { reason: KillReason },
    /// The worker ended it at a deadline (`execution_timeout` and grace).
    TimedOut { message: String },
    /// It never started, through no fault of the task (fork failed, file gone): queue it again.
    NotStarted { message: String },
}

/// The report of an attempt's end. Sent again until answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub attempt_id: Uuid,
    pub worker: WorkerId,
    pub end: End,
    pub end_date: Timestamp,
    /// [`Start::proof`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// The process, if there was one (for display).
    #[serde(default)]
    pub pid: Option<u32>,
}

/// Answer to a report. Late and repeated reports are answered with `accepted = false`, never with an error.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reported {
    pub accepted: bool,
    /// State of the task instance now (`success`, `failed`, `up_for_retry` ...).
    pub state: Option<String>,
}

/// See the module.
pub trait AttemptService: Send + Sync + 'static {
    fn register(&self, info: WorkerInfo) -> Answer<'_, Lease>;
    /// Waits up to `wait` seconds for hints on the worker's queues (on all when it names none); at most `max` of them.
    fn take(&self, worker: WorkerId, queues: Vec<String>, max: usize, wait: f64) -> Answer<'_, Vec<Hint>>;
    /// `None`: somebody else has it, or it is no longer wanted.
    fn claim(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, Option<Start>>;
    /// The process runs (for display). Told of attempts that run for a while; of all others the report tells it.
    fn started(&self, worker: WorkerId, attempt_id: Uuid, pid: u32) -> Answer<'_, ()>;
    /// Whether this attempt runs on this worker; [`CallError::Stale`] when not.
    fn vouch(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, ()>;
    /// Renews the lease of the worker and of all its attempts. `running`: those it knows of, also the ones that it is about to claim or to report.
    fn heartbeat(&self, worker: WorkerId, running: Vec<Uuid>) -> Answer<'_, Beat>;
    fn report(&self, report: Report) -> Answer<'_, Reported>;
    /// A request of the running attempt: `method` and `params` of `docs/reference/python-frames.md`.
    fn call(&self, attempt_id: Uuid, method: String, params: Value) -> Answer<'_, Value>;
    /// Whether the control plane itself is away for everybody, so that nobody can hand out an attempt anew. `false` when that is not known.
    fn is_away(&self) -> bool {
        false
    }
    /// The worker stops and gives its lease back.
    fn deregister(&self, worker: WorkerId) -> Answer<'_, ()>;
}
