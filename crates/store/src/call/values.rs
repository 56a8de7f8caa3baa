//! XComs, rendered fields and labels of the caller's own task instance, and XComs of any.

use uuid::Uuid;

use crate::table::task_instance::TaskKey;
use crate::table::xcom;
use crate::{Mode, Result, Transaction, Tx, params};

/// All values of a task under a key, by map index. With `include_prior_dates`, those of the newest run up to this one that has any.
#[derive(Debug, Clone)]
pub struct XcomValues {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub key: String,
    pub include_prior_dates: bool,
}

impl Transaction for XcomValues {
    type Out = Vec<(i32, String)>;
    const NAME: &'static str = "xcom_values";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let Some(run_pk) = self.run_with_values(tx).await? else { return Ok(Vec::new()) };
        let sql = "SELECT map_index, value FROM xcom WHERE run_pk = ? AND task_id = ? AND key = ? ORDER BY map_index";
        let rows = tx.rows(sql, params![run_pk, &self.task_id, &self.key]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }
}

impl XcomValues {
    async fn run_with_values(&self, tx: &mut Tx<'_>) -> Result<Option<i64>> {
        let this =
            tx.row("SELECT id, logical_date FROM dag_run WHERE dag_id = ? AND run_id = ?", params![&self.dag_id, &self.run_id]).await?;
        let Some(this) = this else { return Ok(None) };
        let run_pk: i64 = this.get(0)?;
        let date: Option<i64> = this.get(1)?;
        if !self.include_prior_dates || date.is_none() {
            return Ok(Some(run_pk));
        }
        let sql = "SELECT r.id FROM dag_run r WHERE r.dag_id = ? AND r.logical_date <= ?
            AND EXISTS (SELECT 1 FROM xcom x WHERE x.run_pk = r.id AND x.task_id = ? AND x.key = ?) ORDER BY r.logical_date DESC LIMIT 1";
        let row = tx.row(sql, params![&self.dag_id, date, &self.task_id, &self.key]).await?;
        row.map(|row| row.get(0)).transpose()
    }
}

/// Whether the attempt runs and is its task instance's current one: others may write nothing (invariant 3).
async fn current(tx: &mut Tx<'_>, attempt_id: Uuid) -> Result<Option<TaskKey>> {
    let sql = "SELECT ti.run_pk, ti.task_id, ti.map_index FROM task_instance ti WHERE ti.attempt_id = ? AND ti.state = 'running'
        /*! FOR UPDATE */";
    let row = tx.row(sql, params![attempt_id]).await?;
    row.map(|row| Ok(TaskKey { run_pk: row.get(0)?, task_id: row.get(1)?, map_index: row.get(2)? })).transpose()
}

/// A value of the caller.
#[derive(Debug, Clone)]
pub struct PutXcom {
    pub attempt_id: Uuid,
    pub key: String,
    /// JSON text.
    pub value: String,
}

impl Transaction for PutXcom {
    /// `false`: the attempt is fenced.
    type Out = bool;
    const NAME: &'static str = "put_xcom";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(key) = current(tx, self.attempt_id).await? else { return Ok(false) };
        xcom::put_all(tx, &key, &[(self.key.clone(), self.value.clone())]).await?;
        Ok(true)
    }
}

/// Removes a value of the caller.
#[derive(Debug, Clone)]
pub struct DropXcom {
    pub attempt_id: Uuid,
    pub key: String,
}

impl Transaction for DropXcom {
    /// `false`: the attempt is fenced.
    type Out = bool;
    const NAME: &'static str = "drop_xcom";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(key) = current(tx, self.attempt_id).await? else { return Ok(false) };
        let sql = "DELETE FROM xcom WHERE run_pk = ? AND task_id = ? AND map_index = ? AND key = ?";
        tx.exec(sql, params![key.run_pk, &key.task_id, key.map_index, &self.key]).await?;
        Ok(true)
    }
}

/// The rendered template fields of the caller.
#[derive(Debug, Clone)]
pub struct SetRendered {
    pub attempt_id: Uuid,
    /// JSON text of an object.
    pub fields: String,
}

impl Transaction for SetRendered {
    /// `false`: the attempt is fenced.
    type Out = bool;
    const NAME: &'static str = "set_rendered";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(key) = current(tx, self.attempt_id).await? else { return Ok(false) };
        let sql = "INSERT INTO rendered_fields (run_pk, task_id, map_index, fields) VALUES (?, ?, ?, ?)
            ON CONFLICT (run_pk, task_id, map_index) DO UPDATE SET fields = excluded.fields";
        tx.exec(sql, params![key.run_pk, &key.task_id, key.map_index, &self.fields]).await?;
        Ok(true)
    }
}

/// The label of the caller's map index.
#[derive(Debug, Clone)]
pub struct SetMapLabel {
    pub attempt_id: Uuid,
    pub label: String,
}

impl Transaction for SetMapLabel {
    /// `false`: the attempt is fenced.
    type Out = bool;
    const NAME: &'static str = "set_map_label";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let sql = "UPDATE task_instance SET rendered_map_index = ? WHERE attempt_id = ? AND state = 'running'";
        let written = tx.exec(sql, params![&self.label, self.attempt_id]).await?;
        tx.exec("UPDATE attempt SET rendered_map_index = ? WHERE id = ? AND state = 'running'", params![&self.label, self.attempt_id])
            .await?;
        Ok(written == 1)
    }
}
