//! The database's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where `Tx::now` comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The server's; SQLite has none but the machine's.
    #[default]
    System,
    /// Set by a test.
    Manual(ManualClock),
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Starts at microseconds since 1970.
    pub fn at(micros: i64) -> Self {
        Self(Arc::new(AtomicI64::new(micros)))
    }

    /// Moves it by microseconds.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves it by seconds.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance(seconds * 1_000_000);
    }

    pub fn micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Reads a [`Clock`] and never goes back within this process, also when the machine's clock is set back.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    clock: Clock,
    last: AtomicI64,
    /// How far the clock of a server is ahead of the machine's, as last seen.
    ahead: AtomicI64,
}

impl Ticker {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, last: AtomicI64::new(i64::MIN), ahead: AtomicI64::new(0) }
    }

    /// No two readings of the system's clock are the same: run ids are made of them.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::System => self.later_than_before(machine().saturating_add(self.ahead.load(Ordering::Relaxed))),
            Clock::Manual(manual) => self.at_least(manual.micros()),
        }
    }

    /// The clock of a database on a server, which has just said these microseconds.
    pub(crate) fn of_database(&self, said: i64) -> Timestamp {
        match &self.clock {
            Clock::System => {
                self.ahead.store(said.saturating_sub(machine()), Ordering::Relaxed);
                Timestamp::from_microsecond(said).unwrap_or(Timestamp::UNIX_EPOCH)
            }
            Clock::Manual(manual) => self.at_least(manual.micros()),
        }
    }

    fn later_than_before(&self, read: i64) -> Timestamp {
        let later = |last: i64| Some(read.max(last.saturating_add(1)));
        let before = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later).unwrap_or(i64::MIN);
        Timestamp::from_microsecond(read.max(before.saturating_add(1))).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn at_least(&self, read: i64) -> Timestamp {
        let micros = self.last.fetch_max(read, Ordering::SeqCst).max(read);
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that rows are dated by")]
fn machine() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_does_not_take_now_back() {
        let manual = ManualClock::at(1_000);
        let ticker = Ticker::new(Clock::Manual(manual.clone()));
        assert_eq!(ticker.now().as_microsecond(), 1_000);
        manual.advance(-500);
        assert_eq!(ticker.now().as_microsecond(), 1_000);
        manual.advance(501);
        assert_eq!(ticker.now().as_microsecond(), 1_001);
    }

    #[test]
    fn no_two_readings_are_the_same_when_a_server_falls_behind() {
        let ticker = Ticker::new(Clock::System);
        ticker.of_database(machine() + 5_000_000);
        let mut last = ticker.now();
        ticker.of_database(machine());
        for _ in 0..100 {
            let now = ticker.now();
            assert!(now > last);
            last = now;
        }
    }
}
