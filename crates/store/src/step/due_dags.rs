//! DAGs whose schedule wants something: a run that is due, or its next run computed.

use jiff::Timestamp;

use super::create_run::NextRun;
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// DAGs that have a run due and are not paused, or whose schedule nobody has computed from their newest version; the earliest first.
/// DAGs with all the open runs they may have are left out, so that they hide nobody.
#[derive(Debug, Clone, Copy)]
pub struct DueDags {
    pub limit: u32,
}

/// A DAG and what its next run is computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct DueDag {
    pub dag_id: String,
    pub version_id: i64,
    /// Its schedule is computed all the same, for display; no run is made.
    pub is_paused: bool,
    /// For the compare-and-set.
    pub schedule_seq: i64,
    pub next: NextRun,
    /// Data interval (start, end) of the newest scheduled or backfill run by logical date.
    pub last_automated: Option<(Timestamp, Timestamp)>,
    /// Data interval that somebody passed over: the schedule does not go back behind it.
    pub passed_over: Option<(Timestamp, Timestamp)>,
    /// Runs that are queued or running.
    pub open_runs: u32,
    /// What a timetable that is a class of the user's said ahead: JSON text.
    pub ahead: Option<String>,
}

impl Transaction for DueDags {
    type Out = Vec<DueDag>;
    const NAME: &'static str = "due_dags";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<DueDag>> {
        let now = tx.now();
        let sql = "SELECT d.dag_id, d.version_id, d.schedule_seq, d.next_logical_date, d.next_interval_start, d.next_interval_end,
                d.next_run_after, (SELECT COUNT(*) FROM dag_run o WHERE o.dag_id = d.dag_id AND o.state IN ('queued', 'running')
                    AND o.run_type <> 'backfill') AS open_runs,
                l.data_interval_start, l.data_interval_end, d.is_paused, d.passed_over_start, d.passed_over_end,
                (SELECT a.answer FROM timetable_question a WHERE a.dag_id = d.dag_id AND a.name = 'ahead')
            FROM (SELECT dag_id, 0 AS due FROM dag WHERE needs_schedule = 1 AND is_stale = 0
                UNION SELECT dag_id, next_run_after FROM dag
                    WHERE needs_schedule = 0 AND is_paused = 0 AND is_stale = 0 AND next_run_after IS NOT NULL AND next_run_after <= ?) q
            JOIN dag d ON d.dag_id = q.dag_id
            LEFT JOIN dag_run l ON l.id = (SELECT id FROM dag_run WHERE dag_id = d.dag_id AND run_type IN ('scheduled', 'backfill')
                AND logical_date IS NOT NULL ORDER BY logical_date DESC LIMIT 1)
            WHERE d.version_id IS NOT NULL AND (d.needs_schedule = 1 OR (SELECT COUNT(*) FROM dag_run o WHERE o.dag_id = d.dag_id AND o.state IN ('queued', 'running')
                AND o.run_type <> 'backfill') < d.max_active_runs)
            ORDER BY q.due, d.dag_id LIMIT ?";
        let rows = tx.rows(sql, params![now, self.limit]).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<DueDag> {
    let interval = |start: usize| -> Result<Option<(Timestamp, Timestamp)>> {
        Ok(row.get::<Option<Timestamp>>(start)?.zip(row.get::<Option<Timestamp>>(start + 1)?))
    };
    Ok(DueDag {
        dag_id: row.get(0)?,
        version_id: row.get(1)?,
        schedule_seq: row.get(2)?,
        next: NextRun {
            logical_date: row.get(3)?,
            interval_start: row.get(4)?,
            interval_end: row.get(5)?,
            run_after: row.get(6)?,
            unknown: false,
        },
        last_automated: interval(8)?,
        passed_over: interval(11)?,
        open_runs: row.get(7)?,
        is_paused: row.get(10)?,
        ahead: row.get(13)?,
    })
}

/// When the next run of any DAG is due; `None` when nothing is scheduled.
#[derive(Debug, Clone, Copy)]
pub struct NextDue;

impl Transaction for NextDue {
    type Out = Option<Timestamp>;
    const NAME: &'static str = "next_due";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
        let sql = "SELECT MIN(next_run_after) FROM dag WHERE is_paused = 0 AND is_stale = 0 AND next_run_after IS NOT NULL";
        tx.row(sql, params![]).await?.map_or(Ok(None), |row| row.get(0))
    }
}
