//! Transactions as values.

use std::future::Future;

use jiff::Timestamp;

use crate::clock::Ticker;
use crate::sqlite::Session;
use crate::{Dialect, Fernet, Result, Row, Sql, Value};

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

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'a> {
    session: &'a mut Session,
    surroundings: &'a Surroundings,
    now: Timestamp,
    name: &'static str,
    discarded: bool,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(session: &'a mut Session, surroundings: &'a Surroundings, name: &'static str) -> Self {
        Self { session, surroundings, now: surroundings.ticker.now(), name, discarded: false }
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
        Dialect::Sqlite
    }

    /// Runs a statement; gives the number of rows it changed.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    #[expect(clippy::unused_async, reason = "the seam for databases behind a socket")]
    pub async fn exec(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<u64> {
        let sql = sql.into();
        let text = self.text(&sql)?;
        self.session.exec(text, params.as_ref())
    }

    /// The first row of an answer.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    #[expect(clippy::unused_async, reason = "the seam for databases behind a socket")]
    pub async fn row(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<Option<Row>> {
        let sql = sql.into();
        let text = self.text(&sql)?;
        Ok(self.session.rows(self.name, text, params.as_ref(), 1)?.pop())
    }

    /// All rows of an answer.
    ///
    /// # Errors
    /// By kind, see [`crate::Error`].
    #[expect(clippy::unused_async, reason = "the seam for databases behind a socket")]
    pub async fn rows(&mut self, sql: impl Into<Sql> + Send, params: impl AsRef<[Value]> + Send) -> Result<Vec<Row>> {
        let sql = sql.into();
        let text = self.text(&sql)?;
        self.session.rows(self.name, text, params.as_ref(), usize::MAX)
    }

    /// The statement for this database, told to whoever traces statements. Never with its parameters: they may be secrets.
    fn text<'s>(&self, sql: &'s Sql) -> Result<&'s str> {
        let text = sql.text(Dialect::Sqlite)?;
        tracing::trace!(target: "tradewind_store::sql", transaction = self.name, sql = text);
        Ok(text)
    }

    /// Several statements without parameters: migrations.
    #[expect(clippy::unused_async, reason = "the seam for databases behind a socket")]
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        self.session.script(text)
    }
}
