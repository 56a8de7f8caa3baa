//! `dag`, `dag_tag`, `dag_warning`.

use serde::Serialize;
use tradewind_core::form::WarningForm;

use crate::{Mode, Result, Transaction, Tx, Value, params};

/// What a parse must know of a DAG that is there.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub dag_id: String,
    pub relative_fileloc: String,
    pub is_stale: bool,
    pub version_id: Option<i64>,
}

pub(crate) async fn known(tx: &mut Tx<'_>, ids: &[&str]) -> Result<Vec<Known>> {
    let sql = "SELECT d.dag_id, d.relative_fileloc, d.is_stale, d.version_id 
        FROM (SELECT value FROM json_each(?)) j CROSS JOIN dag d ON d.dag_id = j.value";
    let rows = tx.rows(sql, [Value::json(ids)?]).await?;
    rows.iter()
        .map(|row| Ok(Known { dag_id: row.get(0)?, relative_fileloc: row.get(1)?, is_stale: row.get(2)?, version_id: row.get(3)? }))
        .collect()
}

/// Marks the DAGs of a file that are not among `present`.
pub(crate) async fn mark_missing_stale(tx: &mut Tx<'_>, relative_fileloc: &str, present: &[&str]) -> Result<Vec<String>> {
    let now = tx.now();
    let sql = "UPDATE dag SET is_stale = 1, last_expired = ?
        WHERE relative_fileloc = ? AND is_stale = 0 AND dag_id NOT IN (SELECT value FROM json_each(?)) RETURNING dag_id";
    let rows = tx.rows(sql, params![now, relative_fileloc, Value::json(present)?]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn replace_tags(tx: &mut Tx<'_>, dag_id: &str, tags: &[String]) -> Result<()> {
    tx.exec("DELETE FROM dag_tag WHERE dag_id = ?", params![dag_id]).await?;
    if !tags.is_empty() {
        let sql = "INSERT INTO dag_tag (dag_id, name) SELECT ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        tx.exec(sql, params![dag_id, Value::json(tags)?]).await?;
    }
    Ok(())
}

/// A warning as a set's row.
#[derive(Serialize)]
struct WarningRow<'a>(&'a str, &'a str, Option<u32>);

pub(crate) async fn replace_warnings(tx: &mut Tx<'_>, dag_id: &str, warnings: &[WarningForm]) -> Result<()> {
    tx.exec("DELETE FROM dag_warning WHERE dag_id = ?", params![dag_id]).await?;
    if !warnings.is_empty() {
        let rows: Vec<_> = warnings.iter().map(|warning| WarningRow(&warning.kind, &warning.message, warning.line)).collect();
        let now = tx.now();
        let sql = "INSERT INTO dag_warning (dag_id, warning_type, message, line, timestamp)
            SELECT ?, value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        tx.exec(sql, params![dag_id, now, Value::json(&rows)?]).await?;
    }
    Ok(())
}

/// The newest version of a DAG and whether it may be run: what a trigger or a test starts from.
#[derive(Debug, Clone)]
pub struct GetDagHead {
    pub dag_id: String,
}

/// See [`GetDagHead`].
#[derive(Debug, Clone, PartialEq)]
pub struct DagHead {
    pub dag_id: String,
    pub is_paused: bool,
    pub is_stale: bool,
    pub fileloc: String,
    pub relative_fileloc: String,
    pub version_id: Option<i64>,
}

impl Transaction for GetDagHead {
    type Out = Option<DagHead>;
    const NAME: &'static str = "get_dag_head";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<DagHead>> {
        let sql = "SELECT dag_id, is_paused, is_stale, fileloc, relative_fileloc, version_id FROM dag WHERE dag_id = ?";
        let row = tx.row(sql, params![&self.dag_id]).await?;
        row.map(|row| {
            Ok(DagHead {
                dag_id: row.get(0)?,
                is_paused: row.get(1)?,
                is_stale: row.get(2)?,
                fileloc: row.get(3)?,
                relative_fileloc: row.get(4)?,
                version_id: row.get(5)?,
            })
        })
        .transpose()
    }
}
