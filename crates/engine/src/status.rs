//! What a scheduler tells of itself.

use std::time::Duration;

use tokio::time::Instant;
use tradewind_metrics::names;

/// Counts since the start, and the last turn.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// `None` while it has no term.
    pub job: Option<i64>,
    /// Waits for the lease of the active scheduler to end.
    pub standby: bool,
    pub runs: usize,
    pub waiting: usize,
    pub turns: u64,
    pub errors: u64,
    /// End of the last turn without an error.
    pub turned: Option<Instant>,
    /// A turn of lately, microseconds: each one moves it by a tenth.
    pub usual_turn: f64,
    /// Longest turn since the start, microseconds.
    pub longest_turn: u64,
}

impl Status {
    pub(crate) fn turn(&mut self, began: Instant, runs: usize, waiting: usize) {
        self.turns += 1;
        self.runs = runs;
        self.waiting = waiting;
        let took = began.elapsed();
        self.longest_turn = self.longest_turn.max(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.usual_turn += (took.as_secs_f64() * 1e6 - self.usual_turn) / 10.0;
        self.turned = Some(Instant::now());
        names::SCHEDULER_LOOP.time(took, &[]);
        names::RUNS_OWNED.set(runs as f64, &[]);
    }

    /// How long no turn has succeeded; `None`: none ever did.
    pub fn stalled(&self) -> Option<Duration> {
        self.turned.map(|turned| turned.elapsed())
    }

    /// Whether it does its work: its loop turns, or it waits for its turn.
    pub fn is_well(&self, threshold: Duration) -> bool {
        self.standby || (self.job.is_some() && self.stalled().is_some_and(|stalled| stalled < threshold))
    }
}
