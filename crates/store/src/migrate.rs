//! Migrations: numbered scripts, alike in each dialect, with a row in `schema_migration` for each that is done.
//!
//! On SQLite and PostgreSQL a migration and its row are one transaction. MySQL and MariaDB commit each statement by itself: a migration that
//! was killed is run again from its start, and what it finds done is passed over. One process migrates at a time.

use crate::{Dialect, Error, Mode, Result, Store, Transaction, Tx, params};

struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

/// The scripts of a number and name in the three folders.
macro_rules! migration {
    ($number:literal, $name:literal, $file:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
            mysql: include_str!(concat!("../migrations/mysql/", $file)),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "initial", "0001_initial.sql"),
    migration!(2, "passed_over", "0002_passed_over.sql"),
    migration!(3, "page_indexes", "0003_page_indexes.sql"),
    migration!(4, "alerts", "0004_alerts.sql"),
    migration!(5, "deferrals", "0005_deferrals.sql"),
    migration!(6, "hitl", "0006_hitl.sql"),
    migration!(7, "timetables", "0007_timetables.sql"),
    migration!(8, "backfills", "0008_backfills.sql"),
    migration!(9, "deadlines", "0009_deadlines.sql"),
    migration!(10, "news", "0010_news.sql"),
    migration!(11, "assets", "0011_assets.sql"),
    migration!(12, "processes", "0012_processes.sql"),
];

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
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
    for (index, migration) in MIGRATIONS.iter().enumerate() {
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
    let sql = crate::sql!(
        Sqlite: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'",
        Postgres: "SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL",
        Mysql: "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_migration'",
    );
    Ok(tx.row(sql, params![]).await?.is_some())
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
        let migration = &MIGRATIONS[self.index];
        let collation = tx.take_time().await?;
        be_the_only_one(tx).await?;
        let applied = apply(tx, migration, collation).await;
        if tx.dialect() == Dialect::Mysql {
            // The connection goes back to the pool: the lock is the session's.
            tx.rows("SELECT RELEASE_LOCK(CONCAT('tradewind.', MD5(DATABASE())))", params![]).await?;
        }
        applied
    }
}

/// Two migrators at once: the second waits, and finds the work done.
async fn be_the_only_one(tx: &mut Tx<'_>) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.rows("SELECT pg_advisory_xact_lock(hashtext('tradewind'), hashtext('migrate'))", params![]).await.map(drop),
        Dialect::Mysql => {
            let row = tx.row("SELECT GET_LOCK(CONCAT('tradewind.', MD5(DATABASE())), 600)", params![]).await?;
            match row.map(|row| row.get::<Option<i64>>(0)).transpose()?.flatten() {
                Some(1) => Ok(()),
                _ => Err(Error::Busy { detail: "another process migrates this database, for 10 minutes already".to_owned() }),
            }
        }
    }
}

async fn apply(tx: &mut Tx<'_>, migration: &Migration, collation: &str) -> Result<bool> {
    tx.exec(
        "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, name VARCHAR(250) NOT NULL, applied_at BIGINT NOT NULL)",
        params![],
    )
    .await?;
    if newest_applied(tx).await? >= migration.number {
        return Ok(false);
    }
    match tx.dialect() {
        Dialect::Sqlite => tx.script(migration.sqlite).await?,
        Dialect::Postgres => tx.script(migration.postgres).await?,
        Dialect::Mysql => tx.script(&migration.mysql.replace("{collation}", collation)).await?,
    }
    let now = tx.now();
    let insert = "INSERT INTO schema_migration (number, name, applied_at) VALUES (?, ?, ?)";
    tx.exec(insert, params![migration.number, migration.name, now]).await?;
    Ok(true)
}

/// Drops every table, also those this program does not know.
pub(crate) struct DropAll;

impl Transaction for DropAll {
    type Out = ();
    const NAME: &'static str = "drop_all";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let find = crate::sql!(
            Sqlite: "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            Postgres: "SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, table_name FROM information_schema.tables
                WHERE table_schema = current_schema()",
            Mysql: "SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS kind, table_name AS name FROM information_schema.tables
                WHERE table_schema = DATABASE()",
        );
        for row in tx.rows(find, params![]).await? {
            let (kind, name): (String, String) = (row.get(0)?, row.get(1)?);
            let statement = match tx.dialect() {
                Dialect::Mysql => format!("DROP {kind} IF EXISTS `{}`", name.replace('`', "``")),
                Dialect::Postgres => format!("DROP {kind} IF EXISTS \"{}\" CASCADE", name.replace('"', "\"\"")),
                Dialect::Sqlite => format!("DROP {kind} \"{}\"", name.replace('"', "\"\"")),
            };
            tx.script(&statement).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_gaps() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|migration| migration.number).collect();
        assert_eq!(numbers, (1..=newest()).collect::<Vec<_>>());
    }

    /// A table or column that one dialect lacks would be found only when a statement needs it.
    #[test]
    fn every_dialect_makes_the_same_tables() {
        let made = |script: &str| {
            let mut tables: Vec<String> = script
                .split("CREATE TABLE ")
                .skip(1)
                .filter_map(|rest| rest.trim_start_matches("IF NOT EXISTS ").split([' ', '(']).next().map(str::to_owned))
                // SQLite has one writer, and tells by itself when others have written.
                .filter(|table| !["latch", "beacon"].contains(&table.as_str()))
                .collect();
            tables.sort();
            tables
        };
        for migration in MIGRATIONS {
            assert_eq!(made(migration.sqlite), made(migration.postgres), "{}", migration.name);
            assert_eq!(made(migration.sqlite), made(migration.mysql), "{}", migration.name);
        }
    }
}
