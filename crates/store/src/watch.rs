//! Noticing what other processes commit.
//!
//! SQLite tells. On a server each process has a row in `beacon` and raises its number in the transactions that write; not in each, when
//! they are many and a [`Watch`] of the process makes up for the rest. PostgreSQL passes on notifications of that; as long as they arrive, the numbers are
//! looked at seldom.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::server::{BEACON_EVERY, Ear};
use crate::{Mode, Result, Store, Transaction, Tx, params};

/// Rows of processes that are gone are kept this long (microseconds).
const STALE: i64 = 24 * 3_600 * 1_000_000;
/// Between two looks where notifications arrive: what they lose is found then.
const SELDOM: Duration = Duration::from_secs(1);
/// After so many looks in vain, the next ones come this many times more seldom: looking is most of what an idle process does.
const IDLE: (u32, u32) = (100, 3);
/// Between two looks at the least, however often others commit.
const GAP: Duration = Duration::from_millis(20);

/// Notices commits of other processes.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    ear: Option<Ear>,
    every: Duration,
    last: i64,
    looked: Instant,
    /// Looks in a row that found nothing.
    vain: u32,
}

impl Watch {
    pub(crate) async fn new(store: Store, every: Duration) -> Result<Self> {
        if let Some(server) = store.server() {
            server.beacon().batch();
        }
        let ear = store.server().and_then(crate::server::Server::listen);
        Ok(Self { last: store.data_version().await?, ear, store, every, looked: Instant::now(), vain: 0 })
    }

    /// Waits until another process has committed. May be dropped and called again without losing one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn changed(&mut self) -> Result<()> {
        loop {
            let told = self.wait().await?;
            self.looked = Instant::now();
            let version = self.store.data_version().await?;
            if version != self.last {
                (self.last, self.vain) = (version, 0);
                if let Some(ear) = self.ear.as_ref().filter(|_| !told) {
                    ear.doubt();
                }
                return Ok(());
            }
            self.vain = self.vain.saturating_add(1);
        }
    }

    /// Waits until it is time to look, and tells others meanwhile; whether it was told to look.
    async fn wait(&self) -> Result<bool> {
        let earliest = self.looked + GAP.min(self.every);
        loop {
            self.store.flush_beacon().await?;
            let every = if self.vain < IDLE.0 { self.every } else { self.every * IDLE.1 };
            let seldom = if self.ear.is_some() && self.store.is_told() { SELDOM.max(every) } else { every };
            tokio::select! {
                () = self.heard() => {
                    sleep_until(earliest).await;
                    self.store.flush_beacon().await?;
                    return Ok(true);
                }
                // While commits go on, one of them tells of those before it.
                () = self.owes() => if self.store.server().is_some_and(|server| server.beacon().owes_row()) { sleep(2 * BEACON_EVERY).await },
                () = sleep_until(self.looked + seldom) => return Ok(false),
            }
        }
    }

    async fn heard(&self) {
        match &self.ear {
            Some(ear) => ear.heard().await,
            None => std::future::pending().await,
        }
    }

    /// There is something to tell.
    async fn owes(&self) {
        match self.store.server() {
            Some(server) => server.beacon().owes.notified().await,
            None => std::future::pending().await,
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

/// Notifies others, on PostgreSQL. Writes nothing that a disk would have to keep.
pub(crate) struct Say(pub(crate) String);

impl Transaction for Say {
    type Out = ();
    const NAME: &'static str = "say";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.script(&format!("SET LOCAL synchronous_commit = off; {}", self.0)).await
    }
}
