//! `[scheduler] ha_mode = active_standby`: one scheduler works, this one waits until the seat is free.
//!
//! *Authority:* the lease of the active one's row. *Clock:* the database's; the wait until that lease ends is measured here and only says when to
//! look. *Failure:* an error of the database is waited out; nothing is held meanwhile.

use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tradewind_queue::Change;
use tradewind_store::step::{EndJob, Owner, SCHEDULER_SEAT, TakeOver, TakenOver};

use crate::scheduler::Scheduler;

/// Between two looks at the least, however many changes there are.
const PAUSE: Duration = Duration::from_millis(100);
/// After the end of the other's lease: the database must agree that it has ended.
const AFTER: Duration = Duration::from_millis(5);

impl Scheduler {
    /// Waits for the seat; `false`: it is time to stop.
    pub(crate) async fn stand_by(&mut self, stop: &mut watch::Receiver<bool>, changes: &mut broadcast::Receiver<Change>) -> bool {
        let mut waiting: Option<Owner> = None;
        loop {
            let asked = Instant::now();
            let take = TakeOver { seat: SCHEDULER_SEAT, waiting, me: self.registration() };
            let look = match self.store.run(take).await {
                Ok(TakenOver::Active(lease)) => {
                    self.status.send_modify(|status| status.standby = false);
                    self.take_term(lease.owner, asked);
                    return true;
                }
                Ok(TakenOver::Waiting { me, holder }) => {
                    if waiting != Some(me) {
                        tracing::info!(job.id = me.job, active.job = holder.id, active.host = holder.hostname, "standing by");
                        self.status.send_modify(|status| status.standby = true);
                    }
                    waiting = Some(me);
                    let left = Duration::try_from(holder.lease_until.duration_since(self.store.now())).unwrap_or_default();
                    (left + AFTER).min(self.options.lease / 3)
                }
                Err(error) => {
                    self.contact = Instant::now();
                    tracing::warn!("a standby scheduler cannot look for the active one: {error}");
                    self.options.tick
                }
            };
            let again = async {
                tokio::time::sleep(PAUSE).await;
                news(changes).await;
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(look) => {}
                () = again => {}
            }
        }
        if let Some(owner) = waiting
            && let Err(error) = self.store.run(EndJob { owner, success: true }).await
        {
            tracing::debug!("the row of the standby scheduler ends by itself: {error}");
        }
        false
    }
}

/// Returns when another process has committed something, or is gone: the active one may have given its lease back.
async fn news(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Elsewhere | Change::Gone) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
