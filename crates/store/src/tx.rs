//! Transactions as values.

use std::any::Any;
use std::future::Future;

use jiff::Timestamp;

use crate::clock::Ticker;
use crate::{Dialect, Fernet, Result, Row, Sql, Value, server, sqlite};

/// Whether a transaction changes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
}

/// A whole transaction with its inputs.
///
/// *Invariant:* `run` awaits nothing but its `Tx`; on SQLite it is polled once, to the end. It takes `&self` because a server database may
/// ask for a repeat.
pub trait Transaction: Send + Sync + 'static {
    type Out: Send + 'static;
    /// For metrics, logs and error texts.
    const NAME: &'static str;
    const MODE: Mode;

    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out>> + Send;
}

/// What all transactions of a store share.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) ticker: Ticker,
    pub(crate) fernet: Fernet,
}

/// What only one of several processes does at a time, beyond what row locks say. Held until the transaction ends; taken before any row.
#[derive(Debug, Clone, Copy)]
pub enum Latch {
    /// Counts what runs and adds to it: admission, the start of runs.
    Limits,
    /// Takes runs over from the dead.
    Owners,
    /// Decides which file has which DAG.
    Parses,
    /// Gives triggers to triggerers.
    Triggers,
}

impl Latch {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Owners => "owners",
            Self::Parses => "parses",
            Self::Triggers => "triggers",
        }
    }
}

#[derive(Debug)]
enum Session<'a> {
    Sqlite(&'a mut sqlite::Session),
    Server(&'a mut server::Session),
}

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'a> {
    session: Session<'a>,
    surroundings: &'a Surroundings,
    now: Timestamp,
    name: &'static str,
    discarded: bool,
}

impl<'a> Tx<'a> {
    pub(crate) fn on_sqlite(session: &'a mut sqlite::Session, surroundings: &'a Surroundings, name: &'static str) -> Self {
        Self { session: Session::Sqlite(session), surroundings, now: surroundings.ticker.now(), name, discarded: false }
    }

    pub(crate) fn on_server(session: &'a mut server::Session, surroundings: &'a Surroundings, now: Timestamp, name: &'static str) -> Self {
        Self { session: Session::Server(session), surroundings, now, name, discarded: false }
    }

    /// The database's clock, read once per transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The keys of secrets.
    pub fn fernet(&self) -> &Fernet {
        &self.surroundings.fernet
    }

    /// A secret as it is kept, and whether that is encrypted.
    pub fn seal(&self, clear: &str) -> (String, bool) {
        self.fernet().seal(clear, u64::try_from(self.now.as_second()).unwrap_or(0))
    }

    /// Leaves nothing behind although `run` answers `Ok`: for outcomes such as *stale* that are found half way.
    pub fn discard(&mut self) {
        self.discarded = true;
    }

    pub(crate) fn is_discarded(&self) -> bool {
        self.discarded
    }

    pub fn dialect(&self) -> Dialect {
        match &self.session {
            Session::Sqlite(_) => Dialect::Sqlite,
            Session::Server(session) => session.dialect(),
        }
    }

    /// Runs a statement; gives the number of rows it changed.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    pub async fn exec(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<u64> {
        let sql = sql.into();
        let text = self.text(&sql)?;
        match &mut self.session {
            Session::Sqlite(session) => session.exec(text, params.as_ref()),
            Session::Server(session) => session.exec(text, params.as_ref()).await,
        }
    }

    /// The first row of an answer.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    pub async fn row(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<Option<Row>> {
        Ok(self.rows_up_to(sql.into(), params.as_ref(), 1).await?.pop())
    }

    /// All rows of an answer.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    pub async fn rows(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<Vec<Row>> {
        self.rows_up_to(sql.into(), params.as_ref(), usize::MAX).await
    }

    async fn rows_up_to(&mut self, sql: Sql, params: &[Value], limit: usize) -> Result<Vec<Row>> {
        let text = self.text(&sql)?;
        match &mut self.session {
            Session::Sqlite(session) => session.rows(self.name, text, params, limit),
            Session::Server(session) => session.rows(self.name, text, params, limit).await,
        }
    }

    /// Waits until no other process holds the latch, and holds it until the end of this transaction. What is read afterwards counts what
    /// others did under it. SQLite has one writer anyway.
    ///
    /// # Errors
    /// What the database says.
    pub async fn latch(&mut self, latch: Latch) -> Result<()> {
        match self.dialect() {
            Dialect::Sqlite => {}
            // A number of ours, so that no other program's locks meet it.
            Dialect::Postgres => {
                drop(self.rows("SELECT pg_advisory_xact_lock(hashtext('tradewind'), hashtext(?))", [latch.name().into()]).await?)
            }
            Dialect::Mysql => drop(self.rows("SELECT name FROM latch WHERE name = ? FOR UPDATE", [latch.name().into()]).await?),
        }
        Ok(())
    }

    /// Locks rows that the transaction is about to decide about; a select with `/*! FOR UPDATE */`. Nothing on SQLite, which has one writer.
    pub(crate) async fn lock(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<()> {
        if self.dialect() != Dialect::Sqlite {
            self.rows(sql, params).await?;
        }
        Ok(())
    }

    /// The statement for this database, told to whoever traces statements. Never with its parameters: they may be secrets.
    fn text<'s>(&self, sql: &'s Sql) -> Result<&'s str> {
        let text = sql.text(self.dialect())?;
        tracing::trace!(target: "tradewind_store::sql", transaction = self.name, sql = text);
        Ok(text)
    }

    /// Several statements without parameters, as they stand: migrations.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        match &mut self.session {
            Session::Sqlite(session) => session.script(text),
            Session::Server(session) => session.script(text).await,
        }
    }

    /// For migrations: no limit of time, and how names are compared.
    pub(crate) async fn take_time(&mut self) -> Result<&'static str> {
        match &mut self.session {
            Session::Sqlite(_) => Ok("BINARY"),
            Session::Server(session) => {
                session.take_time().await?;
                Ok(session.collation())
            }
        }
    }
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
