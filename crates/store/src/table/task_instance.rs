//! `task_instance`.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::state::TaskState;
use uuid::Uuid;

use crate::{Mode, Result, Transaction, Tx, params};

row_type! {
    /// A task instance.
    #[derive(Debug, Clone, PartialEq)]
    pub struct TaskInstance as "ti" {
        run_pk: i64,
        task_id: Arc<str>,
        map_index: i32,
        dag_id: Arc<str>,
        state: Option<TaskState>,
        attempt_id: Option<Uuid>,
        try_number: u32,
        max_tries: u32,
        operator: String,
        pool: String,
        pool_slots: i64,
        queue: String,
        executor: Option<String>,
        priority_weight: i64,
        start_date: Option<Timestamp>,
        end_date: Option<Timestamp>,
        scheduled_at: Option<Timestamp>,
        queued_at: Option<Timestamp>,
        retry_at: Option<Timestamp>,
        reschedule_at: Option<Timestamp>,
        first_poke_at: Option<Timestamp>,
        map_length: Option<u32>,
        rendered_map_index: Option<String>,
        hostname: Option<String>,
        unixname: Option<String>,
        pid: Option<i64>,
        note: Option<String>,
        note_user: Option<String>,
        version_id: Option<i64>,
        worker_losses: i64,
        updated_at: Timestamp,
    }
}

/// Names a task instance. As JSON: `[run_pk, task_id, map_index]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskKey {
    pub run_pk: i64,
    pub task_id: Arc<str>,
    /// -1: not expanded.
    pub map_index: i32,
}

impl TaskKey {
    pub fn new(run_pk: i64, task_id: impl Into<Arc<str>>, map_index: i32) -> Self {
        Self { run_pk, task_id: task_id.into(), map_index }
    }
}

impl Serialize for TaskKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        (self.run_pk, &self.task_id, self.map_index).serialize(serializer)
    }
}

impl TaskInstance {
    pub fn key(&self) -> TaskKey {
        TaskKey { run_pk: self.run_pk, task_id: self.task_id.clone(), map_index: self.map_index }
    }
}

/// One task instance.
#[derive(Debug, Clone)]
pub struct GetTaskInstance(pub TaskKey);

impl Transaction for GetTaskInstance {
    type Out = Option<TaskInstance>;
    const NAME: &'static str = "get_task_instance";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<TaskInstance>> {
        let sql = format!("SELECT {} FROM task_instance WHERE run_pk = ? AND task_id = ? AND map_index = ?", TaskInstance::COLUMNS);
        let row = tx.row(sql, params![self.0.run_pk, &self.0.task_id, self.0.map_index]).await?;
        row.map(|row| TaskInstance::read(&row, 0)).transpose()
    }
}

/// All task instances of a run.
pub(crate) async fn of_run(tx: &mut Tx<'_>, run_pk: i64) -> Result<Vec<TaskInstance>> {
    let sql = format!("SELECT {} FROM task_instance WHERE run_pk = ? ORDER BY task_id, map_index", TaskInstance::COLUMNS);
    let rows = tx.rows(sql, params![run_pk]).await?;
    rows.iter().map(|row| TaskInstance::read(row, 0)).collect()
}
