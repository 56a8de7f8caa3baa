//! What the steps of the database decide, as rules over the few columns they look at.
//!
//! The statements of `store` say the same in SQL; a test there holds each step against its rule for every combination of states, on every
//! database. The simulation of many schedulers and workers (`tests/protocol`) runs on these rules alone.

use crate::state::{AttemptState, TaskState};

/// A process: what others see of its lease. Times are microseconds of the database's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    pub term: u64,
    /// Nobody has ended it, itself included.
    pub is_running: bool,
    pub lease_until: i64,
}

impl Job {
    /// Every transaction of an owner begins with this proof.
    #[must_use]
    pub const fn proves(&self, term: u64, now: i64) -> bool {
        self.is_running && self.term == term && self.lease_until > now
    }

    /// A scheduler's or processor's lease that has ended is not renewed: others may have acted on its end.
    #[must_use]
    pub const fn may_renew(&self, term: u64, now: i64) -> bool {
        self.proves(term, now)
    }

    /// A worker's is, until somebody has acted: who does so ends the job first, and only one of the two statements finds it running.
    #[must_use]
    pub const fn may_renew_worker(&self, term: u64) -> bool {
        self.is_running && self.term == term
    }

    /// Who lost a term begins the next one, whatever became of the job meanwhile.
    #[must_use]
    pub const fn may_begin_term(&self, after: u64) -> bool {
        self.term == after
    }

    /// Its lease is over: a reaper may end it, and then what it had.
    #[must_use]
    pub const fn is_dead(&self, now: i64) -> bool {
        !self.is_running || self.lease_until <= now
    }
}

/// Whether an open run may be taken: `owner` is the job that its row names, if any, with the term that it names.
#[must_use]
pub fn may_own(owner: Option<(&Job, u64)>, now: i64) -> bool {
    owner.is_none_or(|(job, term)| !job.proves(term, now))
}

/// An attempt and its task instance, as a step meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub attempt: AttemptState,
    pub task: Option<TaskState>,
    /// The task instance names this attempt as its current one.
    pub is_current: bool,
}

/// Answer to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    Won,
    /// It was won before, by the same worker, which has not begun: the answer got lost on its way.
    WonBefore,
    Lost,
    LeaseEnded,
}

/// `worker`: the claimer's job; `is_own` and `has_begun` tell of an attempt that runs: on this worker, and with a process.
#[must_use]
pub fn claim(worker: &Job, now: i64, pair: Pair, is_own: bool, has_begun: bool) -> Claim {
    if !worker.proves(worker.term, now) {
        return Claim::LeaseEnded;
    }
    match (pair.attempt, pair.task) {
        _ if !pair.is_current => Claim::Lost,
        (AttemptState::Queued, Some(TaskState::Queued)) => Claim::Won,
        (AttemptState::Running, Some(TaskState::Running)) if is_own && !has_begun => Claim::WonBefore,
        _ => Claim::Lost,
    }
}

/// What a report, or the loss of a worker, does to attempt and task instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Both end as reported; a lost one is scheduled again.
    Ends,
    /// The task instance had been cleared: it has no state again.
    Restarts,
    /// It had been marked, or moved on otherwise: only the attempt ends.
    MovedOn,
    /// The attempt has ended before: nothing happens.
    Stale,
}

/// A report counts as long as nobody has ended the attempt, lease or not.
#[must_use]
pub fn report(pair: Pair, is_own: bool) -> Ending {
    if pair.attempt == AttemptState::Running && is_own { ending(pair) } else { Ending::Stale }
}

/// The reaper's part: `worker` is the job that the attempt names. `expired`: a lease that has ended counts, since its holder had time to renew it.
#[must_use]
pub fn reap(worker: &Job, now: i64, expired: bool, pair: Pair) -> Ending {
    let is_dead = if expired { worker.is_dead(now) } else { !worker.is_running };
    if pair.attempt == AttemptState::Running && is_dead { ending(pair) } else { Ending::Stale }
}

fn ending(pair: Pair) -> Ending {
    match pair.task {
        Some(TaskState::Running) if pair.is_current => Ending::Ends,
        Some(TaskState::Restarting) if pair.is_current => Ending::Restarts,
        _ => Ending::MovedOn,
    }
}

/// Answer to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    Applied,
    /// Changes came that the planner had not seen.
    Stale,
    Fenced,
}

/// `owns`: the run's row names the planner's job and term; `known` and `change_seq`: the change numbers of memory and row.
#[must_use]
pub fn plan(owner: &Job, term: u64, now: i64, owns: bool, known: i64, change_seq: i64) -> Planned {
    match (owner.proves(term, now) && owns, known == change_seq) {
        (false, _) => Planned::Fenced,
        (true, false) => Planned::Stale,
        (true, true) => Planned::Applied,
    }
}
