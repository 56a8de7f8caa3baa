//! PostgreSQL, MySQL and MariaDB through sqlx: a pool of connections, each transaction on one of them.
//!
//! Transactions run at READ COMMITTED and lock what they decide about (`step/mod.rs` has the order); one that the database asks to repeat
//! is run again. A transaction leaves nothing behind on its connection, so that a pooler between us and the server (PgBouncer in
//! transaction mode) may hand the next one to another: settings are `SET LOCAL`, locks end with the transaction.

mod beacon;
mod ear;
mod error;
mod mysql;
mod open;
mod pool;
mod postgres;
mod run;
mod texts;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use beacon::Beacon;
pub(crate) use beacon::EVERY as BEACON_EVERY;
pub(crate) use ear::Ear;
use pool::{Place, Pool};
use sqlx::{MySqlConnection, PgConnection};
use texts::Texts;

use crate::tx::Surroundings;
use crate::{Dialect, Error, Mode, Result, Row, Value};

/// How long an answer may be late beyond the time that the server itself gives a statement.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database on a server. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Server(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    target: open::Target,
    texts: Texts,
    beacon: Beacon,
    /// Notifications of other processes arrive.
    hears: AtomicBool,
    surroundings: Arc<Surroundings>,
}

/// One connection.
#[derive(Debug)]
enum Link {
    Postgres(Box<PgConnection>),
    Mysql(Box<MySqlConnection>),
}

/// An open transaction. Dropped before its end, it closes its connection, and the server takes everything back.
#[derive(Debug)]
pub(crate) struct Session {
    place: Place,
    inner: Arc<Inner>,
    /// The connection must not be used again.
    broken: bool,
    /// How long one statement may take; `None`: for ever (migrations).
    limit: Option<Duration>,
    mode: Mode,
}

impl Session {
    pub(crate) fn dialect(&self) -> Dialect {
        match self.place.link {
            Link::Postgres(_) => Dialect::Postgres,
            Link::Mysql(_) => Dialect::Mysql,
        }
    }

    pub(crate) async fn exec(&mut self, text: &str, params: &[Value]) -> Result<u64> {
        let Self { place, inner, limit, .. } = self;
        let answer = match &mut place.link {
            Link::Postgres(link) => within(*limit, postgres::exec(link, inner, text, params)).await,
            Link::Mysql(link) => within(*limit, mysql::exec(link, inner, text, params)).await,
        };
        self.noticed(answer)
    }

    pub(crate) async fn rows(&mut self, name: &'static str, text: &str, params: &[Value], limit: usize) -> Result<Vec<Row>> {
        let Self { place, inner, limit: time, .. } = self;
        let answer = match &mut place.link {
            Link::Postgres(link) => within(*time, postgres::rows(link, inner, name, text, params)).await,
            Link::Mysql(link) => within(*time, mysql::rows(link, inner, name, text, params)).await,
        };
        let mut rows = self.noticed(answer)?;
        rows.truncate(limit);
        Ok(rows)
    }

    /// Several statements without parameters, as they stand.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        let limit = self.limit;
        let answer = match &mut self.place.link {
            Link::Postgres(link) => within(limit, postgres::script(link, text)).await,
            Link::Mysql(link) => within(limit, mysql::script(link, text)).await,
        };
        self.noticed(answer)
    }

    /// The rest of this transaction may take as long as it takes.
    pub(crate) async fn take_time(&mut self) -> Result<()> {
        self.limit = None;
        match self.dialect() {
            Dialect::Postgres => self.script("SET LOCAL statement_timeout = 0").await,
            _ => Ok(()),
        }
    }

    /// The collation of names: exact, and blanks at the end count.
    pub(crate) fn collation(&self) -> &'static str {
        self.inner.target.collation()
    }

    async fn begin(inner: &Arc<Inner>, mode: Mode) -> Result<(Self, i64), Failed> {
        loop {
            let (place, was_idle) = inner.pool.take(&inner.target).await.map_err(Failed::Ends)?;
            let mut session =
                Self { place, inner: inner.clone(), broken: false, limit: Some(inner.target.statement_timeout + PATIENCE), mode };
            let limit = session.limit;
            let began = match &mut session.place.link {
                Link::Postgres(link) => within(limit, postgres::begin(link, &inner.target, mode)).await,
                Link::Mysql(link) => within(limit, mysql::begin(link, mode)).await,
            };
            match session.noticed(began) {
                Ok(micros) => return Ok((session, micros)),
                // The server closed it while it was idle: it says nothing about a new one.
                Err(Error::Unavailable { .. }) if was_idle => {}
                Err(error) => return Err(Failed::of(error)),
            }
        }
    }

    async fn end(mut self, commit: bool) -> Result<()> {
        let beacon = if commit && self.mode == Mode::Write { self.inner.beacon.statement(self.dialect()) } else { None };
        let text = match (commit, beacon) {
            (true, Some(beacon)) => &format!("{beacon};\nCOMMIT"),
            (true, None) => "COMMIT",
            (false, _) => "ROLLBACK",
        };
        if self.broken && !commit {
            return Ok(());
        }
        let ended = self.script(text).await;
        if ended.is_ok() && !self.broken {
            let Self { place, inner, .. } = self;
            inner.pool.put(place);
        }
        ended
    }

    /// Remembers when the connection is of no use any more.
    fn noticed<T>(&mut self, answer: Result<T>) -> Result<T> {
        self.broken |= matches!(answer, Err(Error::Unavailable { .. } | Error::Closed));
        answer
    }
}

/// Why a transaction did not end well.
#[derive(Debug)]
enum Failed {
    /// Nothing of it stays, and the same may succeed now.
    Again(Error),
    Ends(Error),
}

impl Failed {
    fn of(error: Error) -> Self {
        match error {
            Error::Conflict { .. } | Error::Unavailable { .. } => Self::Again(error),
            other => Self::Ends(other),
        }
    }
}

async fn within<T>(limit: Option<Duration>, answer: impl Future<Output = Result<T>>) -> Result<T> {
    let Some(limit) = limit else { return answer.await };
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        let detail = format!("no answer within {} s", limit.as_secs());
        Err(Error::Unavailable { detail, hint: "check the network between here and the database" })
    })
}
