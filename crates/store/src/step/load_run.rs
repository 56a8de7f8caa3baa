//! All that an owner needs to take a run into memory.

use std::sync::Arc;

use tradewind_core::state::TaskState;

use crate::table::dag_run::{self, DagRun};
use crate::table::task_instance::{self, TaskInstance};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Reads a run, its task instances, its skip marks, and what its tasks need to know of the past.
#[derive(Debug, Clone)]
pub struct LoadRun {
    pub run_pk: i64,
    /// Tasks of which the run before matters (`depends_on_past`, `wait_for_downstream` and their downstream).
    pub past_tasks: Vec<Arc<str>>,
}

/// See [`LoadRun`].
#[derive(Debug, Clone)]
pub struct LoadedRun {
    pub run: DagRun,
    pub tasks: Vec<TaskInstance>,
    /// Task, map index and the JSON text of its XCom `skipmixin_key`.
    pub skips: Vec<(Arc<str>, i32, String)>,
    /// The run before this one by logical date; `None` when there is none, this is the first one of a backfill, or nobody asks.
    pub previous: Option<PreviousTasks>,
    /// SHA-256 of the DAG's form, for the version of this run.
    pub content_hash: Option<String>,
}

/// States of the tasks asked for in the run before.
#[derive(Debug, Clone)]
pub struct PreviousTasks {
    pub run_pk: i64,
    pub run_id: Arc<str>,
    pub states: Vec<(Arc<str>, i32, Option<TaskState>)>,
    /// Tasks with an instance in any earlier run.
    pub ran_before: Vec<Arc<str>>,
}

impl Transaction for LoadRun {
    /// `None`: the run is gone.
    type Out = Option<LoadedRun>;
    const NAME: &'static str = "load_run";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<LoadedRun>> {
        let Some(run) = dag_run::by_pk(tx, self.run_pk).await? else { return Ok(None) };
        let tasks = task_instance::of_run(tx, self.run_pk).await?;
        let skips = if tasks.is_empty() { Vec::new() } else { skips(tx, self.run_pk).await? };
        let previous = if self.past_tasks.is_empty() { None } else { previous(tx, &run, &self.past_tasks).await? };
        let content_hash = match run.version_id {
            None => None,
            Some(version) => {
                let row = tx.row("SELECT content_hash FROM dag_version WHERE id = ?", params![version]).await?;
                row.map(|row| row.get(0)).transpose()?
            }
        };
        Ok(Some(LoadedRun { run, tasks, skips, previous, content_hash }))
    }
}

async fn skips(tx: &mut Tx<'_>, run_pk: i64) -> Result<Vec<(Arc<str>, i32, String)>> {
    // Through the task instances, so that the key is found by xcom's primary key and not by reading every value of the run.
    let sql = "SELECT ti.task_id, ti.map_index, x.value FROM task_instance ti
        CROSS JOIN xcom x ON x.run_pk = ti.run_pk AND x.task_id = ti.task_id AND x.map_index = ti.map_index AND x.key = 'skipmixin_key'
        WHERE ti.run_pk = ?";
    let rows = tx.rows(sql, params![run_pk]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

async fn previous(tx: &mut Tx<'_>, run: &DagRun, tasks: &[Arc<str>]) -> Result<Option<PreviousTasks>> {
    let Some(logical_date) = run.logical_date else { return Ok(None) };
    // The first run of a backfill depends on nothing before it.
    if run.backfill_order == 1 {
        return Ok(None);
    }
    let sql = "SELECT id, run_id FROM dag_run WHERE dag_id = ? AND logical_date < ? ORDER BY logical_date DESC LIMIT 1";
    let Some(before) = tx.row(sql, params![&run.dag_id, logical_date]).await? else { return Ok(None) };
    let run_pk: i64 = before.get(0)?;
    let names = Value::json(tasks)?;
    let sql = "SELECT ti.task_id, ti.map_index, ti.state FROM (SELECT value FROM json_each(?)) j
        CROSS JOIN task_instance ti ON ti.run_pk = ? AND ti.task_id = j.value";
    let rows = tx.rows(sql, [names.clone(), run_pk.into()]).await?;
    let states = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect::<Result<Vec<_>>>()?;
    let sql = "SELECT j.value FROM (SELECT value FROM json_each(?)) j WHERE EXISTS (
        SELECT 1 FROM task_instance ti JOIN dag_run r ON r.id = ti.run_pk
        WHERE ti.dag_id = ? AND ti.task_id = j.value AND r.logical_date < ?)";
    let rows = tx.rows(sql, [names, (&run.dag_id).into(), logical_date.into()]).await?;
    let ran_before = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>>>()?;
    Ok(Some(PreviousTasks { run_pk, run_id: before.get(1)?, states, ran_before }))
}
