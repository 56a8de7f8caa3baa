//! The databases the suite runs on.

use tempfile::TempDir;
use tradewind_store::{Clock, DatabaseUrl, ManualClock, Options, Store};

/// 2024-01-01T00:00:00Z
pub const START: i64 = 1_704_067_200_000_000;

/// A database of its own for one test.
pub struct Backend {
    pub store: Store,
    pub clock: ManualClock,
    pub url: String,
    /// Removed with its files when the test ends.
    pub folder: TempDir,
}

impl Backend {
    /// An empty one, without tables.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = DatabaseUrl::of_sqlite(&folder.path().join("test.db"));
        let clock = ManualClock::at(START);
        let store = Store::open(&url, options(&clock)).await.expect("an empty database opens");
        Self { store, clock, url, folder }
    }

    /// With the newest schema.
    pub async fn fresh() -> Self {
        let backend = Self::empty().await;
        backend.store.migrate().await.expect("an empty database migrates");
        backend
    }

    /// A second handle with threads of its own, as another process would have.
    pub async fn second(&self) -> Store {
        Store::open(&self.url, options(&self.clock)).await.expect("a second handle")
    }
}

fn options(clock: &ManualClock) -> Options {
    Options { clock: Clock::Manual(clock.clone()), ..Options::default() }
}
