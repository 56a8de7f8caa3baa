//! Migrations: numbered scripts, each in a transaction with its row in `schema_migration`.

use crate::{Error, Mode, Result, Store, Transaction, Tx, params};

struct Migration {
    number: i64,
    name: &'static str,
    script: &'static str,
}

const SQLITE: &[Migration] = &[
    Migration { number: 1, name: "initial", script: include_str!("../migrations/sqlite/0001_initial.sql") },
    Migration { number: 2, name: "passed_over", script: include_str!("../migrations/sqlite/0002_passed_over.sql") },
    Migration { number: 3, name: "page_indexes", script: include_str!("../migrations/sqlite/0003_page_indexes.sql") },
];

fn newest() -> i64 {
    SQLITE.last().map_or(0, |migration| migration.number)
}

/// The schema a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaState {
    /// Number of its newest migration; 0 when it has no tables.
    pub found: i64,
    /// Number this program needs.
    pub needed: i64,
}

impl SchemaState {
    /// # Errors
    /// [`Error::SchemaTooNew`].
    pub fn known(self) -> Result<Self> {
        if self.found > self.needed { Err(Error::SchemaTooNew { found: self.found, known: self.needed }) } else { Ok(self) }
    }

    /// # Errors
    /// [`Error::SchemaTooNew`] or [`Error::SchemaTooOld`].
    pub fn current(self) -> Result<()> {
        self.known()?;
        if self.found < self.needed { Err(Error::SchemaTooOld { found: self.found, needed: self.needed }) } else { Ok(()) }
    }
}

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations that were applied now, in order.
    pub applied: Vec<&'static str>,
    pub state: SchemaState,
}

pub(crate) async fn migrate(store: &Store) -> Result<Migrated> {
    let mut applied = Vec::new();
    let state = store.schema().await?;
    for (index, migration) in SQLITE.iter().enumerate() {
        if migration.number > state.found && store.run(Apply { index }).await? {
            applied.push(migration.name);
        }
    }
    Ok(Migrated { applied, state: store.schema().await? })
}

/// Reads the newest number.
pub(crate) struct ReadSchema;

impl Transaction for ReadSchema {
    type Out = SchemaState;
    const NAME: &'static str = "read_schema";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SchemaState> {
        let found = if has_version_table(tx).await? { newest_applied(tx).await? } else { 0 };
        Ok(SchemaState { found, needed: newest() })
    }
}

async fn has_version_table(tx: &mut Tx<'_>) -> Result<bool> {
    let found = tx.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'", params![]).await?;
    Ok(found.is_some())
}

async fn newest_applied(tx: &mut Tx<'_>) -> Result<i64> {
    match tx.row("SELECT COALESCE(MAX(number), 0) FROM schema_migration", params![]).await? {
        Some(row) => row.get(0),
        None => Ok(0),
    }
}

/// Applies one migration, unless another process has done so meanwhile; says whether it did.
struct Apply {
    index: usize,
}

impl Transaction for Apply {
    type Out = bool;
    const NAME: &'static str = "apply_migration";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let migration = &SQLITE[self.index];
        tx.exec(
            "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)",
            params![],
        )
        .await?;
        if newest_applied(tx).await? >= migration.number {
            return Ok(false);
        }
        tx.script(migration.script).await?;
        let now = tx.now();
        let insert = "INSERT INTO schema_migration (number, name, applied_at) VALUES (?, ?, ?)";
        tx.exec(insert, params![migration.number, migration.name, now]).await?;
        Ok(true)
    }
}

/// Drops every table, also those this program does not know.
pub(crate) struct DropAll;

impl Transaction for DropAll {
    type Out = ();
    const NAME: &'static str = "drop_all";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let find = "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        for row in tx.rows(find, params![]).await? {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            let quoted = name.replace('"', "\"\"");
            tx.exec(format!("DROP {kind} \"{quoted}\""), params![]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let numbers: Vec<_> = SQLITE.iter().map(|migration| migration.number).collect();
        assert_eq!(numbers, (1..=newest()).collect::<Vec<_>>());
    }
}
