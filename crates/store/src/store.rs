//! The handle.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::clock::{Clock, Ticker};
use crate::server::Server;
use crate::sqlite::{self, Message, Threads, Typed};
use crate::tx::Surroundings;
use crate::{DatabaseUrl, Dialect, Error, Fernet, Mode, Result, Transaction, migrate};

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite: threads that read.
    pub readers: usize,
    /// How long to wait for other processes that hold the lock, for a place in the pool, for a connection.
    pub busy: Duration,
    pub clock: Clock,
    /// Open also what a newer release has migrated (`db reset`).
    pub any_schema: bool,
    /// Keys of secrets; none keeps them in clear.
    pub fernet: Fernet,
    /// Servers: connections that stay open (`sql_alchemy_pool_size`) and those beyond (`sql_alchemy_max_overflow`).
    pub pool_size: usize,
    pub max_overflow: usize,
    /// Servers: a connection older than this is made anew (`sql_alchemy_pool_recycle`).
    pub pool_recycle: Option<Duration>,
    /// Servers: a statement that takes longer is ended.
    pub statement_timeout: Duration,
    /// PostgreSQL: where the tables are (`sql_alchemy_schema`); `None`: the server's own choice.
    pub schema: Option<String>,
    /// Servers: arguments of the driver beside the URL (`sql_alchemy_connect_args`).
    pub connect_args: serde_json::Map<String, serde_json::Value>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 2,
            busy: Duration::from_secs(5),
            clock: Clock::System,
            any_schema: false,
            fernet: Fernet::default(),
            pool_size: 5,
            max_overflow: 10,
            pool_recycle: Some(Duration::from_secs(1800)),
            statement_timeout: Duration::from_secs(30),
            schema: None,
            connect_args: serde_json::Map::new(),
        }
    }
}

/// A cheap handle of the metadata database. Threads and connections end with the last one.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    surroundings: Arc<Surroundings>,
}

#[derive(Debug, Clone)]
enum Database {
    Sqlite(Threads),
    Server(Server),
}

impl Store {
    /// Opens the database of a SQLAlchemy URL. Does not make or change tables: see [`Store::migrate`].
    ///
    /// # Errors
    /// A URL that cannot be used, a file that cannot be opened, a server that does not answer, refuses or is too old, or a schema newer
    /// than this program.
    pub async fn open(url: &str, options: Options) -> Result<Self> {
        let url = DatabaseUrl::parse(url)?.with_connect_args(&options.connect_args)?;
        let surroundings = Arc::new(Surroundings { ticker: Ticker::new(options.clock.clone()), fernet: options.fernet.clone() });
        let database = if url.dialect == Dialect::Sqlite {
            let threads = sqlite::start(&url.path, options.readers.max(1), options.busy, &surroundings).map_err(|error| match error {
                Error::Unavailable { detail, hint } => Error::Unavailable { detail: format!("{}: {detail}", url.path.display()), hint },
                other => other,
            })?;
            Database::Sqlite(threads)
        } else {
            Database::Server(Server::open(&url, &options, &surroundings).await?)
        };
        let store = Self { database, surroundings };
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
        let threads = match &self.database {
            Database::Sqlite(threads) => threads,
            Database::Server(server) => return server.run(&transaction).await,
        };
        let (job, answer) = Typed::new(transaction);
        let sent = match T::MODE {
            Mode::Read => threads.readers.send(Box::new(job)).await.is_ok(),
            Mode::Write => threads.writer.send(Message::Run(Box::new(job))).await.is_ok(),
        };
        if !sent {
            return Err(Error::Closed);
        }
        answer.await.unwrap_or(Err(Error::Closed))
    }

    pub fn dialect(&self) -> Dialect {
        match &self.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Server(server) => server.dialect(),
        }
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
        let state = self.run(migrate::ReadSchema).await?.known()?;
        if let Database::Server(server) = &self.database {
            server.beacon().allow(state.current().is_ok());
        }
        Ok(state)
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
        if let Database::Server(server) = &self.database {
            server.beacon().allow(false);
        }
        self.run(migrate::DropAll).await?;
        self.migrate().await
    }

    /// Whether the database itself refuses everybody now, as far as this process knows: then nobody else acts either. `false` when there is
    /// no answer at all, which may concern this process alone.
    pub fn is_away(&self) -> bool {
        match &self.database {
            Database::Sqlite(_) => false,
            Database::Server(server) => server.is_away(),
        }
    }

    /// The database's clock.
    pub fn now(&self) -> Timestamp {
        self.surroundings.ticker.now()
    }

    /// A number that changes when another process has committed. Costs microseconds on SQLite, a short transaction elsewhere.
    ///
    /// # Errors
    /// What the database says.
    pub async fn data_version(&self) -> Result<i64> {
        match &self.database {
            Database::Sqlite(threads) => {
                let (reply, answer) = oneshot::channel();
                threads.writer.send(Message::DataVersion(reply)).await.map_err(|_| Error::Closed)?;
                answer.await.unwrap_or(Err(Error::Closed))
            }
            Database::Server(server) => self.run(crate::watch::OtherBeacons { origin: server.origin().to_owned() }).await,
        }
    }

    /// Tells other processes of commits that they were not told of yet.
    pub(crate) async fn flush_beacon(&self) -> Result<()> {
        let Some(server) = self.server() else { return Ok(()) };
        if server.beacon().owes_row() {
            self.run(crate::watch::Light).await?;
        }
        if server.beacon().take_notice() {
            self.run(crate::watch::Say(server.beacon().notice())).await?;
        }
        Ok(())
    }

    pub(crate) fn server(&self) -> Option<&Server> {
        match &self.database {
            Database::Sqlite(_) => None,
            Database::Server(server) => Some(server),
        }
    }

    /// Whether a [`crate::Watch`] of this process is told of commits of others as they happen, so that nothing else need look often.
    pub fn is_told(&self) -> bool {
        self.server().is_some_and(Server::hears)
    }

    /// Watches for commits of other processes from now on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn watch(&self, every: Duration) -> Result<crate::Watch> {
        crate::Watch::new(self.clone(), every).await
    }

    /// Ends the writer after the work that waits; later calls answer [`Error::Closed`].
    pub async fn close(self) {
        match &self.database {
            Database::Sqlite(threads) => {
                let (reply, answer) = oneshot::channel();
                if threads.writer.send(Message::Close(reply)).await.is_ok() {
                    // The writer is gone either way.
                    drop(answer.await);
                }
            }
            Database::Server(server) => server.close(),
        }
    }
}
