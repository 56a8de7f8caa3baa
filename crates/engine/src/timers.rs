//! When which run wants to be looked at again: retries, reschedules, timeouts.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;

/// One wake-up per run, the earliest.
#[derive(Debug, Default)]
pub struct Timers {
    order: BTreeSet<(Timestamp, i64)>,
    of_run: HashMap<i64, Timestamp>,
}

impl Timers {
    /// Sets or clears the wake-up of a run.
    pub fn set(&mut self, run_pk: i64, at: Option<Timestamp>) {
        if self.of_run.get(&run_pk).copied() == at {
            return;
        }
        if let Some(old) = self.of_run.remove(&run_pk) {
            self.order.remove(&(old, run_pk));
        }
        if let Some(at) = at {
            self.of_run.insert(run_pk, at);
            self.order.insert((at, run_pk));
        }
    }

    /// How long until the first one is due.
    pub fn next(&self, now: Timestamp) -> Duration {
        self.order.first().map_or(Duration::MAX, |(at, _)| Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
    }

    /// Takes the runs that are due.
    pub fn due(&mut self, now: Timestamp) -> Vec<i64> {
        let mut due = Vec::new();
        while let Some(&(at, run_pk)) = self.order.first() {
            if at > now {
                break;
            }
            self.order.pop_first();
            self.of_run.remove(&run_pk);
            due.push(run_pk);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_first_and_one_per_run() {
        let at = |s: i64| Timestamp::from_second(s).unwrap();
        let mut timers = Timers::default();
        timers.set(1, Some(at(10)));
        timers.set(2, Some(at(5)));
        timers.set(1, Some(at(3)));
        timers.set(3, Some(at(4)));
        timers.set(3, None);
        assert_eq!(timers.next(at(1)), Duration::from_secs(2));
        assert_eq!(timers.next(at(9)), Duration::ZERO);
        assert_eq!(timers.due(at(5)), [1, 2]);
        assert_eq!(timers.next(at(9)), Duration::MAX);
    }
}
