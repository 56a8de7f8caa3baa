//! What a scheduler tells of itself.

use tokio::time::Instant;

/// Counts since the start, and the last turn.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// `None` while it has no term.
    pub job: Option<i64>,
    pub runs: usize,
    pub waiting: usize,
    pub turns: u64,
    pub errors: u64,
    /// Longest turn since the start, microseconds.
    pub longest_turn: u64,
}

impl Status {
    pub(crate) fn turn(&mut self, began: Instant, runs: usize, waiting: usize) {
        self.turns += 1;
        self.runs = runs;
        self.waiting = waiting;
        self.longest_turn = self.longest_turn.max(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
}
