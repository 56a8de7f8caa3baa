//! Scheduled task instances become queued, under every limit, each with an attempt of its own.

use std::collections::HashMap;
use std::sync::Arc;

use tradewind_core::state::TaskState;
use uuid::Uuid;

use super::lease::{Owner, prove};
use super::limits::{Demand, HeldBack, PoolSize, Taken};
use crate::table::attempt::Attempt;
use crate::table::deferral::{self, NewDeferral};
use crate::table::task_instance::TaskKey;
use crate::{Latch, Mode, Result, Row, Transaction, Tx, Value, params};

/// A task instance that wants an attempt.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub key: TaskKey,
    /// The id its attempt gets (UUIDv7).
    pub attempt_id: Uuid,
    pub max_active_tis_per_dag: Option<u32>,
    pub max_active_tis_per_dagrun: Option<u32>,
    /// A new try waits for this trigger, and takes no slot.
    pub start: Option<NewDeferral>,
}

/// Admits candidates in the order given: by priority descending, logical date, map index. One that is held back does not stop those
/// after it. The try number is raised, except after a reschedule, a deferral, or an attempt that never started.
#[derive(Debug, Clone)]
pub struct Admit {
    pub owner: Owner,
    pub candidates: Vec<Candidate>,
    /// Attempts queued or running in the whole installation; 0: without limit.
    pub parallelism: u32,
}

/// A candidate with an attempt now: publish its hint.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    pub key: TaskKey,
    pub attempt_id: Uuid,
    pub try_number: u32,
    pub queue: String,
    pub priority_weight: i64,
}

/// Outcome of an admission.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Admission {
    pub admitted: Vec<Admitted>,
    /// They wait for a trigger now.
    pub deferred: Vec<Admitted>,
    pub held: Vec<(TaskKey, HeldBack)>,
    /// No longer `scheduled`, or no longer a run of this owner: forget them.
    pub gone: Vec<TaskKey>,
}

impl Transaction for Admit {
    /// `None`: the term is over.
    type Out = Option<Admission>;
    const NAME: &'static str = "admit";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Admission>> {
        // From here to the commit nobody else counts and admits.
        tx.latch(Latch::Limits).await?;
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let mut wanted = self.wanted(tx).await?;
        let mut taken = Taken::new(i64::from(self.parallelism), pools(tx).await?);
        count_active(tx, &mut taken).await?;
        let mut admission = Admission::default();
        for (position, candidate) in self.candidates.iter().enumerate() {
            let key = candidate.key.clone();
            let Some(row) = wanted.remove(&position) else {
                admission.gone.push(key);
                continue;
            };
            let waits = candidate.start.is_some() && !row.goes_on;
            let fits = match row.demand(candidate) {
                _ if row.is_paused => Err(HeldBack::Paused),
                demand if waits => taken.take_waiting(&demand),
                demand => taken.take(&demand),
            };
            match fits {
                Err(why) => admission.held.push((key, why)),
                Ok(()) if waits => admission.deferred.push(row.admitted(candidate)),
                Ok(()) => admission.admitted.push(row.admitted(candidate)),
            }
        }
        self.write(tx, &admission.admitted).await?;
        self.defer(tx, &admission.deferred).await?;
        Ok(Some(admission))
    }
}

impl Admit {
    /// The rows of the candidates that may be admitted, by position.
    async fn wanted(&self, tx: &mut Tx<'_>) -> Result<HashMap<usize, Wanted>> {
        let keys: Vec<_> = self
            .candidates
            .iter()
            .enumerate()
            .map(|(position, one)| (position, one.key.run_pk, &one.key.task_id, one.key.map_index))
            .collect();
        let sql =
            "SELECT j.position, r.dag_id, d.is_paused, d.max_active_tasks, ti.pool, ti.pool_slots, ti.queue, ti.priority_weight, ti.try_number,
                a.state IN ('up_for_reschedule', 'deferred', 'cancelled')
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS position, CAST(value ->> 1 AS BIGINT) AS run_pk, value ->> 2 AS task_id,
                CAST(value ->> 3 AS BIGINT) AS map_index FROM json_each(?)) j
            CROSS JOIN task_instance ti ON ti.run_pk = j.run_pk AND ti.task_id = j.task_id AND ti.map_index = j.map_index
            CROSS JOIN dag_run r ON r.id = ti.run_pk CROSS JOIN dag d ON d.dag_id = r.dag_id
            LEFT JOIN attempt a ON a.id = ti.attempt_id
            WHERE ti.state = 'scheduled' AND r.state = 'running' AND r.owner_job = ? AND r.owner_term = ?
            /*! FOR SHARE OF r */";
        let rows = tx.rows(sql, params![Value::json(&keys)?, self.owner.job, self.owner.term]).await?;
        rows.iter().map(|row| Ok((usize::try_from(row.get::<i64>(0)?).unwrap_or(usize::MAX), Wanted::read(row)?))).collect()
    }

    async fn write(&self, tx: &mut Tx<'_>, admitted: &[Admitted]) -> Result<()> {
        if admitted.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            admitted.iter().map(|one| (one.key.run_pk, &one.key.task_id, one.key.map_index, one.attempt_id, one.try_number)).collect();
        let rows = Value::json(&rows)?;
        let now = tx.now();
        let sql = "UPDATE task_instance AS ti SET state = 'queued', queued_at = ?, updated_at = ?, attempt_id = j.minted, pid = NULL,
                first_poke_at = CASE WHEN ti.try_number = j.counted THEN ti.first_poke_at END, try_number = j.counted
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk, value ->> 1 AS task_id, CAST(value ->> 2 AS BIGINT) AS map_index,
                value ->> 3 AS minted, CAST(value ->> 4 AS BIGINT) AS counted FROM json_each(?)) AS j
            WHERE ti.run_pk = j.run_pk AND ti.task_id = j.task_id AND ti.map_index = j.map_index";
        tx.exec(sql, [now.into(), now.into(), rows.clone()]).await?;
        let sql = "INSERT INTO attempt (id, run_pk, task_id, map_index, try_number, max_tries, state, queue, priority_weight, pool, pool_slots,
                operator, executor, queued_by, queued_at, published_at, version_id)
            SELECT j.minted, ti.run_pk, ti.task_id, ti.map_index, ti.try_number, ti.max_tries, 'queued', ti.queue, ti.priority_weight, ti.pool,
                ti.pool_slots, ti.operator, ti.executor, ?, ?, ?, ti.version_id
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk, value ->> 1 AS task_id, CAST(value ->> 2 AS BIGINT) AS map_index,
                value ->> 3 AS minted FROM json_each(?)) j
            CROSS JOIN task_instance ti ON ti.run_pk = j.run_pk AND ti.task_id = j.task_id AND ti.map_index = j.map_index";
        tx.exec(sql, [self.owner.job.into(), now.into(), now.into(), rows]).await?;
        Ok(())
    }
}

impl Admit {
    /// An attempt each, as for the others, that has deferred before it began.
    async fn defer(&self, tx: &mut Tx<'_>, deferred: &[Admitted]) -> Result<()> {
        if deferred.is_empty() {
            return Ok(());
        }
        self.write(tx, deferred).await?;
        let now = tx.now();
        let ids: Vec<Uuid> = deferred.iter().map(|one| one.attempt_id).collect();
        let ids = Value::json(&ids)?;
        let sql = "UPDATE attempt SET state = 'deferred', start_date = ?, end_date = ? WHERE id IN (SELECT value FROM json_each(?))";
        tx.exec(sql, [now.into(), now.into(), ids.clone()]).await?;
        let sql = "UPDATE task_instance SET state = 'deferred', start_date = ?, end_date = NULL WHERE attempt_id IN (SELECT value FROM json_each(?))";
        tx.exec(sql, [now.into(), ids.clone()]).await?;
        let sql = format!("SELECT {} FROM attempt WHERE id IN (SELECT value FROM json_each(?))", Attempt::COLUMNS);
        for row in tx.rows(sql, [ids]).await? {
            let attempt = Attempt::read(&row, 0)?;
            let start = self.candidates.iter().find(|one| one.attempt_id == attempt.id).and_then(|one| one.start.as_ref());
            if let Some(start) = start {
                deferral::put(tx, &attempt, start).await?;
            }
        }
        Ok(())
    }
}

/// A candidate's row.
struct Wanted {
    dag_id: Arc<str>,
    is_paused: bool,
    max_active_tasks: i64,
    pool: Arc<str>,
    pool_slots: i64,
    queue: String,
    priority_weight: i64,
    try_number: u32,
    /// The try goes on; it has begun before.
    goes_on: bool,
}

impl Wanted {
    fn read(row: &Row) -> Result<Self> {
        let spent: u32 = row.get(8)?;
        let goes_on = row.get::<Option<bool>>(9)?.unwrap_or(false);
        Ok(Self {
            dag_id: row.get(1)?,
            is_paused: row.get(2)?,
            max_active_tasks: row.get(3)?,
            pool: row.get(4)?,
            pool_slots: row.get(5)?,
            queue: row.get(6)?,
            priority_weight: row.get(7)?,
            try_number: if goes_on { spent } else { spent + 1 },
            goes_on,
        })
    }

    fn demand(&self, candidate: &Candidate) -> Demand {
        Demand {
            dag_id: self.dag_id.clone(),
            run_pk: candidate.key.run_pk,
            task_id: candidate.key.task_id.clone(),
            pool: self.pool.clone(),
            pool_slots: self.pool_slots,
            max_active_tasks: self.max_active_tasks,
            per_dag: candidate.max_active_tis_per_dag.map(i64::from),
            per_dagrun: candidate.max_active_tis_per_dagrun.map(i64::from),
        }
    }

    fn admitted(self, candidate: &Candidate) -> Admitted {
        Admitted {
            key: candidate.key.clone(),
            attempt_id: candidate.attempt_id,
            try_number: self.try_number,
            queue: self.queue,
            priority_weight: self.priority_weight,
        }
    }
}

pub(super) async fn pools(tx: &mut Tx<'_>) -> Result<HashMap<Arc<str>, PoolSize>> {
    let rows = tx.rows("SELECT pool, slots, include_deferred FROM pool", params![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, PoolSize { slots: row.get(1)?, include_deferred: row.get(2)? }))).collect()
}

/// Counts all that is active, from the index `task_instance_active` alone.
pub(super) async fn count_active(tx: &mut Tx<'_>, taken: &mut Taken) -> Result<()> {
    let sql = "SELECT state, pool, dag_id, run_pk, task_id, COUNT(*), SUM(pool_slots) FROM task_instance
        WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') AND state <> 'scheduled'
        GROUP BY state, pool, dag_id, run_pk, task_id";
    for row in tx.rows(sql, params![]).await? {
        let state: TaskState = row.get(0)?;
        let what = Demand {
            dag_id: row.get(2)?,
            run_pk: row.get(3)?,
            task_id: row.get(4)?,
            pool: row.get(1)?,
            pool_slots: 0,
            max_active_tasks: 0,
            per_dag: None,
            per_dagrun: None,
        };
        taken.count(state, &what, row.get(5)?, row.get(6)?);
    }
    Ok(())
}
