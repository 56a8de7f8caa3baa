//! The heartbeat: one for all attempts, and the end of the lease in time.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tradewind_core::lease::{guard_margin, worker_fences_after, worker_fences_after_refusal, worker_margin};
use tradewind_queue::service::{CallError, KillReason, Lease};
use uuid::Uuid;

use crate::options::WorkerOptions;
use crate::stop::Stop;
use crate::worker::Shared;

/// A lease as this process sees it: counted from before it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub lease: Lease,
    pub asked: Instant,
    /// Age of the renewal when the control plane last refused everybody.
    pub refused: Option<Duration>,
}

impl Held {
    pub fn new(lease: Lease, asked: Instant) -> Self {
        Self { lease, asked, refused: None }
    }

    fn seconds(self) -> Duration {
        Duration::try_from_secs_f64(self.lease.seconds).unwrap_or(Duration::ZERO)
    }

    fn period(self, options: &WorkerOptions) -> Duration {
        options.renew.min(self.seconds() / 3)
    }

    /// When ending the attempts must begin, so that none outlives the lease.
    fn fence(self, options: &WorkerOptions) -> Instant {
        let lease = self.seconds();
        self.asked
            + match self.refused {
                None => worker_fences_after(lease),
                Some(age) => worker_fences_after_refusal(lease, self.period(options), age, options.outage_patience),
            }
    }

    /// Says how long attempts may begin and end here, and tells the Python host when to end everything by itself, should this process stand
    /// still.
    fn guard(self, shared: &Shared) {
        let (lease, fence) = (self.seconds(), self.fence(&shared.options));
        shared.fence.send_replace(Some(fence));
        let left = guard_margin(lease);
        shared.host.guard(Some((fence + worker_margin(lease).saturating_sub(left), left / 2)));
    }
}

/// Renews the lease until that fails; answers how much time the attempts have for their end by TERM.
pub async fn keep(shared: &Shared, mut held: Held) -> Duration {
    let options = &shared.options;
    let period = held.period(options);
    let mut next = held.asked + period;
    held.guard(shared);
    loop {
        sleep_until(next.min(held.fence(options))).await;
        let asked = Instant::now();
        if asked >= held.fence(options) {
            tracing::error!("the lease of this worker could not be renewed: its attempts are ended before it runs out");
            return time_left(held);
        }
        let until = held.fence(options).min(asked + period);
        let answer = timeout_at(until, shared.service.heartbeat(held.lease.worker, shared.running())).await;
        match answer {
            Ok(Ok(beat)) => {
                held = Held::new(Lease { worker: held.lease.worker, ..beat.lease }, asked);
                next = asked + period;
                beat.kill.into_iter().for_each(|(id, reason)| kill(shared, id, reason));
            }
            Ok(Err(e @ (CallError::Stale(_) | CallError::NotFound(_)))) => {
                tracing::error!("this worker is not known as alive any more, its attempts are ended: {e}");
                return Duration::ZERO;
            }
            Ok(Err(e)) => {
                tracing::warn!("a heartbeat failed: {e}");
                next = asked + period / 5;
                if shared.service.is_away() {
                    held.refused = Some(asked.duration_since(held.asked));
                }
            }
            Err(_) => {
                tracing::warn!("a heartbeat got no answer");
                next = asked + period / 5;
            }
        }
        held.guard(shared);
    }
}

fn kill(shared: &Shared, id: Uuid, reason: KillReason) {
    shared.stop_attempt(id, Stop::Kill(reason));
}

/// Half of what is left goes to TERM; the rest is for KILL and a busy machine.
fn time_left(held: Held) -> Duration {
    (held.asked + held.seconds()).saturating_duration_since(Instant::now()) / 2
}
