//! How a connection is made, and what a server must be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};

use super::beacon::Beacon;
use super::error::says_away;
use super::pool::Pool;
use super::texts::Texts;
use super::{Inner, Link, Server};
use crate::store::Options;
use crate::tx::Surroundings;
use crate::url::{DatabaseUrl, ServerUrl, TlsMode};
use crate::{Dialect, Error, Result};

/// A process that stands still in the middle of a transaction holds its locks no longer than this, seconds.
const IDLE: u32 = 2;
/// Statements that a connection keeps prepared: more than a busy process has.
const STATEMENTS: usize = 512;
const CLOCK: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint";

/// Where connections go to.
#[derive(Debug)]
pub(super) struct Target {
    way: Way,
    url: ServerUrl,
    /// Whether statements are prepared by name (PostgreSQL).
    pub(super) prepared: bool,
    pub(super) statement_timeout: Duration,
    pub(super) begin_read: Arc<str>,
    pub(super) begin_write: Arc<str>,
    is_mariadb: bool,
    /// A pooler stands between: what it refuses says nothing about the database.
    is_pooled: bool,
    /// The last try to connect was refused: nobody listens, or the server is about to stop or to start.
    is_away: AtomicBool,
}

#[derive(Debug)]
enum Way {
    Postgres(Box<PgConnectOptions>),
    Mysql(Box<MySqlConnectOptions>),
}

impl Server {
    /// Connects once, so that what is wrong is said now, and looks at the server's version.
    pub(crate) async fn open(url: &DatabaseUrl, options: &Options, surroundings: &Arc<Surroundings>) -> Result<Self> {
        let server = url.server.clone().ok_or_else(|| Error::invalid("the database URL", "it names no server"))?;
        let place = server.place();
        let at_place = |error: Error| match error {
            Error::Unavailable { detail, hint } => Error::Unavailable { detail: format!("{place}: {detail}"), hint },
            Error::Access { detail, hint } => Error::Access { detail: format!("{place}: {detail}"), hint },
            other => other,
        };
        let mut target = Target::new(url.dialect, server, options)?;
        let link = target.connect(options.busy).await.map_err(at_place)?;
        match link {
            Link::Postgres(mut link) => {
                target.look_at_postgres(&mut link).await.map_err(at_place)?;
                if target.url.prepared.is_none() && target.is_pooled(&mut link, options.busy).await? {
                    tracing::info!("a pooler stands before the database: statements are not prepared by name");
                    target.prepared = false;
                    target.is_pooled = true;
                }
            }
            Link::Mysql(mut link) => target.look_at_mysql(&mut link).await.map_err(at_place)?,
        }
        let pool = Pool::new(options.pool_size, options.max_overflow, options.pool_recycle, options.busy);
        let (texts, beacon, hears) = (Texts::default(), Beacon::new(), AtomicBool::new(false));
        Ok(Self(Arc::new(Inner { pool, target, texts, beacon, hears, surroundings: surroundings.clone() })))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.0.target.way {
            Way::Postgres(_) => Dialect::Postgres,
            Way::Mysql(_) => Dialect::Mysql,
        }
    }

    pub(crate) fn beacon(&self) -> &Beacon {
        &self.0.beacon
    }

    pub(crate) fn is_away(&self) -> bool {
        !self.0.target.is_pooled && self.0.target.is_away.load(Ordering::Relaxed)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.0.beacon.origin
    }

    pub(crate) fn close(&self) {
        self.0.pool.close();
    }
}

impl Target {
    fn new(dialect: Dialect, url: ServerUrl, options: &Options) -> Result<Self> {
        let way = match dialect {
            Dialect::Postgres => Way::Postgres(Box::new(postgres(&url))),
            Dialect::Mysql => Way::Mysql(Box::new(mysql(&url))),
            Dialect::Sqlite => return Err(Error::invalid("the database URL", "SQLite has no server")),
        };
        let (longest, idle) = (options.statement_timeout.as_millis(), IDLE * 1000);
        let mut settings = format!("SET LOCAL statement_timeout = {longest}; SET LOCAL idle_in_transaction_session_timeout = {idle};");
        let schema = options.schema.iter().map(|schema| ("search_path".to_owned(), format!("\"{}\"", schema.replace('"', "\"\""))));
        for (name, value) in url.settings.iter().cloned().chain(schema) {
            let is_name = name.chars().all(|letter| letter.is_alphanumeric() || "_.".contains(letter));
            if !is_name {
                return Err(Error::invalid("`options` of the database URL", format!("`{name}` is no name of a setting")));
            }
            settings.push_str(&format!(
                " SET LOCAL {name} = {};",
                if value.starts_with('"') { value } else { format!("'{}'", value.replace('\'', "''")) }
            ));
        }
        let begin = |how: &str| format!("BEGIN ISOLATION LEVEL {how}; {settings} {CLOCK}").into();
        Ok(Self {
            way,
            prepared: url.prepared.unwrap_or(true),
            url,
            statement_timeout: options.statement_timeout,
            begin_read: begin("REPEATABLE READ, READ ONLY"),
            begin_write: begin("READ COMMITTED"),
            is_mariadb: false,
            is_pooled: false,
            is_away: AtomicBool::new(false),
        })
    }

    /// Whether a connection stays the same for as long as it is held, as far as is known.
    pub(super) fn may_listen(&self) -> bool {
        self.postgres().is_some() && !self.is_pooled && self.prepared
    }

    pub(super) fn postgres(&self) -> Option<&PgConnectOptions> {
        match &self.way {
            Way::Postgres(options) => Some(options),
            Way::Mysql(_) => None,
        }
    }

    pub(super) async fn connect(&self, wait: Duration) -> Result<Link> {
        let wait = self.url.connect_timeout.unwrap_or(wait);
        let refused = |error: sqlx::Error| {
            self.is_away.store(says_away(&error), Ordering::Relaxed);
            Error::from(error)
        };
        let link = async {
            let link = match &self.way {
                Way::Postgres(options) => Link::Postgres(Box::new(options.connect().await.map_err(refused)?)),
                Way::Mysql(options) => {
                    let mut link = options.connect().await.map_err(refused)?;
                    sqlx::raw_sql(AssertSqlSafe(self.mysql_settings())).execute(&mut link).await?;
                    Link::Mysql(Box::new(link))
                }
            };
            self.is_away.store(false, Ordering::Relaxed);
            Ok(link)
        };
        tokio::time::timeout(wait, link).await.unwrap_or_else(|_| {
            self.is_away.store(false, Ordering::Relaxed);
            let detail = format!("no connection within {} s", wait.as_secs_f32());
            Err(Error::Unavailable { detail, hint: "check host and port of `[database] sql_alchemy_conn`, and the network" })
        })
    }

    fn mysql_settings(&self) -> String {
        let limit = if self.is_mariadb {
            format!(", max_statement_time = {}, idle_transaction_timeout = {IDLE}", self.statement_timeout.as_secs_f64())
        } else {
            // Known to MySQL, and a comment for MariaDB: which of the two it is, the first connection has yet to find out.
            format!(" /*!80000 , max_execution_time = {} */", self.statement_timeout.as_millis())
        };
        format!(
            "SET sql_mode = 'STRICT_ALL_TABLES,PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = {}, \
            group_concat_max_len = 16777216{limit}; \
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            self.statement_timeout.as_secs().clamp(1, 30)
        )
    }

    pub(super) fn collation(&self) -> &'static str {
        match (&self.way, self.is_mariadb) {
            (Way::Postgres(_), _) => "\"C\"",
            (_, true) => "utf8mb4_nopad_bin",
            (_, false) => "utf8mb4_0900_bin",
        }
    }

    async fn look_at_postgres(&self, link: &mut PgConnection) -> Result<()> {
        let sql =
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_version'), current_setting('server_encoding')";
        let row = sqlx::query(sql).persistent(false).fetch_one(link).await?;
        let (number, version, encoding): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        of_postgres(number, &version)?;
        if encoding != "UTF8" {
            let detail = format!("the database has the encoding {encoding}");
            return Err(Error::Access { detail, hint: "make one with `CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0`" });
        }
        Ok(())
    }

    async fn look_at_mysql(&mut self, link: &mut sqlx::MySqlConnection) -> Result<()> {
        let version: String = sqlx::query("SELECT VERSION()").fetch_one(link).await?.try_get(0)?;
        self.is_mariadb = version.contains("MariaDB");
        of_mysql(&version)
    }

    /// Whether a pooler gives server connections away between transactions. Two connections of ours that are open at once have one and the
    /// same server process then, or one of ours has two: the second looks while it holds what the first has just given back.
    async fn is_pooled(&self, first: &mut PgConnection, wait: Duration) -> Result<bool> {
        let mut second = match self.connect(wait).await {
            Ok(Link::Postgres(second)) => second,
            // A server with a single free place: named statements are left out, which is right with and without a pooler.
            _ => return Ok(true),
        };
        for _ in 0..2 {
            let before = server_process(first, "SELECT pg_backend_pid()").await?;
            let other = server_process(&mut second, "BEGIN; SELECT pg_backend_pid()").await?;
            let after = tokio::time::timeout(wait, server_process(first, "SELECT pg_backend_pid()")).await;
            let Ok(after) = after else { return Ok(true) };
            let pooled = before == other || before != after?;
            server_process(&mut second, "ROLLBACK; SELECT pg_backend_pid()").await?;
            if pooled {
                return Ok(true);
            }
        }
        // A polite end; the server notices also without.
        drop(second.close().await);
        Ok(false)
    }
}

fn of_postgres(number: i64, version: &str) -> Result<()> {
    if number < 120_000 {
        return Err(Error::ServerTooOld { found: format!("PostgreSQL {version}"), needed: "PostgreSQL 12 or newer" });
    }
    Ok(())
}

/// `10.11.6-MariaDB-1`, `5.5.5-10.4.1-MariaDB` (as proxies tell it), `8.0.36-0ubuntu0`.
fn of_mysql(version: &str) -> Result<()> {
    let is_mariadb = version.contains("MariaDB");
    let told = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut numbers = told.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if is_mariadb && found < (10, 6) {
        return Err(Error::ServerTooOld { found: format!("MariaDB {told}"), needed: "MariaDB 10.6 or newer" });
    }
    if !is_mariadb && found.0 < 8 {
        return Err(Error::ServerTooOld { found: format!("MySQL {told}"), needed: "MySQL 8.0 or newer" });
    }
    Ok(())
}

async fn server_process(link: &mut PgConnection, text: &'static str) -> Result<i64> {
    let rows = sqlx::raw_sql(text).fetch_all(link).await?;
    let row = rows.last().ok_or_else(|| Error::Statement { detail: "the server gave no process number".to_owned() })?;
    Ok(i64::from(row.try_get::<i32, _>(0)?))
}

fn postgres(url: &ServerUrl) -> PgConnectOptions {
    let mode = match url.tls.mode {
        TlsMode::Off => PgSslMode::Disable,
        TlsMode::Prefer => PgSslMode::Prefer,
        TlsMode::Require => PgSslMode::Require,
        TlsMode::VerifyCa => PgSslMode::VerifyCa,
        TlsMode::VerifyFull => PgSslMode::VerifyFull,
    };
    let mut options = PgConnectOptions::new_without_pgpass().database(&url.database).ssl_mode(mode).statement_cache_capacity(STATEMENTS);
    // A pooler refuses settings of the start that it does not know.
    options = options
        .extra_float_digits(None)
        .application_name(url.application_name.as_deref().unwrap_or("tradewind"))
        .disable_statement_logging();
    options = options.port(url.port.unwrap_or(5432));
    if let Some(host) = &url.host {
        options = options.host(host);
    }
    if let Some(socket) = &url.socket {
        options = options.socket(socket);
    }
    if let Some(user) = &url.user {
        options = options.username(user);
    }
    if let Some(password) = &url.password {
        options = options.password(&password.0);
    }
    if let Some(root) = &url.tls.root {
        options = options.ssl_root_cert(root);
    }
    if let Some(certificate) = &url.tls.certificate {
        options = options.ssl_client_cert(certificate);
    }
    if let Some(key) = &url.tls.key {
        options = options.ssl_client_key(key);
    }
    options
}

fn mysql(url: &ServerUrl) -> MySqlConnectOptions {
    let mode = match url.tls.mode {
        TlsMode::Off => MySqlSslMode::Disabled,
        TlsMode::Prefer => MySqlSslMode::Preferred,
        TlsMode::Require => MySqlSslMode::Required,
        TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
        TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
    };
    let mut options =
        MySqlConnectOptions::new().database(&url.database).ssl_mode(mode).charset("utf8mb4").statement_cache_capacity(STATEMENTS);
    options = options.disable_statement_logging().port(url.port.unwrap_or(3306));
    if let Some(host) = &url.host {
        options = options.host(host);
    }
    if let Some(socket) = &url.socket {
        options = options.socket(socket);
    }
    if let Some(user) = &url.user {
        options = options.username(user);
    }
    if let Some(password) = &url.password {
        options = options.password(&password.0);
    }
    if let Some(root) = &url.tls.root {
        options = options.ssl_ca(root);
    }
    if let Some(certificate) = &url.tls.certificate {
        options = options.ssl_client_cert(certificate);
    }
    if let Some(key) = &url.tls.key {
        options = options.ssl_client_key(key);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_are_too_old_are_refused() {
        for good in [
            "10.6.0-MariaDB",
            "10.11.6-MariaDB-0+deb12u1",
            "5.5.5-10.11.6-MariaDB-log",
            "11.4.2-MariaDB-ubu2404",
            "8.0.36-0ubuntu0",
            "9.1.0",
        ] {
            assert!(of_mysql(good).is_ok(), "{good}");
        }
        for (old, needed) in [
            ("10.5.23-MariaDB", "MariaDB 10.6 or newer"),
            ("5.5.5-10.3.39-MariaDB", "MariaDB 10.6 or newer"),
            ("5.7.44-log", "MySQL 8.0 or newer"),
            ("5.6.51", "MySQL 8.0 or newer"),
        ] {
            let told = of_mysql(old).unwrap_err().to_string();
            assert!(told.contains(needed) && told.contains(old.trim_start_matches("5.5.5-")), "{told}");
        }
        assert!(of_postgres(120_000, "12.0").is_ok() && of_postgres(150_008, "15.8").is_ok());
        let told = of_postgres(110_022, "11.22").unwrap_err().to_string();
        assert!(told.contains("PostgreSQL 11.22") && told.contains("PostgreSQL 12 or newer"), "{told}");
    }
}
