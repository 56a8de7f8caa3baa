//! When to try again.

use jiff::{SignedDuration, Timestamp};

/// Delays that double, and the end of patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure.
    pub first: SignedDuration,
    /// At most.
    pub longest: SignedDuration,
    /// From the first try to the last.
    pub give_up: SignedDuration,
}

impl Backoff {
    /// The time of the next try after `tries` tries, the first of which was possible at `since`; `None`: no more.
    #[must_use]
    pub fn next(&self, tries: u32, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let last = since.saturating_add(self.give_up).unwrap_or(Timestamp::MAX);
        if now >= last {
            return None;
        }
        let doubled = 2_i32.checked_pow(tries.saturating_sub(1)).and_then(|factor| self.first.checked_mul(factor));
        let next = now.saturating_add(doubled.map_or(self.longest, |delay| delay.min(self.longest))).unwrap_or(Timestamp::MAX);
        Some(next.min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: i64) -> SignedDuration {
        SignedDuration::from_secs(n)
    }

    fn at(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let backoff = Backoff { first: seconds(5), longest: seconds(60), give_up: seconds(86_400) };
        let delays: Vec<i64> = (1..8).map(|tries| backoff.next(tries, at(0), at(100)).unwrap().as_second() - 100).collect();
        assert_eq!(delays, [5, 10, 20, 40, 60, 60, 60]);
        assert_eq!(backoff.next(4_000_000, at(0), at(100)), Some(at(160)));
    }

    #[test]
    fn the_last_try_is_at_the_end_of_patience() {
        let backoff = Backoff { first: seconds(5), longest: seconds(60), give_up: seconds(100) };
        assert_eq!(backoff.next(6, at(0), at(70)), Some(at(100)));
        assert_eq!(backoff.next(7, at(0), at(100)), None);
    }
}
