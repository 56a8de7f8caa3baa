//! Marking: a user says how a task instance or a run ended. Processes that still run are asked to end; their reports come too late.

use serde::Serialize;
use tradewind_core::state::{RunState, TaskState};

use super::clear::{end_attempts, lock_tasks};
use crate::table::dag_run::{self, Changed};
use crate::table::event_log::{self, NewEvent};
use crate::table::task_instance::TaskInstance;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A task instance to mark.
#[derive(Debug, Clone, Serialize)]
pub struct MarkTask {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
}

/// Sets the state of task instances, from whatever state they have.
#[derive(Debug, Clone)]
pub struct MarkTasks {
    pub tasks: Vec<MarkTask>,
    /// `success`, `failed` or `skipped`.
    pub state: TaskState,
    pub events: Vec<NewEvent>,
}

impl Transaction for MarkTasks {
    /// The runs, each with its number.
    type Out = Vec<Changed>;
    const NAME: &'static str = "mark_tasks";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Changed>> {
        if self.tasks.is_empty() {
            return Ok(Vec::new());
        }
        let set = Value::json(&self.tasks)?;
        lock_tasks(tx, &set).await?;
        end_attempts(tx, &set).await?;
        set_states(tx, &set, self.state).await?;
        event_log::insert(tx, &self.events).await?;
        let now = tx.now();
        let sql = "UPDATE dag_run SET change_seq = change_seq + 1, updated_at = ?
            WHERE id IN (SELECT CAST(value ->> 'run_pk' AS BIGINT) FROM json_each(?))
            RETURNING id, dag_id, run_id, state, change_seq, owner_job";
        let rows = tx.rows(sql, params![now, set]).await?;
        rows.iter().map(Changed::read).collect()
    }
}

async fn set_states(tx: &mut Tx<'_>, set: &Value, state: TaskState) -> Result<u64> {
    let now = tx.now();
    let sql = "UPDATE task_instance AS t SET state = ?, start_date = coalesce(t.start_date, ?), end_date = ?, retry_at = NULL,
            reschedule_at = NULL, updated_at = ?
        FROM (SELECT CAST(value ->> 'run_pk' AS BIGINT) AS run_pk, value ->> 'task_id' AS task_id,
            CAST(value ->> 'map_index' AS BIGINT) AS map_index FROM json_each(?)) j
        WHERE t.run_pk = j.run_pk AND t.task_id = j.task_id AND t.map_index = j.map_index";
    tx.exec(sql, params![state, now, now, now, set.clone()]).await
}

/// Sets the state of a run: what runs gets that state, what has not run is skipped, teardowns are left alone.
#[derive(Debug, Clone)]
pub struct MarkRun {
    pub run_pk: i64,
    /// `success` or `failed`.
    pub state: RunState,
    /// Ids of the teardown tasks. While one of them is unfinished, the run stays open and its scheduler ends it.
    pub teardowns: Vec<String>,
    pub events: Vec<NewEvent>,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct RunMarked {
    pub changed: Changed,
    /// The task instances that were marked, as they are now.
    pub tasks: Vec<TaskInstance>,
}

impl Transaction for MarkRun {
    /// `None`: the run is gone.
    type Out = Option<RunMarked>;
    const NAME: &'static str = "mark_run";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<RunMarked>> {
        dag_run::lock(tx, self.run_pk).await?;
        let all = crate::table::task_instance::of_run(tx, self.run_pk).await?;
        let is_teardown = |task: &TaskInstance| self.teardowns.iter().any(|id| **id == *task.task_id);
        let unfinished = |task: &&TaskInstance| task.state.is_none_or(|state| !state.is_finished());
        let tears_down = all.iter().filter(unfinished).any(is_teardown);
        let (running, waiting): (Vec<&TaskInstance>, Vec<&TaskInstance>) =
            all.iter().filter(unfinished).filter(|task| !is_teardown(task)).partition(|task| task.state.is_some_and(takes_part));
        let end = if self.state == RunState::Success { TaskState::Success } else { TaskState::Failed };
        for (tasks, state) in [(&running, end), (&waiting, TaskState::Skipped)] {
            if tasks.is_empty() {
                continue;
            }
            let set: Vec<MarkTask> = tasks.iter().map(|task| mark_of(task)).collect();
            let set = Value::json(&set)?;
            lock_tasks(tx, &set).await?;
            end_attempts(tx, &set).await?;
            set_states(tx, &set, state).await?;
        }
        if !tears_down {
            let now = tx.now();
            let sql = "UPDATE dag_run SET state = ?, start_date = coalesce(start_date, ?), end_date = ?, owner_job = NULL, owner_term = NULL WHERE id = ?";
            tx.exec(sql, params![self.state, now, now, self.run_pk]).await?;
        }
        event_log::insert(tx, &self.events).await?;
        let Some(changed) = dag_run::raise_change(tx, self.run_pk).await? else { return Ok(None) };
        let marked: Vec<TaskInstance> = running
            .into_iter()
            .map(|task| TaskInstance { state: Some(end), ..task.clone() })
            .chain(waiting.into_iter().map(|task| TaskInstance { state: Some(TaskState::Skipped), ..task.clone() }))
            .collect();
        Ok(Some(RunMarked { changed, tasks: marked }))
    }
}

/// Whether a task instance in this state has begun its work.
fn takes_part(state: TaskState) -> bool {
    matches!(
        state,
        TaskState::Running | TaskState::Restarting | TaskState::Deferred | TaskState::UpForReschedule | TaskState::AwaitingInput
    )
}

fn mark_of(task: &TaskInstance) -> MarkTask {
    MarkTask { run_pk: task.run_pk, task_id: task.task_id.to_string(), map_index: task.map_index }
}
