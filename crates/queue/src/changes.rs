//! Change hints: who changed rows tells the owner of the run, and everyone who watches.
//!
//! A change carries the number (`dag_run.change_seq`) that its transaction gave it. Hints only save time: the owner compares
//! numbers and reloads what it missed.

use tokio::sync::broadcast;
use tradewind_core::plan::{Skips, TaskRow};

/// What a transaction changed.
#[derive(Debug, Clone)]
pub enum Change {
    /// A dag run appeared, or left `queued`/a finished state for `queued`.
    RunQueued { dag_id: String, run_pk: i64 },
    /// Rows of an open run were changed by someone other than its owner.
    Run { run_pk: i64, seq: i64, what: RunChange },
    /// A DAG was parsed, paused, unpaused or deleted.
    Dag { dag_id: String },
    /// For watchers only: a task instance has a new state.
    TaskState { dag_id: String, run_id: String, task_id: String, map_index: i32, state: Option<String>, try_number: i32 },
    /// For watchers only: a run has a new state.
    RunState { dag_id: String, run_id: String, state: String },
    /// Another process has committed something: compare with the rows.
    Elsewhere,
    /// The rows of a process on this machine were ended, since it is gone: what it had is for others.
    Gone,
    /// Alerts were written: couriers look at once.
    Outbox,
    /// For watchers only: an alert has a new state.
    Alert { id: i64, kind: String, channel: String, state: String, dag_id: Option<String>, run_id: Option<String>, task_id: Option<String> },
    /// Assets were updated: these DAGs may have a run to make.
    Assets { dag_ids: Vec<String> },
    /// Task instances were deferred: triggerers look at once.
    Triggers,
    /// There is work for a dag processor: callbacks or a file to parse again.
    Processor,
}

/// What happened to an open run.
#[derive(Debug, Clone)]
pub enum RunChange {
    /// One task instance changed (its attempt ended, say): the row as it is now, and what a branch skips.
    Task(Box<TaskChange>),
    /// Something else: read the rows again.
    Reload,
}

/// The part of a task instance's row that planning needs.
#[derive(Debug, Clone)]
pub struct TaskChange {
    pub row: TaskRow,
    pub skip: Skips,
}

/// The in-process bus of changes.
#[derive(Debug, Clone)]
pub struct Changes {
    sender: broadcast::Sender<Change>,
}

/// A slow watcher loses the oldest changes and is told so; the owner then compares numbers.
const BUFFER: usize = 16_384;

impl Default for Changes {
    fn default() -> Self {
        Self { sender: broadcast::channel(BUFFER).0 }
    }
}

impl Changes {
    pub fn new() -> Self {
        Self::default()
    }

    /// Never fails: without a listener nothing is lost, since rows are the truth.
    pub fn send(&self, change: Change) {
        let _ = self.sender.send(change);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
