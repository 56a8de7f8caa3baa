//! The owner writes what its planner decided.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tradewind_core::alert::Draft;
use tradewind_core::state::{RunState, TaskState};

use super::lease::{Owner, prove};
use crate::table::alert;
use crate::table::callback_request::{self, NewCallback};
use crate::table::event_log::{self, NewEvent};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A task instance to insert.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTask {
    pub task_id: Arc<str>,
    /// -1: not expanded.
    pub map_index: i32,
    pub state: Option<TaskState>,
    pub try_number: u32,
    pub max_tries: u32,
    pub operator: Arc<str>,
    pub pool: Arc<str>,
    pub pool_slots: i64,
    pub queue: Arc<str>,
    pub executor: Option<Arc<str>>,
    /// Effective.
    pub priority_weight: i64,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
}

/// A compare-and-set of a task instance.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskTransition {
    pub task_id: Arc<str>,
    pub map_index: i32,
    pub from: Option<TaskState>,
    pub to: Option<TaskState>,
    /// Written when set, as the next two.
    pub try_number: Option<u32>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
}

/// The attempt of this task instance is no longer wanted: a queued one is cancelled, a running one is asked to end.
#[derive(Debug, Clone, PartialEq)]
pub struct Kill {
    pub task_id: Arc<str>,
    pub map_index: i32,
    /// `state_changed`, `run_ended`, `fenced`.
    pub reason: &'static str,
}

/// All that a plan changes in one run.
#[derive(Debug, Clone)]
pub struct ApplyPlan {
    pub owner: Owner,
    pub run_pk: i64,
    /// The `change_seq` the plan was made from.
    pub known_seq: i64,
    /// Instances that were expanded: rows to delete, first of all.
    pub deleted: Vec<(Arc<str>, i32)>,
    pub created: Vec<CreateTask>,
    pub transitions: Vec<TaskTransition>,
    pub kills: Vec<Kill>,
    /// The state the run ends with.
    pub run_end: Option<RunState>,
    pub callbacks: Vec<NewCallback>,
    pub events: Vec<NewEvent>,
    pub alerts: Vec<Draft>,
}

/// Outcome of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOutcome {
    Applied,
    /// Nothing was written. `change_seq` tells what was missed; when it is the known one, memory and rows differ: read the rows again.
    Stale {
        change_seq: i64,
    },
    /// Nothing was written: the term is over, the run is another's, ended or gone.
    Fenced,
}

impl Transaction for ApplyPlan {
    type Out = PlanOutcome;
    const NAME: &'static str = "apply_plan";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<PlanOutcome> {
        if !prove(tx, self.owner).await? {
            return Ok(PlanOutcome::Fenced);
        }
        let sql = "SELECT change_seq, dag_id, version_id FROM dag_run
            WHERE id = ? AND owner_job = ? AND owner_term = ? AND state IN ('queued', 'running') /*! FOR UPDATE */";
        let Some(run) = tx.row(sql, params![self.run_pk, self.owner.job, self.owner.term]).await? else {
            return Ok(PlanOutcome::Fenced);
        };
        let change_seq = run.get(0)?;
        if change_seq != self.known_seq {
            return Ok(PlanOutcome::Stale { change_seq });
        }
        let whole = self.delete(tx).await? && self.create(tx, run.get(1)?, run.get(2)?).await? && self.transit(tx).await?;
        if !whole || !self.end_run(tx).await? {
            tx.discard();
            return Ok(PlanOutcome::Stale { change_seq });
        }
        // Transitions leave the attempts in place, and attempts are locked after task instances.
        kill(tx, self.run_pk, &self.kills).await?;
        callback_request::insert(tx, &self.callbacks).await?;
        event_log::insert(tx, &self.events).await?;
        alert::insert(tx, Some(self.run_pk), &self.alerts).await?;
        Ok(PlanOutcome::Applied)
    }
}

impl ApplyPlan {
    async fn delete(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if self.deleted.is_empty() {
            return Ok(true);
        }
        let sql =
            "DELETE FROM task_instance WHERE run_pk = ? AND (task_id, map_index) IN (SELECT value ->> 0, CAST(value ->> 1 AS BIGINT) FROM json_each(?))
            AND (state IS NULL OR state NOT IN ('queued', 'running', 'restarting'))";
        let gone = tx.exec(sql, params![self.run_pk, Value::json(&self.deleted)?]).await?;
        Ok(gone == self.deleted.len() as u64)
    }

    async fn create(&self, tx: &mut Tx<'_>, dag_id: String, version_id: Option<i64>) -> Result<bool> {
        if self.created.is_empty() {
            return Ok(true);
        }
        let rows: Vec<_> = self
            .created
            .iter()
            .map(|task| {
                let (start, end) = (micros(task.start_date), micros(task.end_date));
                let what = (&task.operator, &task.pool, task.pool_slots, &task.queue, &task.executor, task.priority_weight);
                (
                    &task.task_id,
                    task.map_index,
                    task.state,
                    task.try_number,
                    task.max_tries,
                    what.0,
                    what.1,
                    what.2,
                    what.3,
                    what.4,
                    what.5,
                    start,
                    end,
                )
            })
            .collect();
        let now = tx.now();
        let sql = "INSERT INTO task_instance (run_pk, dag_id, version_id, task_id, map_index, state, try_number, max_tries, operator, pool,
                pool_slots, queue, executor, priority_weight, start_date, end_date, scheduled_at, updated_at)
            SELECT ?, ?, ?, task_id, map_index, state, try_number, max_tries, operator, pool, pool_slots, queue, executor, priority_weight,
                start_date, end_date, CASE WHEN state = 'scheduled' THEN ? END, ?
            FROM (SELECT value ->> 0 AS task_id, CAST(value ->> 1 AS BIGINT) AS map_index, value ->> 2 AS state,
                CAST(value ->> 3 AS BIGINT) AS try_number, CAST(value ->> 4 AS BIGINT) AS max_tries, value ->> 5 AS operator, value ->> 6 AS pool,
                CAST(value ->> 7 AS BIGINT) AS pool_slots, value ->> 8 AS queue, value ->> 9 AS executor,
                CAST(value ->> 10 AS BIGINT) AS priority_weight, CAST(value ->> 11 AS BIGINT) AS start_date,
                CAST(value ->> 12 AS BIGINT) AS end_date FROM json_each(?)) made
            WHERE true ON CONFLICT DO NOTHING";
        let made = tx.exec(sql, params![self.run_pk, dag_id, version_id, now, now, Value::json(&rows)?]).await?;
        Ok(made == self.created.len() as u64)
    }

    async fn transit(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if self.transitions.is_empty() {
            return Ok(true);
        }
        let rows: Vec<_> = self
            .transitions
            .iter()
            .map(|step| {
                let dates = (micros(step.start_date), micros(step.end_date));
                (self.run_pk, &step.task_id, step.map_index, step.from, step.to, step.try_number, dates.0, dates.1)
            })
            .collect();
        let now = tx.now();
        // The run's number is part of each key, so that the set is read once and each row found by its key, and not the other way round.
        let sql = "UPDATE task_instance AS ti SET state = j.goes_to, try_number = COALESCE(j.counted, ti.try_number),
                start_date = COALESCE(j.began, ti.start_date), end_date = COALESCE(j.ended, ti.end_date),
                scheduled_at = CASE WHEN j.goes_to = 'scheduled' THEN ? ELSE ti.scheduled_at END, retry_at = NULL, reschedule_at = NULL,
                updated_at = ?
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk, value ->> 1 AS task_id, CAST(value ->> 2 AS BIGINT) AS map_index,
                value ->> 3 AS comes_from, value ->> 4 AS goes_to, CAST(value ->> 5 AS BIGINT) AS counted, CAST(value ->> 6 AS BIGINT) AS began,
                CAST(value ->> 7 AS BIGINT) AS ended FROM json_each(?)) AS j
            WHERE ti.run_pk = j.run_pk AND ti.task_id = j.task_id AND ti.map_index = j.map_index AND ti.state IS NOT DISTINCT FROM j.comes_from";
        let moved = tx.exec(sql, params![now, now, Value::json(&rows)?]).await?;
        Ok(moved == self.transitions.len() as u64)
    }

    async fn end_run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let now = tx.now();
        let Some(state) = self.run_end else {
            let sql = "UPDATE dag_run SET last_scheduling_decision = ?, updated_at = ? WHERE id = ?";
            return Ok(tx.exec(sql, params![now, now, self.run_pk]).await? == 1);
        };
        let sql =
            "UPDATE dag_run SET state = ?, end_date = ?, last_scheduling_decision = ?, updated_at = ?, owner_job = NULL, owner_term = NULL
            WHERE id = ? AND state = 'running'";
        Ok(tx.exec(sql, params![state, now, now, now, self.run_pk]).await? == 1)
    }
}

/// See [`Kill`].
async fn kill(tx: &mut Tx<'_>, run_pk: i64, kills: &[Kill]) -> Result<()> {
    if kills.is_empty() {
        return Ok(());
    }
    let mut by_reason: HashMap<&str, Vec<(&Arc<str>, i32)>> = HashMap::new();
    for kill in kills {
        by_reason.entry(kill.reason).or_default().push((&kill.task_id, kill.map_index));
    }
    let now = tx.now();
    let sql = "UPDATE attempt SET kill_requested = ?, end_date = CASE state WHEN 'queued' THEN ? ELSE end_date END,
            state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
        WHERE state IN ('queued', 'running') AND id IN (SELECT ti.attempt_id
            FROM (SELECT value ->> 0 AS task_id, CAST(value ->> 1 AS BIGINT) AS map_index FROM json_each(?)) j
            CROSS JOIN task_instance ti ON ti.run_pk = ? AND ti.task_id = j.task_id AND ti.map_index = j.map_index)";
    for (reason, tasks) in by_reason {
        tx.exec(sql, params![reason, now, Value::json(&tasks)?, run_pk]).await?;
    }
    Ok(())
}

pub(crate) fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_microsecond)
}
