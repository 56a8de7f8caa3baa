//! `xcom`: values that tasks leave for each other, as JSON texts.

use std::sync::Arc;

use jiff::Timestamp;

use super::task_instance::TaskKey;
use crate::step::Prefetched;
use crate::{Mode, Result, Transaction, Tx, Value, params};

row_type! {
    /// One value.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Xcom as "x" {
        run_pk: i64,
        task_id: Arc<str>,
        map_index: i32,
        key: String,
        /// JSON text.
        value: String,
        timestamp: Timestamp,
    }
}

/// Writes values of one task instance inside another transaction.
pub(crate) async fn put_all(tx: &mut Tx<'_>, key: &TaskKey, values: &[(String, String)]) -> Result<()> {
    let now = tx.now();
    match values {
        [] => {}
        // The usual case, without writing a large text into JSON and reading it back.
        [(name, value)] => {
            let sql = "INSERT INTO xcom (run_pk, task_id, map_index, key, value, timestamp) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (run_pk, task_id, map_index, key) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp";
            tx.exec(sql, params![key.run_pk, &key.task_id, key.map_index, name, value, now]).await?;
        }
        many => {
            let sql = "INSERT INTO xcom (run_pk, task_id, map_index, key, value, timestamp)
                SELECT ?, ?, ?, value ->> 0, value ->> 1, ? FROM json_each(?) WHERE true
                ON CONFLICT (run_pk, task_id, map_index, key) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp";
            tx.exec(sql, params![key.run_pk, &key.task_id, key.map_index, now, Value::json(many)?]).await?;
        }
    }
    Ok(())
}

/// Return values of tasks, complete for each task that is named; tasks with more than `bytes` are left out.
pub(crate) async fn prefetch(tx: &mut Tx<'_>, run_pk: i64, tasks: &[Arc<str>], bytes: usize) -> Result<Vec<Prefetched>> {
    let mut answer = Vec::with_capacity(tasks.len());
    if tasks.is_empty() {
        return Ok(answer);
    }
    let sql = "SELECT j.position, x.map_index, x.value
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS position, value ->> 1 AS task_id FROM json_each(?)) j
        CROSS JOIN task_instance ti ON ti.run_pk = ? AND ti.task_id = j.task_id
        CROSS JOIN xcom x ON x.run_pk = ti.run_pk AND x.task_id = ti.task_id AND x.map_index = ti.map_index AND x.key = 'return_value'
        WHERE LENGTH(x.value) <= ? OR x.value IS NULL ORDER BY j.position, x.map_index";
    let limit = i64::try_from(bytes).unwrap_or(i64::MAX);
    let big = "SELECT j.position FROM (SELECT CAST(value ->> 0 AS BIGINT) AS position, value ->> 1 AS task_id FROM json_each(?)) j
        CROSS JOIN task_instance ti ON ti.run_pk = ? AND ti.task_id = j.task_id
        CROSS JOIN xcom x ON x.run_pk = ti.run_pk AND x.task_id = ti.task_id AND x.map_index = ti.map_index AND x.key = 'return_value'
        GROUP BY j.position HAVING SUM(LENGTH(x.value)) > ?";
    let names = Value::json(&tasks.iter().enumerate().collect::<Vec<_>>())?;
    let left_out: Vec<i64> =
        tx.rows(big, [names.clone(), run_pk.into(), limit.into()]).await?.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    let mut values: Vec<Vec<(i32, String)>> = vec![Vec::new(); tasks.len()];
    for row in tx.rows(sql, [names, run_pk.into(), limit.into()]).await? {
        let position: i64 = row.get(0)?;
        if !left_out.contains(&position)
            && let Some(of_task) = usize::try_from(position).ok().and_then(|position| values.get_mut(position))
        {
            of_task.push((row.get(1)?, row.get(2)?));
        }
    }
    for (position, (task_id, values)) in tasks.iter().zip(values).enumerate() {
        if !left_out.iter().any(|out| usize::try_from(*out) == Ok(position)) {
            answer.push(Prefetched { task_id: task_id.clone(), values });
        }
    }
    Ok(answer)
}

/// One value.
#[derive(Debug, Clone)]
pub struct GetXcom {
    pub key: TaskKey,
    pub name: String,
}

impl Transaction for GetXcom {
    type Out = Option<Xcom>;
    const NAME: &'static str = "get_xcom";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Xcom>> {
        let sql = format!("SELECT {} FROM xcom WHERE run_pk = ? AND task_id = ? AND map_index = ? AND key = ?", Xcom::COLUMNS);
        let row = tx.row(sql, params![self.key.run_pk, &self.key.task_id, self.key.map_index, &self.name]).await?;
        row.map(|row| Xcom::read(&row, 0)).transpose()
    }
}
