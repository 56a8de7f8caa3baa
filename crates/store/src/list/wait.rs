//! The triggers that deferred task instances wait for, as the API lists them.

use super::job::{self, JobView};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// A wait for a trigger. Times in microseconds.
#[derive(Debug, Clone)]
pub struct WaitView {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
    pub id: i64,
    /// Dotted path of the trigger's class.
    pub classpath: String,
    /// The arguments: JSON; `None`: no key fits.
    pub kwargs: Option<String>,
    pub created_at: i64,
    /// The process that has it, alive or not.
    pub triggerer: Option<JobView>,
}

/// The waits of these task instances, as far as they have one.
#[derive(Debug, Clone)]
pub struct ListWaits {
    /// Run, task, map index.
    pub tasks: Vec<(i64, String, i32)>,
}

impl Transaction for ListWaits {
    type Out = Vec<WaitView>;
    const NAME: &'static str = "list.waits";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if self.tasks.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT d.run_pk, d.task_id, d.map_index, d.id, d.classpath, d.kwargs, d.is_encrypted, d.created_at, d.triggerer
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk, value ->> 1 AS task_id, CAST(value ->> 2 AS BIGINT) AS map_index FROM json_each(?)) AS t
            CROSS JOIN deferral AS d ON d.run_pk = t.run_pk AND d.task_id = t.task_id AND d.map_index = t.map_index
            WHERE d.event IS NULL AND d.classpath IS NOT NULL";
        let rows = tx.rows(sql, params![Value::json(&self.tasks)?]).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.get::<Option<i64>>(8_usize)).filter_map(Result::transpose).collect::<Result<_>>()?;
        let sql = format!("{} WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))", job::select());
        let jobs = if ids.is_empty() { Vec::new() } else { tx.rows(sql, params![Value::json(&ids)?]).await? };
        let jobs: Vec<JobView> = jobs.iter().map(job::read).collect::<Result<_>>()?;
        rows.iter().map(|row| wait(tx, row, &jobs)).collect()
    }
}

fn wait(tx: &Tx<'_>, row: &Row, jobs: &[JobView]) -> Result<WaitView> {
    let kwargs = tx.fernet().open(&row.get::<String>(5_usize)?, row.get(6_usize)?, || "the arguments of a trigger".to_owned());
    let triggerer: Option<i64> = row.get(8_usize)?;
    Ok(WaitView {
        run_pk: row.get(0_usize)?,
        task_id: row.get(1_usize)?,
        map_index: row.get(2_usize)?,
        id: row.get(3_usize)?,
        classpath: row.get(4_usize)?,
        kwargs: kwargs.ok(),
        created_at: row.get(7_usize)?,
        triggerer: jobs.iter().find(|job| Some(job.id) == triggerer).cloned(),
    })
}
