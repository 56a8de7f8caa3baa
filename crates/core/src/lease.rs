//! How long a lease is relied on, as rules over ages, so that schedulers, workers, reapers and the simulation of them decide alike.
//!
//! The database counts a lease by its own clock, from the moment it wrote the renewal. Its holder counts by its own monotonic clock from the
//! moment before it asked, so it always believes in an earlier end. Ages here are the holder's: time since it asked for the renewal.

use std::time::Duration;

/// A scheduler renews this long after the last renewal.
#[must_use]
pub fn scheduler_renews_after(lease: Duration) -> Duration {
    lease / 3
}

/// A scheduler decides and writes nothing more once its last renewal is this old: what it has on the way then ends before anyone takes over.
#[must_use]
pub fn scheduler_trusts_for(lease: Duration) -> Duration {
    lease * 2 / 3
}

/// Time at the end of a worker's lease in which its processes are ended.
#[must_use]
pub fn worker_margin(lease: Duration) -> Duration {
    (lease * 3 / 10).min(Duration::from_secs(4))
}

/// A worker begins to end its processes once its last renewal is this old.
#[must_use]
pub fn worker_fences_after(lease: Duration) -> Duration {
    lease.saturating_sub(worker_margin(lease))
}

/// The same after the database has refused everybody: nobody can hand out an attempt anew while it is away, so nobody has to die. `refused` is
/// the age of the last renewal when the last refusal came; each one counts until the next try is overdue, and all of them for `patience` at most.
#[must_use]
pub fn worker_fences_after_refusal(lease: Duration, renew: Duration, refused: Duration, patience: Duration) -> Duration {
    worker_fences_after(lease).max((refused + renew).min(patience))
}

/// A guard outside of the worker's process, for a worker that stands still, begins to end its processes so long before the end of the lease: after
/// the worker itself would have begun, and before it would be too late.
#[must_use]
pub fn guard_margin(lease: Duration) -> Duration {
    worker_margin(lease) * 4 / 5
}

/// A reaper acts on ended leases of workers only when the database has been there for this long without a break. After an outage, every worker
/// that lives has renewed by then.
#[must_use]
pub fn reaper_waits(worker_lease: Duration) -> Duration {
    worker_lease * 2 / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn nobody_relies_on_a_lease_to_its_end() {
        for lease in [S / 2, S, 4 * S, 12 * S, 3600 * S] {
            assert!(scheduler_renews_after(lease) * 2 <= scheduler_trusts_for(lease), "one renewal may be missed");
            assert!(scheduler_trusts_for(lease) < lease);
            assert!(worker_fences_after(lease) < lease - guard_margin(lease));
            assert!(guard_margin(lease) > (lease / 5).min(3 * S), "there is time to end processes");
        }
    }

    #[test]
    fn refusals_hold_a_worker_up_as_long_as_they_come_and_patience_lasts() {
        let after = |refused: u32, patience: u32| worker_fences_after_refusal(12 * S, 3 * S, refused * S, patience * S);
        assert_eq!(after(1, 900), worker_fences_after(12 * S), "never earlier than without");
        assert_eq!(after(30, 900), 33 * S);
        assert_eq!(after(899, 900), 900 * S);
        assert_eq!(after(30, 0), worker_fences_after(12 * S), "without patience it is as if they had not come");
    }
}
