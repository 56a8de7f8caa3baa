//! Slows down who guesses passwords.
//!
//! Failures are counted per user name and address within a window. Whoever has too many waits, also with the right password.
//! The table is bounded: when it is full, the oldest entries go.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

const WINDOW: i64 = 60;
const MAX_FAILURES: usize = 10;
/// Enough for any honest installation, little memory for a dishonest one.
const MAX_KEYS: usize = 10_000;
/// A check takes 19 MiB and a core for some ten milliseconds: more at once would starve everything else.
const MAX_CHECKS: usize = 2;

/// Counts failed sign-ins.
pub struct LoginLimit {
    failures: Mutex<HashMap<String, Vec<i64>>>,
    turns: Semaphore,
}

impl Default for LoginLimit {
    fn default() -> Self {
        Self { failures: Mutex::default(), turns: Semaphore::new(MAX_CHECKS) }
    }
}

impl LoginLimit {
    /// Waits for a turn to check a password.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Seconds to wait, when there were too many failures.
    pub fn wait(&self, key: &str, now: Timestamp) -> Option<u64> {
        let now = now.as_second();
        let failures = self.failures.lock().unwrap_or_else(|e| e.into_inner());
        let times = failures.get(key)?;
        let recent = times.iter().filter(|time| now - **time < WINDOW).count();
        if recent < MAX_FAILURES {
            return None;
        }
        let oldest = times[times.len() - MAX_FAILURES];
        u64::try_from((oldest + WINDOW - now).max(1)).ok()
    }

    pub fn failed(&self, key: &str, now: Timestamp) {
        let now = now.as_second();
        let mut failures = self.failures.lock().unwrap_or_else(|e| e.into_inner());
        if failures.len() >= MAX_KEYS && !failures.contains_key(key) {
            failures.retain(|_, times| times.last().is_some_and(|last| now - last < WINDOW));
            if failures.len() >= MAX_KEYS {
                failures.clear();
            }
        }
        let times = failures.entry(key.to_owned()).or_default();
        times.retain(|time| now - *time < WINDOW);
        times.push(now);
    }

    pub fn succeeded(&self, key: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(|e| e.into_inner());
        failures.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn ten_failures_in_a_minute_close_the_door_until_the_window_ends() {
        let limit = LoginLimit::default();
        for second in 0..10 {
            assert_eq!(limit.wait("ann", at(second)), None);
            limit.failed("ann", at(second));
        }
        assert_eq!(limit.wait("ann", at(10)), Some(50));
        assert_eq!(limit.wait("bob", at(10)), None);
        assert_eq!(limit.wait("ann", at(60)), None);
    }

    #[test]
    fn a_success_forgets_the_failures() {
        let limit = LoginLimit::default();
        for _ in 0..9 {
            limit.failed("ann", at(0));
        }
        limit.succeeded("ann");
        limit.failed("ann", at(1));
        assert_eq!(limit.wait("ann", at(1)), None);
    }
}
