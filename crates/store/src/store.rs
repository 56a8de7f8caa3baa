//! The handle.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::clock::{Clock, Ticker};
use crate::sqlite::{self, Message, Threads, Typed};
use crate::tx::Surroundings;
use crate::{DatabaseUrl, Error, Fernet, Mode, Result, Transaction, migrate};

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that read.
    pub readers: usize,
    /// How long to wait for other processes that hold the lock.
    pub busy: Duration,
    pub clock: Clock,
    /// Open also what a newer release has migrated (`db reset`).
    pub any_schema: bool,
    /// Keys of secrets; none keeps them in clear.
    pub fernet: Fernet,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 2, busy: Duration::from_secs(5), clock: Clock::System, any_schema: false, fernet: Fernet::default() }
    }
}

/// A cheap handle of the metadata database. The threads end with the last one.
#[derive(Debug, Clone)]
pub struct Store {
    threads: Threads,
    surroundings: Arc<Surroundings>,
}

impl Store {
    /// Opens the database of a SQLAlchemy URL. Does not make or change tables: see [`Store::migrate`].
    ///
    /// # Errors
    /// A URL that cannot be used, a file that cannot be opened, or a schema newer than this program.
    pub async fn open(url: &str, options: Options) -> Result<Self> {
        let url = DatabaseUrl::parse(url)?;
        let surroundings = Arc::new(Surroundings { ticker: Ticker::new(options.clock), fernet: options.fernet });
        let threads = sqlite::start(&url.path, options.readers.max(1), options.busy, &surroundings).map_err(|error| match error {
            Error::Unavailable { detail, hint } => Error::Unavailable { detail: format!("{}: {detail}", url.path.display()), hint },
            other => other,
        })?;
        let store = Self { threads, surroundings };
        if !options.any_schema {
            store.schema().await?;
        }
        Ok(store)
    }

    /// Runs a transaction: commits it, or leaves nothing behind.
    ///
    /// # Errors
    /// Its own, or the failure of the commit.
    pub async fn run<T: Transaction>(&self, transaction: T) -> Result<T::Out> {
        let (job, answer) = Typed::new(transaction);
        let sent = match T::MODE {
            Mode::Read => self.threads.readers.send(Box::new(job)).await.is_ok(),
            Mode::Write => self.threads.writer.send(Message::Run(Box::new(job))).await.is_ok(),
        };
        if !sent {
            return Err(Error::Closed);
        }
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Brings the schema up to date; does nothing when it is.
    ///
    /// # Errors
    /// [`Error::SchemaTooNew`], or what a migration ran into; those before it stay.
    pub async fn migrate(&self) -> Result<migrate::Migrated> {
        migrate::migrate(self).await
    }

    /// Which schema the database has.
    ///
    /// # Errors
    /// [`Error::SchemaTooNew`].
    pub async fn schema(&self) -> Result<migrate::SchemaState> {
        self.run(migrate::ReadSchema).await?.known()
    }

    /// That the database answers and has the schema of this program (`db check`).
    ///
    /// # Errors
    /// [`Error::SchemaTooNew`], [`Error::SchemaTooOld`] or what the database says.
    pub async fn check(&self) -> Result<()> {
        self.schema().await?.current()
    }

    /// Drops every table and makes them anew (`db reset`).
    ///
    /// # Errors
    /// What the database says.
    pub async fn reset(&self) -> Result<migrate::Migrated> {
        self.run(migrate::DropAll).await?;
        self.migrate().await
    }

    /// The database's clock.
    pub fn now(&self) -> Timestamp {
        self.surroundings.ticker.now()
    }

    /// A number that changes when another process has committed. Costs microseconds.
    ///
    /// # Errors
    /// What the database says.
    pub async fn data_version(&self) -> Result<i64> {
        let (reply, answer) = oneshot::channel();
        self.threads.writer.send(Message::DataVersion(reply)).await.map_err(|_| Error::Closed)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Watches for commits of other processes from now on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn watch(&self, every: Duration) -> Result<Watch> {
        Ok(Watch { last: self.data_version().await?, store: self.clone(), every })
    }

    /// Ends the writer after the work that waits; later calls answer [`Error::Closed`].
    pub async fn close(self) {
        let (reply, answer) = oneshot::channel();
        if self.threads.writer.send(Message::Close(reply)).await.is_ok() {
            // The writer is gone either way.
            drop(answer.await);
        }
    }
}

/// Notices commits of other processes.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    every: Duration,
    last: i64,
}

impl Watch {
    /// Waits until another process has committed. May be dropped and called again without losing one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn changed(&mut self) -> Result<()> {
        loop {
            let version = self.store.data_version().await?;
            if version != self.last {
                self.last = version;
                return Ok(());
            }
            tokio::time::sleep(self.every).await;
        }
    }
}
