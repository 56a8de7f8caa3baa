//! What a channel can tell of an alert: kept as JSON with the alert, so that it can be told even when run and DAG are gone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AlertKind;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub dag_id: String,
    pub dag_display_name: String,
    pub owners: Vec<String>,
    pub tags: Vec<String>,
    /// Zone of the DAG.
    pub timezone: String,
    pub run: Option<RunFacts>,
    pub task: Option<TaskFacts>,
    pub error: Option<ErrorFacts>,
    /// Why, when there is no error of a task: a worker that was lost, a run that timed out.
    pub reason: Option<String>,
    pub late: Option<LateFacts>,
    pub digest: Option<DigestFacts>,
    pub mail: Option<MailFacts>,
}

/// How a mail that a task wrote is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailFacts {
    /// The connection that says which server; empty: the configured one.
    pub conn_id: String,
    /// Address that refusals come back to; empty: the configured sender.
    pub sender: String,
}

/// The run, as its row says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFacts {
    pub run_id: String,
    pub run_type: String,
    pub state: String,
    pub logical_date: Option<Timestamp>,
    pub data_interval_start: Option<Timestamp>,
    pub data_interval_end: Option<Timestamp>,
    pub run_after: Option<Timestamp>,
    pub queued_at: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    pub triggering_user_name: Option<String>,
}

/// The task instance, as its row says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskFacts {
    pub task_id: String,
    pub task_display_name: String,
    /// -1: not expanded.
    pub map_index: i32,
    pub rendered_map_index: Option<String>,
    pub state: String,
    pub try_number: u32,
    pub max_tries: u32,
    pub operator: String,
    pub owner: String,
    pub email: Vec<String>,
    pub pool: String,
    pub queue: String,
    pub hostname: Option<String>,
    pub unixname: Option<String>,
    pub pid: Option<i64>,
    pub queued_at: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
}

/// How a task failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorFacts {
    /// Name of the exception's class; empty when no exception was raised.
    pub class: String,
    pub message: String,
    pub traceback: String,
}

/// Which time has passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LateFacts {
    pub since: Timestamp,
    /// Seconds from `since` that were allowed.
    pub allowed: f64,
    /// Where that number comes from, in words.
    pub rule: String,
}

/// What a digest holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DigestFacts {
    pub count: u64,
    /// The first ones; more are counted only.
    pub items: Vec<DigestItem>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DigestItem {
    pub kind: AlertKind,
    pub created_at: Timestamp,
    pub facts: Facts,
}
