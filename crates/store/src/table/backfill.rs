//! `backfill`: read, paused, cancelled, completed.

use jiff::Timestamp;

use super::dag_run::Changed;
use super::event_log::{self, NewEvent};
use crate::{Mode, Result, Transaction, Tx, Value, params};

row_type! {
    /// A backfill.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Backfill as "b" {
        id: i64,
        dag_id: String,
        from_date: Timestamp,
        to_date: Timestamp,
        /// JSON text of an object.
        dag_run_conf: String,
        is_paused: bool,
        /// `none`, `failed`, `completed`.
        reprocess_behavior: String,
        max_active_runs: i64,
        run_backwards: bool,
        triggering_user_name: Option<String>,
        created_at: Timestamp,
        updated_at: Timestamp,
        completed_at: Option<Timestamp>,
    }
}

/// One backfill by its number.
pub(crate) async fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<Backfill>> {
    let row = tx.row(format!("SELECT {} FROM backfill WHERE id = ?", Backfill::COLUMNS), params![id]).await?;
    row.map(|row| Backfill::read(&row, 0)).transpose()
}

/// One backfill.
#[derive(Debug, Clone, Copy)]
pub struct GetBackfill {
    pub id: i64,
}

impl Transaction for GetBackfill {
    type Out = Option<Backfill>;
    const NAME: &'static str = "get_backfill";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Backfill>> {
        by_id(tx, self.id).await
    }
}

/// What becomes of a backfill's dates: how many runs in each state, and how many dates have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackfillProgress {
    pub queued: i64,
    pub running: i64,
    pub success: i64,
    pub failed: i64,
    /// Dates that have no run of this backfill.
    pub skipped: i64,
}

/// The dates of a backfill, counted.
#[derive(Debug, Clone, Copy)]
pub struct GetBackfillProgress {
    pub id: i64,
}

impl Transaction for GetBackfillProgress {
    type Out = BackfillProgress;
    const NAME: &'static str = "get_backfill_progress";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<BackfillProgress> {
        let count = |state| format!("COALESCE(SUM(CASE WHEN r.state = '{state}' THEN 1 ELSE 0 END), 0)");
        let sql = format!(
            "SELECT {}, {}, {}, {}, COALESCE(SUM(CASE WHEN r.id IS NULL THEN 1 ELSE 0 END), 0)
            FROM backfill_dag_run d LEFT JOIN dag_run r ON r.id = d.run_pk AND r.backfill_id = d.backfill_id WHERE d.backfill_id = ?",
            count("queued"),
            count("running"),
            count("success"),
            count("failed")
        );
        let Some(row) = tx.row(sql, params![self.id]).await? else { return Ok(BackfillProgress::default()) };
        Ok(BackfillProgress { queued: row.get(0)?, running: row.get(1)?, success: row.get(2)?, failed: row.get(3)?, skipped: row.get(4)? })
    }
}

/// What somebody does to an active backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillAct {
    /// No further run starts.
    Pause,
    Unpause,
    /// Runs that wait end as failed; those that run go on.
    Cancel,
}

/// See [`BackfillAct`].
#[derive(Debug, Clone)]
pub struct ChangeBackfill {
    pub id: i64,
    pub act: BackfillAct,
    pub user: String,
}

/// Outcome of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum BackfillChanged {
    /// The backfill as it is now, and the runs that were ended.
    Done(Box<Backfill>, Vec<Changed>),
    /// It has ended; nothing changed.
    Completed,
    NoBackfill,
}

impl Transaction for ChangeBackfill {
    type Out = BackfillChanged;
    const NAME: &'static str = "change_backfill";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<BackfillChanged> {
        let now = tx.now();
        let sql = match self.act {
            BackfillAct::Pause => "UPDATE backfill SET is_paused = 1, updated_at = ? WHERE id = ? AND completed_at IS NULL",
            BackfillAct::Unpause => "UPDATE backfill SET is_paused = 0, updated_at = ? WHERE id = ? AND completed_at IS NULL",
            BackfillAct::Cancel => {
                "UPDATE backfill SET is_paused = 1, completed_at = ?, updated_at = ? WHERE id = ? AND completed_at IS NULL"
            }
        };
        let values = if self.act == BackfillAct::Cancel { params![now, now, self.id].to_vec() } else { params![now, self.id].to_vec() };
        let changed = tx.exec(sql, &values).await? == 1;
        let Some(backfill) = by_id(tx, self.id).await? else { return Ok(BackfillChanged::NoBackfill) };
        if !changed {
            return Ok(BackfillChanged::Completed);
        }
        let ended = if self.act == BackfillAct::Cancel { self.end_queued(tx).await? } else { Vec::new() };
        let event = match self.act {
            BackfillAct::Pause => "pause_backfill",
            BackfillAct::Unpause => "unpause_backfill",
            BackfillAct::Cancel => "cancel_backfill",
        };
        let event = NewEvent {
            event: event.to_owned(),
            dag_id: Some(backfill.dag_id.clone()),
            owner: Some(self.user.clone()),
            extra: Some(format!("{{\"backfill_id\": {}}}", self.id)),
            ..NewEvent::default()
        };
        event_log::insert(tx, std::slice::from_ref(&event)).await?;
        Ok(BackfillChanged::Done(Box::new(backfill), ended))
    }
}

impl ChangeBackfill {
    async fn end_queued(&self, tx: &mut Tx<'_>) -> Result<Vec<Changed>> {
        let now = tx.now();
        let sql = "UPDATE dag_run SET state = 'failed', end_date = ?, owner_job = NULL, owner_term = NULL, change_seq = change_seq + 1,
                updated_at = ? WHERE backfill_id = ? AND state = 'queued'
            RETURNING id, dag_id, run_id, state, change_seq, owner_job";
        tx.rows(sql, params![now, now, self.id]).await?.iter().map(Changed::read).collect()
    }
}

/// Whether a backfill has come to its end: a cheap look before [`CompleteBackfills`].
#[derive(Debug, Clone, Copy)]
pub struct BackfillsDone;

const DONE: &str = "completed_at IS NULL AND NOT EXISTS (SELECT 1 FROM dag_run r WHERE r.backfill_id = backfill.id
    AND r.state IN ('queued', 'running'))";

impl Transaction for BackfillsDone {
    type Out = bool;
    const NAME: &'static str = "backfills_done";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(tx.row(format!("SELECT 1 FROM backfill WHERE {DONE} LIMIT 1"), params![]).await?.is_some())
    }
}

/// Ends the backfills all of whose runs have ended.
#[derive(Debug, Clone, Copy)]
pub struct CompleteBackfills;

impl Transaction for CompleteBackfills {
    /// The ids of their DAGs.
    type Out = Vec<String>;
    const NAME: &'static str = "complete_backfills";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>> {
        let now = tx.now();
        let sql = format!("SELECT id, dag_id FROM backfill WHERE {DONE} ORDER BY id");
        let done = tx.rows(sql, params![]).await?;
        let ids = done.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>>>()?;
        if !ids.is_empty() {
            let sql = "UPDATE backfill SET completed_at = ?, updated_at = ?
                WHERE completed_at IS NULL AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";
            tx.exec(sql, params![now, now, Value::json(&ids)?]).await?;
        }
        done.iter().map(|row| row.get(1)).collect()
    }
}
