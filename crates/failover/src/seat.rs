//! The lease of the controller that acts.
//!
//! *Clock:* counted by the database; trusted here for two thirds of its length from the moment before it was asked for, so that this controller
//! stops before another could begin.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tradewind_metrics::{Tags, names};
use tradewind_store::Store;
use tradewind_store::step::{EndJob, Owner, RenewLease, Renewed};

pub const JOB: Tags<'_> = &[("job_name", "failovercontrollerjob")];

/// The lease has ended, or might have: act no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease of this controller has ended")]
pub struct Lost;

/// See the module.
pub struct Seat {
    store: Store,
    owner: Owner,
    lease: Duration,
    renewed: Mutex<Instant>,
    about: Mutex<String>,
}

impl Seat {
    /// `asked`: the moment before the lease was asked for.
    pub fn new(store: Store, owner: Owner, lease: Duration, asked: Instant) -> Self {
        Self { store, owner, lease, renewed: Mutex::new(asked), about: Mutex::default() }
    }

    /// To be asked before each act.
    pub fn proof(&self) -> Result<(), Lost> {
        let renewed = *self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        if renewed.elapsed() < self.lease * 2 / 3 { Ok(()) } else { Err(Lost) }
    }

    /// What the row says of this controller from the next renewal on: JSON.
    pub fn say(&self, about: String) {
        *self.about.lock().unwrap_or_else(PoisonError::into_inner) = about;
    }

    /// Renews the lease until that fails for too long.
    pub async fn keep(&self) -> Lost {
        loop {
            tokio::time::sleep(self.lease / 4).await;
            let asked = Instant::now();
            let about = self.about.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let lease = jiff::SignedDuration::try_from(self.lease).unwrap_or(jiff::SignedDuration::MAX);
            let renew = RenewLease { owner: self.owner, lease, stats: (!about.is_empty()).then_some(about) };
            match self.store.run(renew).await {
                Ok(Renewed::Until(_)) => *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = asked,
                Ok(Renewed::Lost) => return Lost,
                Err(error) => {
                    names::JOB_HEARTBEAT_FAILURE.count(1, JOB);
                    tracing::warn!("the lease of this controller cannot be renewed: {error}");
                    if self.proof().is_err() {
                        return Lost;
                    }
                }
            }
        }
    }

    /// Gives the lease back.
    pub async fn leave(self) {
        names::JOB_END.count(1, JOB);
        if let Err(error) = self.store.run(EndJob { owner: self.owner, success: true }).await {
            tracing::debug!("the lease of this controller ends by itself: {error}");
        }
    }
}
