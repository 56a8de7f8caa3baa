//! Plain settings of a scheduler.

use std::sync::Arc;
use std::time::Duration;

use tradewind_core::alert::Policy;

/// How a scheduler behaves. Durations are those of the design; each is stated once, here.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    pub hostname: String,
    pub unixname: String,
    pub pid: u32,
    pub version: String,
    /// How others on this machine tell whether this process lives.
    pub process: Option<String>,
    /// Attempts that may be queued or running at once, over all schedulers of this database.
    pub parallelism: u32,
    /// A scheduler that has not renewed for this long is replaced by another.
    pub lease: Duration,
    /// A worker that has not renewed for this long has lost its attempts.
    pub worker_lease: Duration,
    /// Workers that a task instance may lose without failing.
    pub worker_losses: u32,
    /// A queued attempt that nobody claimed for this long is published again.
    pub hint_timeout: Duration,
    /// Longest wait between two looks at the database.
    pub tick: Duration,
    /// DAGs whose scheduled runs are created in one turn (`[scheduler] max_dagruns_to_create_per_loop`).
    pub runs_created_per_turn: usize,
    /// Runs that go from queued to running in one turn (`[scheduler] max_dagruns_per_loop_to_schedule`).
    pub runs_started_per_turn: usize,
    /// Runs kept in memory; more stay unowned until some have ended.
    pub runs_owned: usize,
    /// Works only while no other scheduler holds a lease.
    pub active_standby: bool,
    /// Whom to tell of the ends of runs, and of tasks that end without an attempt.
    pub alerts: Arc<Policy>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            hostname: "localhost".into(),
            unixname: String::new(),
            pid: 0,
            version: String::new(),
            process: None,
            parallelism: 32,
            lease: Duration::from_secs(4),
            worker_lease: Duration::from_secs(12),
            worker_losses: 5,
            hint_timeout: Duration::from_secs(10),
            tick: Duration::from_secs(1),
            runs_created_per_turn: 64,
            runs_started_per_turn: 256,
            runs_owned: 10_000,
            active_standby: false,
            alerts: Arc::default(),
        }
    }
}
