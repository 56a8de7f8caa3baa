//! Clearing task instances, so that they run again.
//!
//! What runs becomes `restarting`: its process is asked to end, and its report gives the task instance no state. Everything else has no
//! state at once. XComs stay until the next start. A finished run of a cleared task is queued again when that is wanted.

use serde::Serialize;

use crate::table::dag_run::Changed;
use crate::table::event_log::{self, NewEvent};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A task instance to clear.
#[derive(Debug, Clone, Serialize)]
pub struct ClearTask {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
    /// Retries of the task: it gets that many beyond the tries it has had.
    pub retries: u32,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct ClearTasks {
    pub tasks: Vec<ClearTask>,
    /// Runs to queue again besides those of the tasks.
    pub runs: Vec<i64>,
    /// Finished runs are queued again.
    pub reset_runs: bool,
    /// The runs go on with the newest version of their DAG.
    pub latest_version: bool,
    /// A note for the task instances.
    pub note: Option<String>,
    /// User name.
    pub user: String,
    pub events: Vec<NewEvent>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Cleared {
    /// The runs, each with its number; a run that is `queued` here may have been finished before.
    pub runs: Vec<Changed>,
    pub tasks: u64,
}

impl Transaction for ClearTasks {
    type Out = Cleared;
    const NAME: &'static str = "clear_tasks";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Cleared> {
        let set = Value::json(&self.tasks)?;
        lock_tasks(tx, &set).await?;
        end_attempts(tx, &set).await?;
        let tasks = self.clear(tx, &set).await?;
        let reschedules = "DELETE FROM task_reschedule WHERE id IN (SELECT r.id FROM (SELECT CAST(value ->> 'run_pk' AS BIGINT) AS run_pk,
                value ->> 'task_id' AS task_id, CAST(value ->> 'map_index' AS BIGINT) AS map_index FROM json_each(?)) j
            CROSS JOIN task_reschedule r ON r.run_pk = j.run_pk AND r.task_id = j.task_id AND r.map_index = j.map_index)";
        tx.exec(reschedules, [set.clone()]).await?;
        let runs = self.reset(tx).await?;
        event_log::insert(tx, &self.events).await?;
        Ok(Cleared { runs, tasks })
    }
}

impl ClearTasks {
    async fn clear(&self, tx: &mut Tx<'_>, set: &Value) -> Result<u64> {
        let now = tx.now();
        // The attempt decides, not the state: one that was marked may still have its process.
        let running = "EXISTS (SELECT 1 FROM attempt a WHERE a.id = t.attempt_id AND a.state = 'running')";
        let sql = format!(
            "UPDATE task_instance AS t SET
                state = CASE WHEN {running} THEN 'restarting' ELSE NULL END,
                attempt_id = CASE WHEN {running} THEN t.attempt_id ELSE NULL END,
                max_tries = t.try_number + j.retries,
                retry_at = NULL, reschedule_at = NULL, first_poke_at = NULL, map_length = NULL, worker_losses = 0,
                note = coalesce(?, t.note), note_user = CASE WHEN CAST(? AS TEXT) IS NULL THEN t.note_user ELSE ? END, updated_at = ?
            FROM (SELECT CAST(value ->> 'run_pk' AS BIGINT) AS run_pk, value ->> 'task_id' AS task_id,
                CAST(value ->> 'map_index' AS BIGINT) AS map_index, CAST(value ->> 'retries' AS BIGINT) AS retries FROM json_each(?)) j
            WHERE t.run_pk = j.run_pk AND t.task_id = j.task_id AND t.map_index = j.map_index"
        );
        tx.exec(sql, params![&self.note, &self.note, &self.user, now, set.clone()]).await
    }

    async fn reset(&self, tx: &mut Tx<'_>) -> Result<Vec<Changed>> {
        let now = tx.now();
        let mut runs: Vec<i64> = self.tasks.iter().map(|task| task.run_pk).chain(self.runs.iter().copied()).collect();
        runs.sort_unstable();
        runs.dedup();
        let set = Value::json(&runs)?;
        if self.latest_version {
            let sql =
                "UPDATE dag_run SET version_id = coalesce((SELECT d.version_id FROM dag d WHERE d.dag_id = dag_run.dag_id), version_id)
                WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";
            tx.exec(sql, [set.clone()]).await?;
        }
        if self.reset_runs {
            let sql =
                "UPDATE dag_run SET state = 'queued', clear_number = clear_number + 1, start_date = NULL, end_date = NULL, queued_at = ?,
                    last_scheduling_decision = NULL, owner_job = NULL, owner_term = NULL
                WHERE state IN ('success', 'failed') AND id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";
            tx.exec(sql, params![now, set.clone()]).await?;
        }
        let sql = "UPDATE dag_run SET change_seq = change_seq + 1, updated_at = ?
            WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
            RETURNING id, dag_id, run_id, state, change_seq, owner_job";
        let rows = tx.rows(sql, params![now, set]).await?;
        rows.iter().map(Changed::read).collect()
    }
}

/// Locks the runs of these task instances, then themselves: nobody admits or plans them until the end of the transaction.
pub(super) async fn lock_tasks(tx: &mut Tx<'_>, set: &Value) -> Result<()> {
    let runs =
        "SELECT id FROM dag_run WHERE id IN (SELECT CAST(value ->> 'run_pk' AS BIGINT) FROM json_each(?)) ORDER BY id /*! FOR UPDATE */";
    tx.lock(runs, [set.clone()]).await?;
    let tasks = "SELECT t.run_pk FROM (SELECT CAST(value ->> 'run_pk' AS BIGINT) AS run_pk, value ->> 'task_id' AS task_id,
            CAST(value ->> 'map_index' AS BIGINT) AS map_index FROM json_each(?)) j
        CROSS JOIN task_instance t ON t.run_pk = j.run_pk AND t.task_id = j.task_id AND t.map_index = j.map_index
        ORDER BY t.run_pk, t.task_id, t.map_index /*! FOR UPDATE OF t */";
    tx.lock(tasks, [set.clone()]).await
}

/// Asks the attempts of these task instances to end: those that wait are cancelled, those that run are killed by their worker.
pub(super) async fn end_attempts(tx: &mut Tx<'_>, set: &Value) -> Result<()> {
    let sql = "UPDATE attempt SET kill_requested = 'state_changed', end_date = CASE state WHEN 'queued' THEN ? ELSE end_date END,
            state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
        WHERE state IN ('queued', 'running') AND id IN (SELECT t.attempt_id FROM (SELECT CAST(value ->> 'run_pk' AS BIGINT) AS run_pk,
                value ->> 'task_id' AS task_id, CAST(value ->> 'map_index' AS BIGINT) AS map_index FROM json_each(?)) j
            CROSS JOIN task_instance t ON t.run_pk = j.run_pk AND t.task_id = j.task_id AND t.map_index = j.map_index)";
    let now = tx.now();
    tx.exec(sql, params![now, set.clone()]).await?;
    Ok(())
}
