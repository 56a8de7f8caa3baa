//! A worker takes an attempt. The compare-and-set here is what makes an attempt start at most once (invariant 2).

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::table::attempt::{self, Attempt};
use crate::table::dag_run::{self, DagRun};
use crate::table::deferral::Resume;
use crate::table::task_instance::{TaskInstance, TaskKey};
use crate::table::xcom;
use crate::{Error, Mode, Result, Transaction, Tx, params};

/// Takes a queued attempt for a worker whose lease runs.
#[derive(Debug, Clone)]
pub struct Claim {
    pub attempt_id: Uuid,
    /// Job of the worker.
    pub worker: i64,
    /// Upstream tasks whose return values come along, as far as they are known and small.
    pub prefetch: Vec<Arc<str>>,
    /// Bytes of values per task.
    pub prefetch_bytes: usize,
}

/// Outcome of a claim.
#[derive(Debug, Clone)]
pub enum ClaimOutcome {
    Won(Box<Claimed>),
    /// Another worker has it, it has ended, or it is no longer wanted: drop the hint.
    Lost,
    /// The worker's own lease has ended: it must register anew.
    LeaseEnded,
}

/// What the process needs to start.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub attempt: Attempt,
    pub task: TaskInstance,
    pub run: DagRun,
    /// When this task instance's first poke began: that of this try before its reschedules, or now.
    pub first_poke_at: Timestamp,
    pub fileloc: String,
    pub relative_fileloc: String,
    /// Hash of the file as last parsed, if it was.
    pub source_hash: Option<String>,
    pub version_number: Option<i64>,
    /// Names the form of the DAG's version.
    pub content_hash: Option<String>,
    pub prefetched: Vec<Prefetched>,
    /// The task goes on after a deferral.
    pub resume: Option<Resume>,
}

/// Return values of one upstream task, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Prefetched {
    pub task_id: Arc<str>,
    /// Map index and JSON text.
    pub values: Vec<(i32, String)>,
}

/// Whether a try goes on after a deferral; takes the key of its task instance. `number`: that of the try, as an expression.
fn goes_on(number: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM deferral w WHERE w.run_pk = ? AND w.task_id = ? AND w.map_index = ? AND w.try_number = {number}
            AND w.event IS NOT NULL)"
    )
}

impl Transaction for Claim {
    type Out = ClaimOutcome;
    const NAME: &'static str = "claim";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ClaimOutcome> {
        let now = tx.now();
        let sql = "SELECT hostname, unixname FROM job WHERE id = ? AND state = 'running' AND lease_until > ?";
        let Some(worker) = tx.row(sql, params![self.worker, now]).await? else { return Ok(ClaimOutcome::LeaseEnded) };
        let (hostname, unixname): (String, Option<String>) = (worker.get(0)?, worker.get(1)?);
        let Some(key) = attempt::key_of(tx, self.attempt_id).await? else { return Ok(ClaimOutcome::Lost) };
        let sql = format!(
            "UPDATE task_instance SET state = 'running', start_date = CASE WHEN {} THEN COALESCE(start_date, ?) ELSE ? END, end_date = NULL,
                hostname = ?, unixname = ?, pid = NULL,
                first_poke_at = COALESCE(first_poke_at, ?), rendered_map_index = NULL, map_length = NULL, updated_at = ?
            WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'queued' RETURNING {}",
            goes_on("task_instance.try_number"),
            TaskInstance::COLUMNS
        );
        let one = (key.run_pk, &key.task_id, key.map_index);
        let values = params![one.0, one.1, one.2, now, now, &hostname, &unixname, now, now, one.0, one.1, one.2, self.attempt_id];
        let Some(row) = tx.row(sql, values).await? else { return self.won_before(tx, key).await };
        let task = TaskInstance::read(&row, 0)?;
        let sql = format!(
            "UPDATE attempt SET state = 'running', worker = ?, start_date = ?, hostname = ?, unixname = ?
                WHERE id = ? AND state = 'queued' RETURNING {}",
            Attempt::COLUMNS
        );
        let Some(row) = tx.row(sql, params![self.worker, now, &hostname, &unixname, self.attempt_id]).await? else {
            tx.discard();
            return Ok(ClaimOutcome::Lost);
        };
        let attempt = Attempt::read(&row, 0)?;
        let one = (key.run_pk, &key.task_id, key.map_index);
        let sql = format!("DELETE FROM xcom WHERE run_pk = ? AND task_id = ? AND map_index = ? AND NOT {}", goes_on("?"));
        tx.exec(sql, params![one.0, one.1, one.2, one.0, one.1, one.2, attempt.try_number]).await?;
        let claimed = self.gather(tx, attempt, task).await?;
        Ok(ClaimOutcome::Won(Box::new(claimed)))
    }
}

impl Claim {
    /// The answer to an earlier claim of this worker may have been lost on its way: it has won then, and nothing has begun yet. A worker
    /// never asks for what it has.
    async fn won_before(&self, tx: &mut Tx<'_>, key: TaskKey) -> Result<ClaimOutcome> {
        let sql = format!("SELECT {} FROM attempt WHERE id = ? AND worker = ? AND state = 'running' AND pid IS NULL", Attempt::COLUMNS);
        let Some(row) = tx.row(sql, params![self.attempt_id, self.worker]).await? else { return Ok(ClaimOutcome::Lost) };
        let attempt = Attempt::read(&row, 0)?;
        let sql = format!(
            "SELECT {} FROM task_instance WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'running'",
            TaskInstance::COLUMNS
        );
        let Some(row) = tx.row(sql, params![key.run_pk, &key.task_id, key.map_index, self.attempt_id]).await? else {
            return Ok(ClaimOutcome::Lost);
        };
        let claimed = self.gather(tx, attempt, TaskInstance::read(&row, 0)?).await?;
        Ok(ClaimOutcome::Won(Box::new(claimed)))
    }

    async fn gather(&self, tx: &mut Tx<'_>, attempt: Attempt, task: TaskInstance) -> Result<Claimed> {
        let run = dag_run::by_pk(tx, attempt.run_pk).await?;
        let run = run.ok_or_else(|| Error::invalid("claim", "the attempt's run is gone"))?;
        let sql = "SELECT d.fileloc, d.relative_fileloc, f.source_hash, v.version_number, v.content_hash, w.method, w.method_kwargs,
                w.is_encrypted, w.event FROM dag d
            LEFT JOIN deferral w ON w.run_pk = ? AND w.task_id = ? AND w.map_index = ? AND w.try_number = ? AND w.event IS NOT NULL
            LEFT JOIN dag_file f ON f.relative_fileloc = d.relative_fileloc LEFT JOIN dag_version v ON v.id = ? WHERE d.dag_id = ?";
        let wait = (attempt.run_pk, &attempt.task_id, attempt.map_index, attempt.try_number);
        let dag = tx.row(sql, params![wait.0, wait.1, wait.2, wait.3, run.version_id, &run.dag_id]).await?;
        let dag = dag.ok_or_else(|| Error::invalid("claim", "the attempt's DAG is gone"))?;
        let prefetched = xcom::prefetch(tx, run.id, &self.prefetch, self.prefetch_bytes).await?;
        let first_poke_at = task.first_poke_at.unwrap_or_else(|| tx.now());
        Ok(Claimed {
            attempt,
            task,
            run,
            first_poke_at,
            fileloc: dag.get(0)?,
            relative_fileloc: dag.get(1)?,
            source_hash: dag.get(2)?,
            version_number: dag.get(3)?,
            content_hash: dag.get(4)?,
            prefetched,
            resume: Resume::read(tx, &dag, 5)?,
        })
    }
}

/// Reads return values of tasks of a run, for those that knew their upstream tasks only after the claim.
#[derive(Debug, Clone)]
pub struct Prefetch {
    pub run_pk: i64,
    pub tasks: Vec<Arc<str>>,
    /// Bytes of values per task; a task with more is left out.
    pub bytes: usize,
}

impl Transaction for Prefetch {
    type Out = Vec<Prefetched>;
    const NAME: &'static str = "prefetch";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Prefetched>> {
        xcom::prefetch(tx, self.run_pk, &self.tasks, self.bytes).await
    }
}

/// The attempt's process runs.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    pub attempt_id: Uuid,
    pub worker: i64,
    pub pid: u32,
}

impl Transaction for Started {
    /// Whether the attempt runs on that worker.
    type Out = bool;
    const NAME: &'static str = "started";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(key) = attempt::key_of(tx, self.attempt_id).await? else { return Ok(false) };
        let sql = "UPDATE task_instance SET pid = ? WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ?";
        tx.exec(sql, params![self.pid, key.run_pk, &key.task_id, key.map_index, self.attempt_id]).await?;
        let sql = "UPDATE attempt SET pid = ? WHERE id = ? AND worker = ? AND state = 'running'";
        let runs = tx.exec(sql, params![self.pid, self.attempt_id, self.worker]).await? == 1;
        if !runs {
            tx.discard();
        }
        Ok(runs)
    }
}
