//! Runs that take longer than they should, and scheduled ones that have not begun. Reads only: whoever finds one writes an alert under a
//! key that names run and limit, so that it is told once.

use jiff::{SignedDuration, Timestamp};
use tradewind_core::state::RunState;

use crate::{Mode, Result, Transaction, Tx, params};

/// Open runs whose time has come, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct OpenRuns {
    /// Runs that began before, or should have begun before.
    pub before: Timestamp,
    pub limit: u32,
}

/// An open run.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenRun {
    pub run_pk: i64,
    pub dag_id: String,
    pub run_type: String,
    pub state: RunState,
    pub run_after: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub clear_number: i64,
    pub version_id: Option<i64>,
    /// Paused DAGs do not begin runs: that is no delay.
    pub is_paused: bool,
}

impl Transaction for OpenRuns {
    type Out = Vec<OpenRun>;
    const NAME: &'static str = "open_runs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<OpenRun>> {
        let sql = "SELECT r.id, r.dag_id, r.run_type, r.state, r.run_after, r.queued_at, r.start_date, r.clear_number, r.version_id,
                COALESCE(d.is_paused, 1)
            FROM dag_run r LEFT JOIN dag d ON d.dag_id = r.dag_id
            WHERE r.state IN ('queued', 'running') AND r.run_after <= ? ORDER BY r.state, r.run_after LIMIT ?";
        let rows = tx.rows(sql, params![self.before, self.limit]).await?;
        let open = rows.iter().map(|row| {
            Ok(OpenRun {
                run_pk: row.get(0)?,
                dag_id: row.get(1)?,
                run_type: row.get(2)?,
                state: row.get(3)?,
                run_after: row.get(4)?,
                queued_at: row.get(5)?,
                start_date: row.get(6)?,
                clear_number: row.get(7)?,
                version_id: row.get(8)?,
                is_paused: row.get(9)?,
            })
        });
        open.collect()
    }
}

/// DAGs whose next scheduled run is overdue and was not made, although the one before it was made in time: not a backlog that is being caught up.
#[derive(Debug, Clone, Copy)]
pub struct OverdueDags {
    /// Runs that should have begun before.
    pub before: Timestamp,
    pub limit: u32,
}

/// A DAG whose next run is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct OverdueDag {
    pub dag_id: String,
    pub run_after: Timestamp,
    pub version_id: Option<i64>,
    pub max_active_runs: i64,
}

impl Transaction for OverdueDags {
    type Out = Vec<OverdueDag>;
    const NAME: &'static str = "overdue_dags";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<OverdueDag>> {
        let sql = "SELECT d.dag_id, d.next_run_after, d.version_id, d.max_active_runs FROM dag d
            WHERE d.is_paused = 0 AND d.is_stale = 0 AND d.next_run_after IS NOT NULL AND d.next_run_after <= ?
                AND COALESCE((SELECT r.queued_at FROM dag_run r WHERE r.dag_id = d.dag_id AND r.run_after < d.next_run_after
                    AND r.run_type = 'scheduled' ORDER BY r.run_after DESC LIMIT 1), 0) <= d.next_run_after
            ORDER BY d.next_run_after LIMIT ?";
        let rows = tx.rows(sql, params![self.before, self.limit]).await?;
        let overdue = rows.iter().map(|row| {
            Ok(OverdueDag { dag_id: row.get(0)?, run_after: row.get(1)?, version_id: row.get(2)?, max_active_runs: row.get(3)? })
        });
        overdue.collect()
    }
}

/// How long runs of a DAG that succeeded took.
#[derive(Debug, Clone)]
pub struct UsualDuration {
    pub dag_id: String,
    /// The newest so many runs.
    pub runs: u32,
}

impl Transaction for UsualDuration {
    /// The median; `None` when fewer than five have ended.
    type Out = Option<SignedDuration>;
    const NAME: &'static str = "usual_duration";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<SignedDuration>> {
        let sql = "SELECT end_date - start_date FROM dag_run WHERE dag_id = ? AND state = 'success' AND start_date IS NOT NULL
                AND end_date IS NOT NULL ORDER BY run_after DESC LIMIT ?";
        let rows = tx.rows(sql, params![&self.dag_id, self.runs]).await?;
        let mut durations = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>>>()?;
        durations.sort_unstable();
        Ok((durations.len() >= 5).then(|| SignedDuration::from_micros(durations[durations.len() / 2])))
    }
}
