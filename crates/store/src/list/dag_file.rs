//! DAG files with what their last parse gave.

use crate::{Mode, Result, Transaction, Tx, params};

/// A DAG file.
#[derive(Debug, Clone, PartialEq)]
pub struct DagFileView {
    pub relative_fileloc: String,
    /// Microseconds.
    pub parse_duration: Option<u64>,
    pub dag_count: i64,
    pub task_count: i64,
    /// The DAGs that the file has now, by id.
    pub dag_ids: Vec<String>,
}

/// All files, the slowest to parse first.
#[derive(Debug, Clone)]
pub struct ListDagFiles;

impl Transaction for ListDagFiles {
    type Out = Vec<DagFileView>;
    const NAME: &'static str = "list.dag_files";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT f.relative_fileloc, f.parse_duration, f.dag_count, f.task_count,
                (SELECT json_group_array(d.dag_id ORDER BY d.dag_id) FROM dag d WHERE d.relative_fileloc = f.relative_fileloc AND d.is_stale = 0)
            FROM dag_file f ORDER BY f.parse_duration DESC NULLS LAST, f.relative_fileloc";
        let rows = tx.rows(sql, params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(DagFileView {
                    relative_fileloc: row.get(0)?,
                    parse_duration: row.get::<Option<i64>>(1)?.and_then(|micros| u64::try_from(micros).ok()),
                    dag_count: row.get(2)?,
                    task_count: row.get(3)?,
                    dag_ids: row.json(4)?,
                })
            })
            .collect()
    }
}

/// Asks for every file to be parsed again; gives how many there are.
#[derive(Debug, Clone)]
pub struct RequestReparseOfAll;

impl Transaction for RequestReparseOfAll {
    type Out = u64;
    const NAME: &'static str = "list.request_reparse_of_all";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        tx.exec("UPDATE dag_file SET reparse_requested = COALESCE(reparse_requested, ?)", params![now]).await
    }
}
