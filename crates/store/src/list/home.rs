//! What the first page shows: counts, components, what failed, what comes next.

use super::dag_row::RunCounts;
use super::job::{self, JobView};
use crate::table::pool::{GetPools, Pool};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// The state of an installation. Times in microseconds.
#[derive(Debug, Clone)]
pub struct Home {
    pub dags: DagCounts,
    /// Open runs of now, ended ones since `since`.
    pub runs: RunCounts,
    pub tasks_running: i64,
    pub tasks_queued: i64,
    /// Since `since`.
    pub tasks_failed: i64,
    pub import_errors: i64,
    /// Newest first.
    pub newest_errors: Vec<ErrorLine>,
    /// Newest first.
    pub failures: Vec<Failure>,
    /// Soonest first.
    pub next_runs: Vec<NextRun>,
    /// Processes that hold a lease or lost it lately, and of each kind that has none the newest.
    pub jobs: Vec<JobView>,
    pub pools: Vec<Pool>,
}

/// DAGs that are not stale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DagCounts {
    pub active: i64,
    pub paused: i64,
    pub with_errors: i64,
}

/// An import error.
#[derive(Debug, Clone)]
pub struct ErrorLine {
    pub id: i64,
    pub filename: String,
    pub line: Option<i64>,
    pub stacktrace: String,
    pub timestamp: i64,
}

/// A task instance that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    pub dag_id: String,
    pub dag_display_name: String,
    pub run_id: String,
    pub logical_date: Option<i64>,
    pub task_id: String,
    pub map_index: i32,
    pub try_number: i64,
    pub end_date: i64,
    /// Why its last attempt ended, when not by itself.
    pub reason: Option<String>,
}

/// A run that the schedule will make.
#[derive(Debug, Clone)]
pub struct NextRun {
    pub dag_id: String,
    pub dag_display_name: String,
    pub run_after: i64,
    pub logical_date: Option<i64>,
    pub timezone: String,
}

/// Reads the first page.
#[derive(Debug, Clone)]
pub struct ReadHome {
    /// Where the counts of what ended begin, in microseconds.
    pub since: i64,
    /// Where the listed failures begin.
    pub failures_since: i64,
    /// Up to when runs to come are listed.
    pub until: i64,
    /// A process whose lease ended after this is still listed.
    pub lost_since: i64,
    pub failures: i64,
    pub errors: i64,
    pub next_runs: i64,
}

impl Transaction for ReadHome {
    type Out = Home;
    const NAME: &'static str = "list.home";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Home> {
        let (tasks_running, tasks_queued) = active_tasks(tx).await?;
        let failed = "SELECT count(*) FROM task_instance WHERE state = 'failed' AND end_date >= ?";
        Ok(Home {
            dags: dags(tx).await?,
            runs: self.runs(tx).await?,
            tasks_running,
            tasks_queued,
            tasks_failed: number(tx, failed, &[self.since.into()]).await?,
            import_errors: number(tx, "SELECT count(*) FROM import_error", &[]).await?,
            newest_errors: self.errors(tx).await?,
            failures: self.failures(tx).await?,
            next_runs: self.next_runs(tx).await?,
            jobs: self.jobs(tx).await?,
            pools: GetPools { name: None }.run(tx).await?,
        })
    }
}

async fn number(tx: &mut Tx<'_>, sql: &'static str, values: &[Value]) -> Result<i64> {
    tx.row(sql, values).await?.map_or(Ok(0), |row| row.get(0_usize))
}

async fn dags(tx: &mut Tx<'_>) -> Result<DagCounts> {
    let sql = "SELECT is_paused, has_import_errors, count(*) FROM dag WHERE is_stale = 0 GROUP BY is_paused, has_import_errors";
    let mut counts = DagCounts::default();
    for row in tx.rows(sql, params![]).await? {
        let (paused, errors, count): (bool, bool, i64) = (row.get(0_usize)?, row.get(1_usize)?, row.get(2_usize)?);
        *(if paused { &mut counts.paused } else { &mut counts.active }) += count;
        if errors {
            counts.with_errors += count;
        }
    }
    Ok(counts)
}

/// How many run, and how many wait for a worker.
async fn active_tasks(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let sql = "SELECT state, count(*) FROM task_instance \
        WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') GROUP BY state";
    let (mut running, mut queued) = (0, 0);
    for row in tx.rows(sql, params![]).await? {
        let (state, count): (String, i64) = (row.get(0_usize)?, row.get(1_usize)?);
        match state.as_str() {
            "running" | "restarting" => running += count,
            "queued" => queued += count,
            _ => {}
        }
    }
    Ok((running, queued))
}

impl ReadHome {
    async fn runs(&self, tx: &mut Tx<'_>) -> Result<RunCounts> {
        let mut counts = RunCounts::default();
        let open = "SELECT state, count(*) FROM dag_run WHERE state IN ('queued', 'running') GROUP BY state";
        let ended = "SELECT state, count(*) FROM dag_run WHERE state IN ('success', 'failed') AND end_date >= ? GROUP BY state";
        let mut rows = tx.rows(open, params![]).await?;
        rows.extend(tx.rows(ended, params![self.since]).await?);
        for row in rows {
            counts.set(&row.get::<String>(0_usize)?, row.get(1_usize)?);
        }
        Ok(counts)
    }

    async fn errors(&self, tx: &mut Tx<'_>) -> Result<Vec<ErrorLine>> {
        let sql = "SELECT id, relative_fileloc, line, stacktrace, timestamp FROM import_error ORDER BY timestamp DESC, id DESC LIMIT ?";
        let read = |row: &Row| {
            Ok(ErrorLine {
                id: row.get(0_usize)?,
                filename: row.get(1_usize)?,
                line: row.get(2_usize)?,
                stacktrace: row.get(3_usize)?,
                timestamp: row.get(4_usize)?,
            })
        };
        tx.rows(sql, params![self.errors]).await?.iter().map(read).collect()
    }

    async fn failures(&self, tx: &mut Tx<'_>) -> Result<Vec<Failure>> {
        let sql = "SELECT t.dag_id, coalesce(d.dag_display_name, t.dag_id), r.run_id, r.logical_date, t.task_id, t.map_index, t.try_number, \
                t.end_date, a.reason \
            FROM task_instance AS t CROSS JOIN dag_run AS r ON r.id = t.run_pk LEFT JOIN dag AS d ON d.dag_id = t.dag_id \
                LEFT JOIN attempt AS a ON a.id = t.attempt_id \
            WHERE t.state = 'failed' AND t.end_date >= ? ORDER BY t.end_date DESC LIMIT ?";
        let read = |row: &Row| {
            Ok(Failure {
                dag_id: row.get(0_usize)?,
                dag_display_name: row.get(1_usize)?,
                run_id: row.get(2_usize)?,
                logical_date: row.get(3_usize)?,
                task_id: row.get(4_usize)?,
                map_index: row.get(5_usize)?,
                try_number: row.get(6_usize)?,
                end_date: row.get(7_usize)?,
                reason: row.get(8_usize)?,
            })
        };
        tx.rows(sql, params![self.failures_since, self.failures]).await?.iter().map(read).collect()
    }

    async fn next_runs(&self, tx: &mut Tx<'_>) -> Result<Vec<NextRun>> {
        let sql = "SELECT dag_id, dag_display_name, next_run_after, next_logical_date, timezone FROM dag \
            WHERE is_paused = 0 AND is_stale = 0 AND next_run_after IS NOT NULL AND next_run_after <= ? \
            ORDER BY next_run_after, dag_id LIMIT ?";
        let read = |row: &Row| {
            Ok(NextRun {
                dag_id: row.get(0_usize)?,
                dag_display_name: row.get(1_usize)?,
                run_after: row.get(2_usize)?,
                logical_date: row.get(3_usize)?,
                timezone: row.get(4_usize)?,
            })
        };
        tx.rows(sql, params![self.until, self.next_runs]).await?.iter().map(read).collect()
    }

    async fn jobs(&self, tx: &mut Tx<'_>) -> Result<Vec<JobView>> {
        let recent = format!("{} WHERE state = 'running' AND lease_until > ? ORDER BY job_type, id LIMIT 1000", job::select());
        let mut jobs: Vec<JobView> = tx.rows(recent, params![self.lost_since]).await?.iter().map(job::read).collect::<Result<_>>()?;
        let newest = format!("{} WHERE id IN (SELECT max(id) FROM job GROUP BY job_type) ORDER BY job_type", job::select());
        for row in tx.rows(newest, params![]).await? {
            let last = job::read(&row)?;
            if jobs.iter().all(|job| job.job_type != last.job_type) {
                jobs.push(last);
            }
        }
        Ok(jobs)
    }
}
