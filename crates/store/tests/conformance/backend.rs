//! The databases the suite runs on.

use std::future::Future;

use tempfile::TempDir;
use tradewind_store::{Clock, DatabaseUrl, ManualClock, Options, Store};
use tradewind_testkit::{Database, Kind};

/// 2024-01-01T00:00:00Z
pub const START: i64 = 1_704_067_200_000_000;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
    MariaDb,
}

tokio::task_local! {
    /// Which database the story of this task is told on.
    static ON: On;
}

/// Tells a story on a kind of database.
pub async fn tell(on: On, story: impl Future<Output = ()>) {
    ON.scope(on, story).await;
}

/// The tests of stories: each function, on each kind of database.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test]
            async fn sqlite() {
                $crate::backend::tell($crate::backend::On::Sqlite, super::$story()).await;
            }

            #[tokio::test]
            async fn postgres() {
                $crate::backend::tell($crate::backend::On::Postgres, super::$story()).await;
            }

            #[tokio::test]
            async fn mariadb() {
                $crate::backend::tell($crate::backend::On::MariaDb, super::$story()).await;
            }
        }
    )+};
}

pub(crate) use stories;

/// A database of its own for one test.
pub struct Backend {
    pub store: Store,
    pub clock: ManualClock,
    pub url: String,
    /// Removed with its files when the test ends.
    pub folder: TempDir,
    /// Dropped after the store's connections.
    pub database: Option<Database>,
}

impl Backend {
    /// An empty one, without tables, of the kind that the story is told on.
    pub async fn empty() -> Self {
        Self::of(Self::kind().map(Database::new)).await
    }

    /// With the newest schema.
    pub async fn fresh() -> Self {
        let database = match Self::kind().map(Database::like_template) {
            None => None,
            Some(Ok(database)) => Some(database),
            Some(Err(template)) => {
                let store = Store::open(&template.database().url, options(&ManualClock::at(START))).await.expect("an empty database opens");
                store.migrate().await.expect("an empty database migrates");
                store.close().await;
                Some(template.fill())
            }
        };
        let backend = Self::of(database).await;
        backend.store.migrate().await.expect("a database migrates");
        backend
    }

    async fn of(database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match &database {
            Some(database) => database.url.clone(),
            None => DatabaseUrl::of_sqlite(&folder.path().join("test.db")),
        };
        let clock = ManualClock::at(START);
        let store = Store::open(&url, options(&clock)).await.expect("an empty database opens");
        Self { store, clock, url, folder, database }
    }

    /// Of the server that the story is told on.
    fn kind() -> Option<Kind> {
        match Self::on() {
            On::Sqlite => None,
            On::Postgres => Some(Kind::Postgres),
            On::MariaDb => Some(Kind::MariaDb),
        }
    }

    /// The kind; outside stories it is SQLite.
    pub fn on() -> On {
        ON.try_with(|on| *on).unwrap_or(On::Sqlite)
    }

    /// A second handle with threads or connections of its own, as another process would have.
    pub async fn second(&self) -> Store {
        Store::open(&self.url, options(&self.clock)).await.expect("a second handle")
    }
}

fn options(clock: &ManualClock) -> Options {
    Options { clock: Clock::Manual(clock.clone()), ..Options::default() }
}
