//! Deadlines that are missed: found by any scheduler, told by the one whose row is first.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::table::callback_request::{self, NewCallback};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Open runs of DAGs that have deadlines, or tasks with an `sla`.
#[derive(Debug, Clone, Copy)]
pub struct RunsWithDeadlines {
    pub limit: u32,
}

/// An open run.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadlineRun {
    pub run_pk: i64,
    pub dag_id: Arc<str>,
    pub run_id: Arc<str>,
    pub run_type: String,
    pub version_id: Option<i64>,
    pub clear_number: i64,
    pub logical_date: Option<Timestamp>,
    pub queued_at: Option<Timestamp>,
    pub data_interval_end: Option<Timestamp>,
    /// Names of those that were missed already.
    pub missed: Vec<String>,
}

impl Transaction for RunsWithDeadlines {
    type Out = Vec<DeadlineRun>;
    const NAME: &'static str = "runs_with_deadlines";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<DeadlineRun>> {
        let sql =
            "SELECT r.id, r.dag_id, r.run_id, r.run_type, r.version_id, r.clear_number, r.logical_date, r.queued_at, r.data_interval_end
            FROM dag d JOIN dag_run r ON r.dag_id = d.dag_id AND r.state IN ('queued', 'running')
            WHERE d.has_deadlines = 1 ORDER BY r.id LIMIT ?";
        let mut runs = Vec::new();
        for row in tx.rows(sql, params![self.limit]).await? {
            runs.push(DeadlineRun {
                run_pk: row.get(0)?,
                dag_id: row.get(1)?,
                run_id: row.get(2)?,
                run_type: row.get(3)?,
                version_id: row.get(4)?,
                clear_number: row.get(5)?,
                logical_date: row.get(6)?,
                queued_at: row.get(7)?,
                data_interval_end: row.get(8)?,
                missed: Vec::new(),
            });
        }
        if !runs.is_empty() {
            let ids: Vec<i64> = runs.iter().map(|run| run.run_pk).collect();
            let sql = "SELECT m.run_pk, m.clear_number, m.name FROM (SELECT CAST(value AS BIGINT) AS wanted FROM json_each(?)) j
                CROSS JOIN deadline_miss m ON m.run_pk = j.wanted";
            for row in tx.rows(sql, [Value::json(&ids)?]).await? {
                let (run_pk, clear_number, name): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if let Some(run) = runs.iter_mut().find(|run| run.run_pk == run_pk && run.clear_number == clear_number) {
                    run.missed.push(name);
                }
            }
        }
        Ok(runs)
    }
}

/// How long the last runs of a DAG that succeeded took on average.
#[derive(Debug, Clone)]
pub struct AverageDuration {
    pub dag_id: String,
    pub max_runs: u32,
    pub min_runs: u32,
}

impl Transaction for AverageDuration {
    /// `None`: fewer than `min_runs` have ended.
    type Out = Option<SignedDuration>;
    const NAME: &'static str = "average_duration";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<SignedDuration>> {
        let sql = "SELECT end_date - start_date FROM dag_run WHERE dag_id = ? AND state = 'success' AND start_date IS NOT NULL
            AND end_date IS NOT NULL ORDER BY run_after DESC LIMIT ?";
        let rows = tx.rows(sql, params![&self.dag_id, self.max_runs]).await?;
        let durations = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>>>()?;
        let count = i64::try_from(durations.len()).unwrap_or(i64::MAX);
        if count == 0 || count < i64::from(self.min_runs) {
            return Ok(None);
        }
        Ok(Some(SignedDuration::from_micros(durations.iter().sum::<i64>() / count)))
    }
}

/// A deadline of a run that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// `deadline/0`, `sla/TASK`.
    pub name: String,
    pub due_at: Timestamp,
    /// Whose state counts; `None`: the run's.
    pub task_id: Option<String>,
    pub callback: Option<NewCallback>,
}

/// Writes which deadlines of a run were missed, with the callback of each, in one transaction: a miss is never told twice, and never forgotten.
/// What has ended meanwhile misses nothing.
#[derive(Debug, Clone)]
pub struct TellMissed {
    pub run_pk: i64,
    pub clear_number: i64,
    pub missed: Vec<Missed>,
}

impl Transaction for TellMissed {
    /// Names of those that are new.
    type Out = Vec<String>;
    const NAME: &'static str = "tell_missed";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>> {
        let now = tx.now();
        let sql = "SELECT 1 FROM dag_run WHERE id = ? AND clear_number = ? AND state IN ('queued', 'running') /*! FOR UPDATE */";
        if tx.row(sql, params![self.run_pk, self.clear_number]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut new = Vec::new();
        for missed in &self.missed {
            if self.is_done(tx, missed).await? {
                continue;
            }
            let sql =
                "INSERT INTO deadline_miss (run_pk, clear_number, name, due_at, missed_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
            if tx.exec(sql, params![self.run_pk, self.clear_number, &missed.name, missed.due_at, now]).await? == 1 {
                callback_request::insert(tx, missed.callback.as_slice()).await?;
                new.push(missed.name.clone());
            }
        }
        Ok(new)
    }
}

impl TellMissed {
    /// Whether all instances of the task have done what they should.
    async fn is_done(&self, tx: &mut Tx<'_>, missed: &Missed) -> Result<bool> {
        let Some(task_id) = &missed.task_id else { return Ok(false) };
        let sql = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN state IN ('success', 'skipped') THEN 1 ELSE 0 END), 0) FROM task_instance
            WHERE run_pk = ? AND task_id = ?";
        let Some(row) = tx.row(sql, params![self.run_pk, task_id]).await? else { return Ok(false) };
        let (all, done): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(all > 0 && all == done)
    }
}
