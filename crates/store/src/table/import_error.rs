//! `import_error`.

use serde::Serialize;

use crate::{Result, Tx, Value, params};

/// Why a file, or one DAG of it, is not there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewImportError {
    /// The file of the error; not always the one that was parsed.
    pub fileloc: String,
    pub stacktrace: String,
    pub line: Option<u32>,
}

/// Makes these the errors of a file. One that was there keeps its id.
pub(crate) async fn replace(tx: &mut Tx<'_>, relative_fileloc: &str, errors: &[NewImportError]) -> Result<()> {
    let now = tx.now();
    let rows = Value::json(errors)?;
    let gone = "DELETE FROM import_error WHERE relative_fileloc = ? AND NOT EXISTS (
        SELECT 1 FROM (SELECT value ->> 'fileloc' AS fileloc, value ->> 'stacktrace' AS stacktrace FROM json_each(?)) j
        WHERE j.stacktrace = import_error.stacktrace AND j.fileloc = import_error.fileloc)";
    tx.exec(gone, [relative_fileloc.into(), rows.clone()]).await?;
    if !errors.is_empty() {
        let new = "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, line, timestamp)
            SELECT ?, j.fileloc, j.stacktrace, j.line, ?
            FROM (SELECT value ->> 'fileloc' AS fileloc, value ->> 'stacktrace' AS stacktrace, CAST(value ->> 'line' AS BIGINT) AS line
                FROM json_each(?)) j
            WHERE NOT EXISTS (SELECT 1 FROM import_error e
                WHERE e.relative_fileloc = ? AND e.stacktrace = j.stacktrace AND e.fileloc = j.fileloc)";
        tx.exec(new, params![relative_fileloc, now, rows, relative_fileloc]).await?;
    }
    Ok(())
}
