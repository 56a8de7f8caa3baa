//! `attempt`: the tries of task instances.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::state::AttemptState;
use uuid::Uuid;

use super::task_instance::TaskKey;
use crate::{Error, Mode, Result, Transaction, Tx, params};

row_type! {
    /// One attempt.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Attempt as "a" {
        id: Uuid,
        run_pk: i64,
        task_id: Arc<str>,
        map_index: i32,
        try_number: u32,
        max_tries: u32,
        state: AttemptState,
        queue: String,
        priority_weight: i64,
        pool: String,
        pool_slots: i64,
        operator: String,
        executor: Option<String>,
        queued_by: i64,
        queued_at: Timestamp,
        published_at: Timestamp,
        worker: Option<i64>,
        start_date: Option<Timestamp>,
        end_date: Option<Timestamp>,
        hostname: Option<String>,
        unixname: Option<String>,
        pid: Option<i64>,
        reason: Option<String>,
        kill_requested: Option<String>,
        rendered_map_index: Option<String>,
        version_id: Option<i64>,
    }
}

/// One attempt by its id.
#[derive(Debug, Clone, Copy)]
pub struct GetAttempt(pub Uuid);

impl Transaction for GetAttempt {
    type Out = Option<Attempt>;
    const NAME: &'static str = "get_attempt";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Attempt>> {
        let row = tx.row(format!("SELECT {} FROM attempt WHERE id = ?", Attempt::COLUMNS), params![self.0]).await?;
        row.map(|row| Attempt::read(&row, 0)).transpose()
    }
}

/// The task instance of an attempt. It never changes, so it is read without a lock.
pub(crate) async fn key_of(tx: &mut Tx<'_>, attempt_id: Uuid) -> Result<Option<TaskKey>> {
    let row = tx.row("SELECT run_pk, task_id, map_index FROM attempt WHERE id = ?", params![attempt_id]).await?;
    row.map(|row| Ok(TaskKey { run_pk: row.get(0)?, task_id: row.get(1)?, map_index: row.get(2)? })).transpose()
}

/// The attempts of a task instance, oldest first.
#[derive(Debug, Clone)]
pub struct AttemptsOf(pub TaskKey);

impl Transaction for AttemptsOf {
    type Out = Vec<Attempt>;
    const NAME: &'static str = "attempts_of";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Attempt>> {
        let sql =
            format!("SELECT {} FROM attempt WHERE run_pk = ? AND task_id = ? AND map_index = ? ORDER BY try_number, id", Attempt::COLUMNS);
        let rows = tx.rows(sql, params![self.0.run_pk, &self.0.task_id, self.0.map_index]).await?;
        rows.iter().map(|row| Attempt::read(row, 0)).collect()
    }
}

/// The attempts that run on a worker according to the rows, and have for a while.
#[derive(Debug, Clone, Copy)]
pub struct RunningOn {
    pub worker: i64,
    /// Since they were claimed.
    pub longer_than: SignedDuration,
}

impl Transaction for RunningOn {
    type Out = Vec<Uuid>;
    const NAME: &'static str = "running_on";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Uuid>> {
        let before = tx.now().checked_sub(self.longer_than).map_err(|error| Error::invalid("the age of an attempt", error))?;
        let sql = "SELECT id FROM attempt WHERE worker = ? AND state = 'running' AND start_date <= ?";
        let rows = tx.rows(sql, params![self.worker, before]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// The attempts of a worker that somebody wants ended, and why.
#[derive(Debug, Clone, Copy)]
pub struct KillsOf {
    pub worker: i64,
}

impl Transaction for KillsOf {
    type Out = Vec<(Uuid, String)>;
    const NAME: &'static str = "kills_of";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<(Uuid, String)>> {
        let sql = "SELECT id, kill_requested FROM attempt WHERE worker = ? AND state = 'running' AND kill_requested IS NOT NULL";
        let rows = tx.rows(sql, params![self.worker]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}
