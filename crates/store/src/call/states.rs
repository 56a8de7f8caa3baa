//! States of task instances that DAG code asks for.

use std::sync::Arc;

use tradewind_core::state::TaskState;

use super::runs::RunsLike;
use crate::table::task_instance::{TaskInstance, TaskKey};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Task instances of some runs.
#[derive(Debug, Clone, Default)]
pub struct TasksLike {
    pub runs: RunsLike,
    /// `None`: all tasks.
    pub task_ids: Option<Vec<String>>,
    pub map_index: Option<i32>,
}

/// One of them: run id, task id, map index, state.
pub type StateOf = (Arc<str>, Arc<str>, i32, Option<TaskState>);

/// Reads the states, by run and task.
#[derive(Debug, Clone)]
pub struct TaskStates(pub TasksLike);

impl Transaction for TaskStates {
    type Out = Vec<StateOf>;
    const NAME: &'static str = "task_states";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let (mut clause, mut values) = self.0.runs.clause()?;
        if let Some(ids) = &self.0.task_ids {
            clause.push_str(" AND ti.task_id IN (SELECT value FROM json_each(?))");
            values.push(Value::json(ids)?);
        }
        if let Some(map_index) = self.0.map_index {
            clause.push_str(" AND ti.map_index = ?");
            values.push(map_index.into());
        }
        let sql = format!(
            "SELECT r.run_id, ti.task_id, ti.map_index, ti.state FROM dag_run r JOIN task_instance ti ON ti.run_pk = r.id WHERE {clause}
            ORDER BY r.run_after, ti.task_id, ti.map_index"
        );
        let rows = tx.rows(sql, values).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
    }
}

/// The same task in the newest run before this one, with a state when one is named.
#[derive(Debug, Clone)]
pub struct PreviousTask {
    pub key: TaskKey,
    pub state: Option<String>,
}

impl Transaction for PreviousTask {
    /// The instance and its run's id.
    type Out = Option<(TaskInstance, Arc<str>)>;
    const NAME: &'static str = "previous_task";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = format!(
            "SELECT {}, r.run_id FROM dag_run this
            JOIN dag_run r ON r.dag_id = this.dag_id AND r.logical_date < this.logical_date
            JOIN task_instance ti ON ti.run_pk = r.id AND ti.task_id = ? AND ti.map_index = ?
            WHERE this.id = ? AND (CAST(? AS TEXT) IS NULL OR ti.state = ?) ORDER BY r.logical_date DESC LIMIT 1",
            TaskInstance::QUALIFIED
        );
        let row = tx.row(sql, params![&self.key.task_id, self.key.map_index, self.key.run_pk, &self.state, &self.state]).await?;
        row.map(|row| Ok((TaskInstance::read(&row, 0)?, row.get(TaskInstance::WIDTH)?))).transpose()
    }
}
