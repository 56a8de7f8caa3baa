//! `dag_run`.

use std::sync::Arc;

use jiff::Timestamp;
use tradewind_core::state::RunState;

use crate::{Mode, Result, Transaction, Tx, params};

row_type! {
    /// A dag run.
    #[derive(Debug, Clone, PartialEq)]
    pub struct DagRun as "r" {
        id: i64,
        dag_id: Arc<str>,
        run_id: Arc<str>,
        run_type: String,
        state: RunState,
        logical_date: Option<Timestamp>,
        data_interval_start: Option<Timestamp>,
        data_interval_end: Option<Timestamp>,
        run_after: Timestamp,
        queued_at: Option<Timestamp>,
        start_date: Option<Timestamp>,
        end_date: Option<Timestamp>,
        triggered_by: Option<String>,
        triggering_user_name: Option<String>,
        /// JSON text.
        conf: String,
        version_id: Option<i64>,
        clear_number: i64,
        note: Option<String>,
        note_user: Option<String>,
        last_scheduling_decision: Option<Timestamp>,
        owner_job: Option<i64>,
        owner_term: Option<i64>,
        change_seq: i64,
        updated_at: Timestamp,
        backfill_id: Option<i64>,
        /// From 1 in the order in which a backfill starts its runs; 0 without one.
        backfill_order: i64,
    }
}

/// One dag run by its number.
pub(crate) async fn by_pk(tx: &mut Tx<'_>, run_pk: i64) -> Result<Option<DagRun>> {
    let row = tx.row(format!("SELECT {} FROM dag_run WHERE id = ?", DagRun::COLUMNS), params![run_pk]).await?;
    row.map(|row| DagRun::read(&row, 0)).transpose()
}

/// Locks a run until the end of the transaction: nobody plans or admits its tasks meanwhile.
pub(crate) async fn lock(tx: &mut Tx<'_>, run_pk: i64) -> Result<()> {
    tx.lock("SELECT id FROM dag_run WHERE id = ? /*! FOR UPDATE */", params![run_pk]).await
}

/// Tells the owner of a run that others changed it: raises its number. `None`: the run is gone.
pub(crate) async fn raise_change(tx: &mut Tx<'_>, run_pk: i64) -> Result<Option<Changed>> {
    let now = tx.now();
    let sql = "UPDATE dag_run SET change_seq = change_seq + 1, updated_at = ? WHERE id = ?
        RETURNING id, dag_id, run_id, state, change_seq, owner_job";
    let row = tx.row(sql, params![now, run_pk]).await?;
    row.map(|row| Changed::read(&row)).transpose()
}

/// What a change hint needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    pub run_pk: i64,
    pub dag_id: Arc<str>,
    pub run_id: Arc<str>,
    pub state: RunState,
    pub change_seq: i64,
    /// Job of the scheduler to hint.
    pub owner_job: Option<i64>,
}

impl Changed {
    /// Reads `id, dag_id, run_id, state, change_seq, owner_job`.
    pub(crate) fn read(row: &crate::Row) -> Result<Self> {
        Ok(Self {
            run_pk: row.get(0)?,
            dag_id: row.get(1)?,
            run_id: row.get(2)?,
            state: row.get(3)?,
            change_seq: row.get(4)?,
            owner_job: row.get(5)?,
        })
    }
}

/// A dag run by its ids.
#[derive(Debug, Clone)]
pub struct GetDagRun {
    pub dag_id: String,
    pub run_id: String,
}

impl Transaction for GetDagRun {
    type Out = Option<DagRun>;
    const NAME: &'static str = "get_dag_run";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<DagRun>> {
        let sql = format!("SELECT {} FROM dag_run WHERE dag_id = ? AND run_id = ?", DagRun::COLUMNS);
        let row = tx.row(sql, params![&self.dag_id, &self.run_id]).await?;
        row.map(|row| DagRun::read(&row, 0)).transpose()
    }
}

/// A dag run by its number.
#[derive(Debug, Clone, Copy)]
pub struct DagRunByPk(pub i64);

impl Transaction for DagRunByPk {
    type Out = Option<DagRun>;
    const NAME: &'static str = "dag_run_by_pk";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<DagRun>> {
        by_pk(tx, self.0).await
    }
}

/// The numbers of the open runs of an owner: what a poll compares with memory.
#[derive(Debug, Clone)]
pub struct OwnedRuns {
    pub job: i64,
    pub term: i64,
}

impl Transaction for OwnedRuns {
    /// Run, its `change_seq`, its state.
    type Out = Vec<(i64, i64, RunState)>;
    const NAME: &'static str = "owned_runs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT id, change_seq, state FROM dag_run WHERE owner_job = ? AND owner_term = ? AND state IN ('queued', 'running')";
        let rows = tx.rows(sql, params![self.job, self.term]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }
}
