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

    pub(crate) fn now(&self) -> Timestamp {
        self.at_least(match &self.clock {
            Clock::System => machine().saturating_add(self.ahead.load(Ordering::Relaxed)),
            Clock::Manual(manual) => manual.micros(),
        })
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
}
