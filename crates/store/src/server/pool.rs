//! Connections that wait for their next transaction.
//!
//! sqlx's own pool asks the server for a sign of life whenever a connection is given back, a trip for each transaction. Here a connection
//! is given back only after its `COMMIT` was answered, and one that was closed while it lay idle is noticed at the next `BEGIN`.
//!
//! Those beyond the pool's size stay for a while: in a rush of work each would otherwise be made for one transaction, with a process and a check of the
//! password on the server, which cost more than the transaction.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Link;
use super::open::Target;
use crate::{Error, Result};

/// How long connections beyond the pool's size stay open without work.
const LINGER: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Pool {
    /// The one used last comes last.
    idle: Mutex<Vec<Idle>>,
    places: Arc<Semaphore>,
    /// Connections that stay open without work.
    keep: usize,
    most: usize,
    recycle: Option<Duration>,
    /// How long to wait for a place, and then for the server.
    wait: Duration,
}

#[derive(Debug)]
struct Idle {
    link: Link,
    made: Instant,
    since: Instant,
}

/// A connection in use.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) link: Link,
    made: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(keep: usize, overflow: usize, recycle: Option<Duration>, wait: Duration) -> Self {
        let most = (keep + overflow).max(1);
        Self { idle: Mutex::default(), places: Arc::new(Semaphore::new(most)), keep: keep.max(1), most, recycle, wait }
    }

    /// A connection, and whether it lay idle before.
    pub(super) async fn take(&self, target: &Target) -> Result<(Place, bool)> {
        let permit = match tokio::time::timeout(self.wait, self.places.clone().acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Error::Closed),
            Err(_) => {
                let detail = format!(
                    "all {} connections of this process are in use (`[database] sql_alchemy_pool_size`, `sql_alchemy_max_overflow`)",
                    self.most
                );
                return Err(Error::Busy { detail });
            }
        };
        while let Some(idle) = self.pop() {
            if self.recycle.is_none_or(|age| idle.made.elapsed() < age) {
                return Ok((Place { link: idle.link, made: idle.made, _permit: permit }, true));
            }
        }
        let link = target.connect(self.wait).await?;
        Ok((Place { link, made: Instant::now(), _permit: permit }, false))
    }

    pub(super) fn put(&self, place: Place) {
        let Place { link, made, _permit } = place;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if self.places.is_closed() {
            return;
        }
        idle.push(Idle { link, made, since: Instant::now() });
        let spare = idle.len().saturating_sub(self.keep);
        let old = idle.iter().take(spare).take_while(|idle| idle.since.elapsed() >= LINGER).count();
        idle.drain(..old);
    }

    /// Nothing is taken any more; what is in use ends by itself.
    pub(super) fn close(&self) {
        self.places.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The one used last: the others may grow old and be closed.
    fn pop(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
