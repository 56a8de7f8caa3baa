//! One connection.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql};

use crate::{Result, Row, Value};

/// More than the number of distinct statements of a busy process.
const STATEMENTS: usize = 256;

/// A connection and what runs on it.
#[derive(Debug)]
pub(crate) struct Session {
    connection: Connection,
}

impl Session {
    /// The connection that writes; makes the file if there is none.
    pub(crate) fn writer(path: &Path, busy: Duration) -> Result<Self> {
        make_private(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let session = Self::open(path, flags, busy)?;
        // Changing the journal mode needs the whole file for a moment and does not wait by itself: it is a fact of the file, so look first.
        let mode: String = session.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        if mode != "wal" {
            session.connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        }
        // A checkpoint syncs the disk on the writer's time: every 16 MiB of log, not every 4, writes a hot page once instead of four times.
        let settings = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864";
        session.connection.execute_batch(settings)?;
        Ok(session)
    }

    pub(crate) fn reader(path: &Path, busy: Duration) -> Result<Self> {
        let session = Self::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX, busy)?;
        session.connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2000")?;
        Ok(session)
    }

    fn open(path: &Path, flags: OpenFlags, busy: Duration) -> Result<Self> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(busy)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Otherwise a plan may depend on the values bound, and each call with other values plans its statement anew.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000")?;
        Ok(Self { connection })
    }

    pub(crate) fn exec(&mut self, text: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.prepare(text, params)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        drop(statement);
        Ok(self.connection.changes())
    }

    pub(crate) fn rows(&mut self, name: &'static str, text: &str, params: &[Value], limit: usize) -> Result<Vec<Row>> {
        let mut statement = self.prepare(text, params)?;
        let columns: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut answer = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            // A writing statement with RETURNING must run to its end, so the surplus is skipped and not cut.
            if answer.len() < limit {
                let values = (0..columns.len()).map(|position| row.get_ref(position).map(owned)).collect::<Result<_, _>>()?;
                answer.push(Row { columns: columns.clone(), values, statement: name });
            }
        }
        Ok(answer)
    }

    pub(crate) fn script(&mut self, text: &str) -> Result<()> {
        Ok(self.connection.execute_batch(text)?)
    }

    /// For `BEGIN`, `COMMIT` and their kin.
    pub(crate) fn control(&mut self, text: &'static str) -> Result<()> {
        self.connection.prepare_cached(text)?.execute([])?;
        Ok(())
    }

    /// Whether SQLite is outside a transaction (it ends one by itself after some errors).
    pub(crate) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Changes when another connection has committed.
    pub(crate) fn data_version(&mut self) -> Result<i64> {
        Ok(self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
    }

    fn prepare(&mut self, text: &str, params: &[Value]) -> Result<CachedStatement<'_>> {
        let mut statement = self.connection.prepare_cached(text)?;
        let wanted = statement.parameter_count();
        if wanted != params.len() {
            let detail = format!("{} parameters for {wanted} places in: {text}", params.len());
            return Err(crate::Error::Statement { detail });
        }
        for (position, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(position + 1, value)?;
        }
        Ok(statement)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// The file holds password hashes: only its owner may read it. SQLite gives its side files the same mode. A failure is left to SQLite,
/// which words it better.
fn make_private(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    if !path.exists() {
        drop(std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
    }
}
