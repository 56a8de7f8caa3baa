//! The heartbeat: one for all attempts, and the end of the lease in time.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tradewind_queue::service::{CallError, KillReason, Lease};
use uuid::Uuid;

use crate::stop::Stop;
use crate::worker::Shared;

/// A lease as this process sees it: counted from before it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    pub lease: Lease,
    pub asked: Instant,
}

impl Held {
    fn seconds(self) -> Duration {
        Duration::try_from_secs_f64(self.lease.seconds).unwrap_or(Duration::ZERO)
    }

    /// When ending the attempts must begin, so that none outlives the lease.
    fn fence(self) -> Instant {
        self.asked + self.seconds() - self.margin()
    }

    fn margin(self) -> Duration {
        (self.seconds() * 3 / 10).min(Duration::from_secs(4))
    }
}

/// Renews the lease until that fails; answers how much time the attempts have for their end by TERM.
pub async fn keep(shared: &Shared, mut held: Held) -> Duration {
    let period = shared.options.renew.min(held.seconds() / 3);
    let mut next = held.asked + period;
    loop {
        sleep_until(next.min(held.fence())).await;
        let asked = Instant::now();
        if asked >= held.fence() {
            tracing::error!("the lease of this worker could not be renewed: its attempts are ended before it runs out");
            return time_left(held);
        }
        let until = held.fence().min(asked + period);
        let answer = timeout_at(until, shared.service.heartbeat(held.lease.worker, shared.running())).await;
        match answer {
            Ok(Ok(beat)) => {
                held = Held { lease: Lease { worker: held.lease.worker, ..beat.lease }, asked };
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
            }
            Err(_) => {
                tracing::warn!("a heartbeat got no answer");
                next = asked + period / 5;
            }
        }
    }
}

fn kill(shared: &Shared, id: Uuid, reason: KillReason) {
    shared.stop_attempt(id, Stop::Kill(reason));
}

/// Half of what is left goes to TERM; the rest is for KILL and a busy machine.
fn time_left(held: Held) -> Duration {
    (held.asked + held.seconds()).saturating_duration_since(Instant::now()) / 2
}
