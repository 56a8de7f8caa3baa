//! Noticing what other processes commit.
//!
//! SQLite tells. On a server each process has a row in `beacon` and raises its number in the transactions that write; not in each, when
//! they are many and a [`Watch`] of the process makes up for the rest.

use std::time::Duration;

use crate::{Mode, Result, Store, Transaction, Tx, params};

/// Rows of processes that are gone are kept this long (microseconds).
const STALE: i64 = 24 * 3_600 * 1_000_000;

/// Notices commits of other processes.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    every: Duration,
    last: i64,
}

impl Watch {
    pub(crate) async fn new(store: Store, every: Duration) -> Result<Self> {
        store.tells_in_batches();
        Ok(Self { last: store.data_version().await?, store, every })
    }

    /// Waits until another process has committed. May be dropped and called again without losing one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn changed(&mut self) -> Result<()> {
        loop {
            self.store.flush_beacon().await?;
            let version = self.store.data_version().await?;
            if version != self.last {
                self.last = version;
                return Ok(());
            }
            tokio::time::sleep(self.every).await;
        }
    }
}

/// The beacons of all other processes, added up.
pub(crate) struct OtherBeacons {
    pub(crate) origin: String,
}

impl Transaction for OtherBeacons {
    type Out = i64;
    const NAME: &'static str = "other_beacons";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let sql = "SELECT COALESCE(SUM(seq), 0) + COUNT(*) FROM beacon WHERE origin <> ?";
        tx.row(sql, params![&self.origin]).await?.map_or(Ok(0), |row| row.get(0))
    }
}

/// A write that changes nothing but the beacon, and takes away those of the dead.
pub(crate) struct Light;

impl Transaction for Light {
    type Out = ();
    const NAME: &'static str = "light_beacon";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let before = tx.now().as_microsecond() - STALE;
        tx.exec("DELETE FROM beacon WHERE seen_at < ?", params![before]).await.map(drop)
    }
}
