//! The attempt service over the store, in the same process.
//!
//! *Authority:* rows. What is kept here in memory (forms of DAG versions, facts of running attempts) is a cache. *Failure:* an error of the database is
//! `Unavailable`; the worker tries again, and every step can be repeated.

mod alerts;
mod assets;
mod calls;
mod fire;
mod forms;
mod frames;
mod lend;
mod outcome;
mod running;
mod serve;
mod start;
mod told;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tradewind_core::alert::Policy;
use tradewind_core::plan::{Skips, TaskRow};
use tradewind_store::Store;
use tradewind_store::table::task_instance::TaskInstance;

use crate::attempt_log::LogTemplate;
use crate::changes::Changes;
use crate::hint_queue::HintQueue;
use crate::service::WorkerId;
pub use fire::{Fire, TriggerPlace};
use forms::Forms;
use running::Running;

/// Settings of the service.
#[derive(Debug, Clone)]
pub struct ControlOptions {
    /// Lease of a worker and of all its attempts.
    pub lease: Duration,
    /// Folder of the DAG files, absolute.
    pub dags_folder: String,
    /// Base URL of the web server, for links in task contexts.
    pub base_url: String,
    /// `[core] max_task_retry_delay`, seconds.
    pub max_task_retry_delay: f64,
    /// `section.key` -> text: what Python's `conf` shall answer.
    pub config: serde_json::Value,
    /// Texts that no log may show.
    pub secrets: Vec<String>,
    pub version: String,
    /// `[logging] log_filename_template`.
    pub log_template: LogTemplate,
    /// Whom to tell of the ends of tasks.
    pub alerts: Arc<Policy>,
}

/// See the module.
#[derive(Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    queue: Arc<dyn HintQueue>,
    changes: Changes,
    options: ControlOptions,
    forms: Forms,
    running: Running,
    /// What workers said of themselves, for display.
    workers: Mutex<HashMap<WorkerId, serde_json::Value>>,
}

impl Control {
    pub fn new(store: Store, queue: Arc<dyn HintQueue>, changes: Changes, options: ControlOptions) -> Self {
        Self {
            inner: Arc::new(Inner {
                forms: Forms::new(store.clone()),
                store,
                queue,
                changes,
                options,
                running: Running::default(),
                workers: Mutex::default(),
            }),
        }
    }
}

/// The planner's view of a row.
pub fn task_row(ti: &TaskInstance) -> TaskRow {
    TaskRow {
        task_id: ti.task_id.clone(),
        map_index: ti.map_index,
        state: ti.state,
        try_number: ti.try_number,
        max_tries: ti.max_tries,
        map_length: ti.map_length,
        retry_at: ti.retry_at,
        reschedule_at: ti.reschedule_at,
        start_date: ti.start_date,
        end_date: ti.end_date,
    }
}

/// Key of the XCom that keeps what a branch or short circuit skips.
pub const SKIP_KEY: &str = "skipmixin_key";

/// The text kept under [`SKIP_KEY`]: `{"skipped": [task or [task, map index], ...]}`.
pub fn skip_text(skips: &[(Arc<str>, Option<i32>)]) -> String {
    let entries: Vec<serde_json::Value> =
        skips.iter().map(|(task, index)| index.map_or_else(|| serde_json::json!(task), |index| serde_json::json!([task, index]))).collect();
    serde_json::json!({"skipped": entries}).to_string()
}

/// Reads [`skip_text`]; anything else skips nothing.
pub fn skips_of(text: &str) -> Skips {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| value["skipped"].as_array().map(|entries| outcome::skips(entries)))
        .unwrap_or_default()
}
