//! Which limits hold a task instance back now, and who has their places: the counts of an admission, without taking anything.

use std::sync::Arc;

use jiff::Timestamp;

use super::admit::{count_active, pools};
use super::limits::{Demand, HeldBack, Taken};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Holders that are named.
const NAMED: i64 = 20;

/// See the module.
#[derive(Debug, Clone)]
pub struct WhyHeld {
    pub run_pk: i64,
    pub task_id: Arc<str>,
    pub map_index: i32,
    /// `max_active_tis_per_dag` of the task.
    pub per_dag: Option<u32>,
    /// `max_active_tis_per_dagrun` of the task.
    pub per_dagrun: Option<u32>,
    /// Attempts queued or running in the whole installation; 0: without limit.
    pub parallelism: u32,
}

/// A limit that is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub why: HeldBack,
    /// Slots of the pool in all; -1: without limit.
    pub pool_size: Option<i64>,
    /// Task instances under the limit, and the slots they take of their pools.
    pub active: i64,
    pub slots: i64,
    /// Task instances that wait to be admitted to the pool, this one among them.
    pub waiting: i64,
    /// Those who have been there longest.
    pub holders: Vec<HolderRow>,
}

/// A task instance that has a place.
#[derive(Debug, Clone, PartialEq)]
pub struct HolderRow {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
    pub state: String,
    pub pool_slots: i64,
    pub since: Option<Timestamp>,
}

impl Transaction for WhyHeld {
    /// Empty: nothing holds it back, or it is not there.
    type Out = Vec<Held>;
    const NAME: &'static str = "why_held";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Held>> {
        let sql = "SELECT r.dag_id, d.max_active_tasks, ti.pool, ti.pool_slots FROM task_instance ti
            JOIN dag_run r ON r.id = ti.run_pk JOIN dag d ON d.dag_id = r.dag_id
            WHERE ti.run_pk = ? AND ti.task_id = ? AND ti.map_index = ?";
        let Some(row) = tx.row(sql, params![self.run_pk, &self.task_id, self.map_index]).await? else { return Ok(Vec::new()) };
        let demand = Demand {
            dag_id: row.get(0)?,
            run_pk: self.run_pk,
            task_id: self.task_id.clone(),
            pool: row.get(2)?,
            pool_slots: row.get(3)?,
            max_active_tasks: row.get(1)?,
            per_dag: self.per_dag.map(i64::from),
            per_dagrun: self.per_dagrun.map(i64::from),
        };
        let mut taken = Taken::new(i64::from(self.parallelism), pools(tx).await?);
        count_active(tx, &mut taken).await?;
        let mut all = Vec::new();
        for why in taken.held(&demand) {
            let (pool_size, with_deferred) = taken.pool_size(&demand.pool);
            let (condition, values) = under(&why, &demand, with_deferred);
            let (active, slots) = count(tx, &condition, &values).await?;
            let waiting = if condition.contains("pool = ?") { waiting(tx, &demand.pool).await? } else { 0 };
            all.push(Held { why, pool_size, active, slots, waiting, holders: holders(tx, &condition, &values).await? });
        }
        Ok(all)
    }
}

/// The active task instances as the index `task_instance_active` has them.
const ACTIVE: &str =
    "ti.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') AND ti.state <> 'scheduled'";
const WITH_ATTEMPT: &str = "ti.state IN ('queued', 'running', 'restarting')";

/// What counts under a limit.
fn under(why: &HeldBack, demand: &Demand, with_deferred: bool) -> (String, Vec<Value>) {
    match why {
        HeldBack::Pool(_) | HeldBack::PoolMissing(_) | HeldBack::PoolTooSmall(_) => {
            let deferred = if with_deferred { " OR ti.state = 'deferred'" } else { "" };
            (format!("({WITH_ATTEMPT}{deferred}) AND ti.pool = ?"), params![&demand.pool].to_vec())
        }
        HeldBack::MaxActiveTasks => (format!("{WITH_ATTEMPT} AND ti.run_pk = ?"), params![demand.run_pk].to_vec()),
        HeldBack::MaxActiveTisPerDag => ("ti.dag_id = ? AND ti.task_id = ?".to_owned(), params![&demand.dag_id, &demand.task_id].to_vec()),
        HeldBack::MaxActiveTisPerDagrun => {
            ("ti.run_pk = ? AND ti.task_id = ?".to_owned(), params![demand.run_pk, &demand.task_id].to_vec())
        }
        HeldBack::Parallelism | HeldBack::Paused => (WITH_ATTEMPT.to_owned(), Vec::new()),
    }
}

async fn count(tx: &mut Tx<'_>, condition: &str, values: &[Value]) -> Result<(i64, i64)> {
    let sql = format!("SELECT COUNT(*), COALESCE(SUM(ti.pool_slots), 0) FROM task_instance ti WHERE {ACTIVE} AND {condition}");
    tx.row(sql, values).await?.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
}

async fn waiting(tx: &mut Tx<'_>, pool: &str) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM task_instance
        WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') AND state = 'scheduled' AND pool = ?";
    tx.row(sql, params![pool]).await?.map_or(Ok(0), |row| row.get(0))
}

async fn holders(tx: &mut Tx<'_>, condition: &str, values: &[Value]) -> Result<Vec<HolderRow>> {
    let sql = format!(
        "SELECT r.dag_id, r.run_id, ti.task_id, ti.map_index, ti.state, ti.pool_slots, COALESCE(ti.start_date, ti.queued_at) AS since
        FROM task_instance ti JOIN dag_run r ON r.id = ti.run_pk WHERE {ACTIVE} AND {condition}
        ORDER BY since, ti.run_pk, ti.task_id, ti.map_index LIMIT ?"
    );
    let mut values = values.to_vec();
    values.push(NAMED.into());
    let rows = tx.rows(sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(HolderRow {
                dag_id: row.get(0)?,
                run_id: row.get(1)?,
                task_id: row.get(2)?,
                map_index: row.get(3)?,
                state: row.get(4)?,
                pool_slots: row.get(5)?,
                since: row.get(6)?,
            })
        })
        .collect()
}
