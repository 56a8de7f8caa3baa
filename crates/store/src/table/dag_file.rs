//! `dag_file`: the files of the DAGs folder as they were last parsed.

use jiff::Timestamp;

use crate::{Mode, Result, Transaction, Tx, params};

row_type! {
    /// A file.
    #[derive(Debug, Clone, PartialEq)]
    pub struct DagFile as "f" {
        relative_fileloc: String,
        fileloc: String,
        source_hash: Option<String>,
        mtime: Option<i64>,
        size: Option<i64>,
        last_parsed: Option<Timestamp>,
        /// Microseconds.
        parse_duration: Option<i64>,
        dag_count: i64,
        task_count: i64,
        error_count: i64,
        reparse_requested: Option<Timestamp>,
    }
}

/// All files, by path.
#[derive(Debug, Clone, Copy)]
pub struct DagFiles {
    /// Only those somebody wants parsed again.
    pub requested: bool,
}

impl Transaction for DagFiles {
    type Out = Vec<DagFile>;
    const NAME: &'static str = "dag_files";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<DagFile>> {
        let sql =
            format!("SELECT {} FROM dag_file WHERE ? = 0 OR reparse_requested IS NOT NULL ORDER BY relative_fileloc", DagFile::COLUMNS);
        let rows = tx.rows(sql, params![self.requested]).await?;
        rows.iter().map(|row| DagFile::read(row, 0)).collect()
    }
}
