//! What surrounds a run: its DAG, the runs beside it, and whether anybody works. Read to say why it does not go on.

use jiff::Timestamp;
use tradewind_core::state::RunState;

use crate::{Mode, Result, Transaction, Tx, params};

/// Runs that are named.
const NAMED: u32 = 20;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct GetSituation {
    pub run_pk: i64,
}

/// See [`GetSituation`].
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    pub dag_id: String,
    pub run_id: String,
    pub state: RunState,
    pub run_after: Timestamp,
    pub queued_at: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub is_backfill: bool,
    /// The backfill it belongs to, while that is paused.
    pub paused_backfill: Option<i64>,
    pub is_paused: bool,
    pub is_stale: bool,
    /// When the DAG was found to have no file.
    pub last_expired: Option<Timestamp>,
    pub relative_fileloc: String,
    /// The newest error of the DAG's file: its trace.
    pub import_error: Option<(String, Timestamp)>,
    pub max_active_runs: i64,
    pub running: Neighbours,
    /// Due queued runs of the DAG that start before this one.
    pub earlier: Neighbours,
    pub scheduler: Pulse,
    pub worker: Pulse,
    pub triggerer: Pulse,
}

/// Other runs of the DAG.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    pub count: i64,
    /// Ids of the first of them.
    pub named: Vec<String>,
}

/// Whether one of a kind of processes is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    pub is_alive: bool,
    pub latest_heartbeat: Option<Timestamp>,
}

impl Transaction for GetSituation {
    /// `None`: the run or its DAG is gone.
    type Out = Option<Situation>;
    const NAME: &'static str = "get_situation";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql =
            "SELECT r.dag_id, r.run_id, r.state, r.run_after, r.queued_at, r.start_date, r.run_type = 'backfill', d.is_paused, d.is_stale,
                d.last_expired, d.relative_fileloc, COALESCE(b.max_active_runs, d.max_active_runs), COALESCE(r.backfill_id, 0), r.backfill_order,
                CASE WHEN b.is_paused = 1 AND b.completed_at IS NULL THEN b.id END
            FROM dag_run r JOIN dag d ON d.dag_id = r.dag_id LEFT JOIN backfill b ON b.id = r.backfill_id WHERE r.id = ?";
        let Some(row) = tx.row(sql, params![self.run_pk]).await? else { return Ok(None) };
        let (dag_id, relative_fileloc, run_after): (String, String, Timestamp) = (row.get(0)?, row.get(10)?, row.get(3)?);
        let (part, order): (i64, i64) = (row.get(12)?, row.get(13)?);
        let sql = "SELECT stacktrace, timestamp FROM import_error WHERE relative_fileloc = ? ORDER BY id DESC LIMIT 1";
        let error = tx.row(sql, params![&relative_fileloc]).await?;
        Ok(Some(Situation {
            run_id: row.get(1)?,
            state: row.get(2)?,
            run_after,
            queued_at: row.get(4)?,
            start_date: row.get(5)?,
            is_backfill: row.get(6)?,
            paused_backfill: row.get(14)?,
            is_paused: row.get(7)?,
            is_stale: row.get(8)?,
            last_expired: row.get(9)?,
            max_active_runs: row.get(11)?,
            import_error: error.map(|row| Ok::<_, crate::Error>((row.get(0)?, row.get(1)?))).transpose()?,
            running: running(tx, &dag_id, part).await?,
            earlier: earlier(tx, &dag_id, part, (order, run_after, self.run_pk)).await?,
            scheduler: pulse(tx, "SchedulerJob").await?,
            worker: pulse(tx, "WorkerJob").await?,
            triggerer: pulse(tx, "TriggererJob").await?,
            dag_id,
            relative_fileloc,
        }))
    }
}

/// Of the same backfill, or without one (`part` 0).
async fn running(tx: &mut Tx<'_>, dag_id: &str, part: i64) -> Result<Neighbours> {
    let sql = "SELECT run_id, COUNT(*) OVER () FROM dag_run WHERE dag_id = ? AND state = 'running' AND COALESCE(backfill_id, 0) = ?
        ORDER BY start_date, id LIMIT ?";
    neighbours(&tx.rows(sql, params![dag_id, part, NAMED]).await?)
}

async fn earlier(tx: &mut Tx<'_>, dag_id: &str, part: i64, place: (i64, Timestamp, i64)) -> Result<Neighbours> {
    let (order, run_after, run_pk) = place;
    let sql = "SELECT run_id, COUNT(*) OVER () FROM dag_run WHERE dag_id = ? AND state = 'queued' AND COALESCE(backfill_id, 0) = ?
            AND (backfill_order < ? OR (backfill_order = ? AND (run_after < ? OR (run_after = ? AND id < ?))))
        ORDER BY backfill_order, run_after, id LIMIT ?";
    neighbours(&tx.rows(sql, params![dag_id, part, order, order, run_after, run_after, run_pk, NAMED]).await?)
}

fn neighbours(rows: &[crate::Row]) -> Result<Neighbours> {
    let count = rows.first().map_or(Ok(0), |row| row.get(1))?;
    Ok(Neighbours { count, named: rows.iter().map(|row| row.get(0)).collect::<Result<_>>()? })
}

async fn pulse(tx: &mut Tx<'_>, job_type: &str) -> Result<Pulse> {
    let now = tx.now();
    let sql = "SELECT EXISTS (SELECT 1 FROM job WHERE state = 'running' AND job_type = ? AND lease_until > ?),
        (SELECT MAX(latest_heartbeat) FROM job WHERE job_type = ?)";
    let row = tx.row(sql, params![job_type, now, job_type]).await?;
    row.map_or(Ok(Pulse { is_alive: false, latest_heartbeat: None }), |row| {
        Ok(Pulse { is_alive: row.get(0)?, latest_heartbeat: row.get(1)? })
    })
}

/// How many attempts wait for a worker in the queue of one that does.
#[derive(Debug, Clone)]
pub struct GetQueueing {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
}

/// See [`GetQueueing`].
#[derive(Debug, Clone, PartialEq)]
pub struct Queueing {
    pub queue: String,
    pub since: Option<Timestamp>,
    /// In the same queue, this one among them.
    pub queued: i64,
}

impl Transaction for GetQueueing {
    /// `None`: it is not queued.
    type Out = Option<Queueing>;
    const NAME: &'static str = "get_queueing";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT queue, queued_at FROM task_instance WHERE run_pk = ? AND task_id = ? AND map_index = ? AND state = 'queued'";
        let Some(row) = tx.row(sql, params![self.run_pk, &self.task_id, self.map_index]).await? else { return Ok(None) };
        let queue: String = row.get(0)?;
        let sql = "SELECT COUNT(*) FROM attempt WHERE state = 'queued' AND queue = ?";
        let queued = tx.row(sql, params![&queue]).await?.map_or(Ok(0), |row| row.get(0))?;
        Ok(Some(Queueing { since: row.get(1)?, queue, queued }))
    }
}

/// What a task instance without a slot waits for.
#[derive(Debug, Clone)]
pub struct GetWait {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
}

/// See [`GetWait`].
#[derive(Debug, Clone, PartialEq)]
pub struct Wait {
    pub since: Timestamp,
    /// When it goes on by itself.
    pub until: Option<Timestamp>,
    pub what: WaitFor,
}

/// See [`Wait`].
#[derive(Debug, Clone, PartialEq)]
pub enum WaitFor {
    /// The class of a trigger, and the host of the living triggerer that runs it.
    Trigger { classpath: String, triggerer: Option<String> },
    /// A question, and the names of those who are asked; none: everybody.
    People { subject: String, names: Vec<String> },
}

impl Transaction for GetWait {
    /// `None`: it does not wait so.
    type Out = Option<Wait>;
    const NAME: &'static str = "get_wait";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        let sql = "SELECT d.created_at, d.timeout_at, d.classpath, j.hostname, h.subject, h.assigned_users FROM deferral d
            JOIN task_instance ti ON ti.run_pk = d.run_pk AND ti.task_id = d.task_id AND ti.map_index = d.map_index
            LEFT JOIN job j ON j.id = d.triggerer AND j.state = 'running' AND j.lease_until > ?
            LEFT JOIN hitl_detail h ON h.run_pk = d.run_pk AND h.task_id = d.task_id AND h.map_index = d.map_index AND h.try_number = d.try_number
            WHERE d.run_pk = ? AND d.task_id = ? AND d.map_index = ? AND d.event IS NULL AND ti.attempt_id = d.attempt_id
                AND ti.state IN ('deferred', 'awaiting_input')";
        let Some(row) = tx.row(sql, params![now, self.run_pk, &self.task_id, self.map_index]).await? else { return Ok(None) };
        let what = match (row.get(2)?, row.get::<Option<String>>(4)?) {
            (Some(classpath), _) => WaitFor::Trigger { classpath, triggerer: row.get(3)? },
            (None, Some(subject)) => WaitFor::People { subject, names: names(&row.get::<String>(5)?) },
            (None, None) => return Ok(None),
        };
        Ok(Some(Wait { since: row.get(0)?, until: row.get(1)?, what }))
    }
}

/// Of a list of users.
fn names(users: &str) -> Vec<String> {
    let users: Vec<serde_json::Value> = serde_json::from_str(users).unwrap_or_default();
    users.iter().filter_map(|user| user["name"].as_str().or(user["id"].as_str()).map(str::to_owned)).collect()
}
