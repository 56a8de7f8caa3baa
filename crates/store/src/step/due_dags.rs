//! DAGs whose schedule wants a run now.

use jiff::Timestamp;

use crate::{Mode, Result, Transaction, Tx, params};

/// Reads DAGs that are due, the longest overdue first. Those that have as many open runs as they may are left out: the end of a run asks again.
#[derive(Debug, Clone, Copy)]
pub struct DueDags {
    pub limit: u32,
}

/// What following a schedule needs.
#[derive(Debug, Clone)]
pub struct DueDag {
    pub dag_id: String,
    pub version_id: i64,
    pub schedule_seq: i64,
    /// Data interval (start, end) of the newest run that the schedule or a backfill made.
    pub last_automated: Option<(Timestamp, Timestamp)>,
}

impl Transaction for DueDags {
    type Out = Vec<DueDag>;
    const NAME: &'static str = "due_dags";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<DueDag>> {
        let sql = "SELECT d.dag_id, d.version_id, d.schedule_seq,
                (SELECT r.data_interval_start FROM dag_run r WHERE r.dag_id = d.dag_id AND r.run_type IN ('scheduled', 'backfill')
                    AND r.logical_date IS NOT NULL ORDER BY r.logical_date DESC LIMIT 1),
                (SELECT r.data_interval_end FROM dag_run r WHERE r.dag_id = d.dag_id AND r.run_type IN ('scheduled', 'backfill')
                    AND r.logical_date IS NOT NULL ORDER BY r.logical_date DESC LIMIT 1)
            FROM dag d
            WHERE d.is_paused = 0 AND d.is_stale = 0 AND d.next_run_after IS NOT NULL AND d.next_run_after <= ? AND d.version_id IS NOT NULL
                AND (SELECT COUNT(*) FROM dag_run r WHERE r.dag_id = d.dag_id AND r.state IN ('queued', 'running') AND r.run_type <> 'backfill')
                    < d.max_active_runs
            ORDER BY d.next_run_after LIMIT ?";
        let now = tx.now();
        let rows = tx.rows(sql, params![now, self.limit]).await?;
        rows.iter()
            .map(|row| {
                let interval: (Option<Timestamp>, Option<Timestamp>) = (row.get(3)?, row.get(4)?);
                Ok(DueDag {
                    dag_id: row.get(0)?,
                    version_id: row.get(1)?,
                    schedule_seq: row.get(2)?,
                    last_automated: interval.0.zip(interval.1),
                })
            })
            .collect()
    }
}
