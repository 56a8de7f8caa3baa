//! The database as values: each step is one call, decided by the rules of `core::protocol`.

use std::collections::HashMap;

use tradewind_core::protocol::{self, Claim, Ending, Job, Pair, Planned};
use tradewind_core::state::{AttemptEvent, AttemptState, TaskEvent, TaskState, next_attempt, next_task};

use crate::SECOND;

pub const SCHEDULER_LEASE: i64 = 4 * SECOND;
pub const WORKER_LEASE: i64 = 12 * SECOND;
/// Attempts at once.
pub const LIMIT: usize = 3;
/// After so long a worker's silence about an attempt means that it never began it.
const UNKNOWN: i64 = 15 * SECOND;

pub type TaskId = (usize, usize);

#[derive(Debug, Clone)]
pub struct Run {
    pub owner: Option<(usize, u64)>,
    pub seq: i64,
    pub done: bool,
    pub tasks: Vec<Task>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Task {
    pub state: Option<TaskState>,
    pub attempt: Option<usize>,
    pub successes: u32,
}

#[derive(Debug, Clone)]
pub struct Attempt {
    pub task: TaskId,
    pub state: AttemptState,
    pub worker: Option<usize>,
    pub begun: bool,
    pub claimed_at: i64,
    pub published_at: i64,
}

pub struct Database {
    pub jobs: Vec<Job>,
    pub runs: Vec<Run>,
    pub attempts: Vec<Attempt>,
}

impl Database {
    pub fn new(runs: usize, tasks: usize) -> Self {
        let run = Run { owner: None, seq: 0, done: false, tasks: vec![Task::default(); tasks] };
        Self { jobs: Vec::new(), runs: vec![run; runs], attempts: Vec::new() }
    }

    pub fn start_job(&mut self, lease: i64, now: i64) -> usize {
        self.jobs.push(Job { term: 1, is_running: true, lease_until: now + lease });
        self.jobs.len() - 1
    }

    pub fn new_term(&mut self, (job, term): (usize, u64), now: i64) -> Option<(usize, u64)> {
        let row = &mut self.jobs[job];
        row.may_begin_term(term).then(|| {
            *row = Job { term: term + 1, is_running: true, lease_until: now + SCHEDULER_LEASE };
            (job, term + 1)
        })
    }

    pub fn renew(&mut self, (job, term): (usize, u64), now: i64) -> bool {
        let row = &mut self.jobs[job];
        let may = row.may_renew(term, now);
        if may {
            row.lease_until = now + SCHEDULER_LEASE;
        }
        may
    }

    /// A heartbeat, with what the worker has in hand.
    pub fn beat(&mut self, job: usize, hand: &[usize], now: i64) -> bool {
        let row = &mut self.jobs[job];
        if !row.may_renew_worker(1) {
            return false;
        }
        row.lease_until = now + WORKER_LEASE;
        for id in 0..self.attempts.len() {
            let attempt = &self.attempts[id];
            let is_unknown = attempt.worker == Some(job) && attempt.claimed_at + UNKNOWN <= now && !hand.contains(&id);
            if is_unknown && protocol::report(self.pair(id), true) == Ending::Ends {
                self.end(id, AttemptEvent::Cancel, TaskEvent::Requeue);
            }
        }
        true
    }

    fn proves(&self, (job, term): (usize, u64), now: i64) -> bool {
        self.jobs[job].proves(term, now)
    }

    /// Takes free runs; gives the numbers of all runs of this owner.
    pub fn own(&mut self, owner: (usize, u64), limit: usize, now: i64) -> Option<Vec<(usize, i64)>> {
        if !self.proves(owner, now) {
            return None;
        }
        let jobs = &self.jobs;
        let free = self.runs.iter_mut().filter(|run| !run.done && protocol::may_own(run.owner.map(|(job, term)| (&jobs[job], term)), now));
        for run in free.take(limit) {
            run.owner = Some(owner);
        }
        let own = self.runs.iter().enumerate().filter(|(_, run)| !run.done && run.owner == Some(owner));
        Some(own.map(|(id, run)| (id, run.seq)).collect())
    }

    /// Schedules a task, or ends the run.
    pub fn plan(&mut self, owner: (usize, u64), run: usize, known: i64, task: Option<usize>, now: i64) -> Planned {
        let row = &mut self.runs[run];
        let owns = row.owner == Some(owner) && !row.done;
        let planned = protocol::plan(&self.jobs[owner.0], owner.1, now, owns, known, row.seq);
        if planned == Planned::Applied {
            match task {
                Some(task) if row.tasks[task].state.is_none() => row.tasks[task].state = next_task(None, TaskEvent::Schedule).unwrap(),
                None if row.tasks.iter().all(|task| task.state == Some(TaskState::Success)) => (row.done, row.owner) = (true, None),
                _ => return Planned::Stale,
            }
        }
        planned
    }

    /// Gives the attempts that were made.
    pub fn admit(&mut self, owner: (usize, u64), wanted: &[TaskId], now: i64) -> Option<Vec<usize>> {
        if !self.proves(owner, now) {
            return None;
        }
        let mut made = Vec::new();
        for &(run, task) in wanted {
            let active = self.runs.iter().flat_map(|run| &run.tasks).filter(|task| task.state.is_some_and(TaskState::has_attempt)).count();
            let row = &mut self.runs[run];
            if row.owner == Some(owner) && row.tasks[task].state == Some(TaskState::Scheduled) && active < LIMIT {
                row.tasks[task].state = next_task(row.tasks[task].state, TaskEvent::Queue).unwrap();
                row.tasks[task].attempt = Some(self.attempts.len());
                made.push(self.attempts.len());
                let task = (run, task);
                let attempt = Attempt { task, state: AttemptState::Queued, worker: None, begun: false, claimed_at: 0, published_at: now };
                self.attempts.push(attempt);
            }
        }
        Some(made)
    }

    pub fn republish(&mut self, owner: (usize, u64), now: i64) -> Vec<usize> {
        if !self.proves(owner, now) {
            return Vec::new();
        }
        let old = |attempt: &Attempt| attempt.state == AttemptState::Queued && attempt.published_at + 10 * SECOND <= now;
        let again: Vec<usize> = (0..self.attempts.len()).filter(|id| old(&self.attempts[*id])).collect();
        again.iter().for_each(|id| self.attempts[*id].published_at = now);
        again
    }

    fn pair(&self, id: usize) -> Pair {
        let attempt = &self.attempts[id];
        let task = self.runs[attempt.task.0].tasks[attempt.task.1];
        Pair { attempt: attempt.state, task: task.state, is_current: task.attempt == Some(id) }
    }

    pub fn claim(&mut self, worker: usize, id: usize, now: i64) -> Claim {
        let attempt = &self.attempts[id];
        let claim = protocol::claim(&self.jobs[worker], now, self.pair(id), attempt.worker == Some(worker), attempt.begun);
        if claim == Claim::Won {
            self.step(id, AttemptEvent::Claim, TaskEvent::Start);
            let attempt = &mut self.attempts[id];
            (attempt.worker, attempt.claimed_at) = (Some(worker), now);
        }
        claim
    }

    pub fn begun(&mut self, worker: usize, id: usize) {
        let attempt = &mut self.attempts[id];
        attempt.begun |= attempt.worker == Some(worker);
    }

    pub fn report(&mut self, worker: usize, id: usize) {
        let ending = protocol::report(self.pair(id), self.attempts[id].worker == Some(worker));
        if ending == Ending::Ends {
            let (run, task) = self.attempts[id].task;
            self.runs[run].tasks[task].successes += 1;
            self.end(id, AttemptEvent::Succeed, TaskEvent::Succeed);
        }
    }

    /// Somebody on its machine has seen that the process is gone, and nothing of it runs on.
    pub fn end_gone(&mut self, job: usize, now: i64) {
        let row = &mut self.jobs[job];
        if row.is_running {
            (row.is_running, row.lease_until) = (false, row.lease_until.min(now));
            for run in self.runs.iter_mut().filter(|run| run.owner.is_some_and(|(owner, _)| owner == job)) {
                run.owner = None;
            }
        }
    }

    pub fn reap(&mut self, owner: (usize, u64), expired: bool, now: i64) -> Option<()> {
        if !self.proves(owner, now) {
            return None;
        }
        for id in 0..self.attempts.len() {
            let Some(worker) = self.attempts[id].worker else { continue };
            if protocol::reap(&self.jobs[worker], now, expired, self.pair(id)) == Ending::Ends {
                self.jobs[worker].is_running = false;
                self.end(id, AttemptEvent::Lose, TaskEvent::Requeue);
            }
        }
        Some(())
    }

    fn end(&mut self, id: usize, attempt: AttemptEvent, task: TaskEvent) {
        self.step(id, attempt, task);
        self.runs[self.attempts[id].task.0].seq += 1;
    }

    /// Every change is an edge of the lifecycles, or the simulation stops here.
    fn step(&mut self, id: usize, attempt: AttemptEvent, task: TaskEvent) {
        let row = &mut self.attempts[id];
        // A cancelled attempt that ran is queued anew: its own lifecycle ends as for any other.
        row.state = next_attempt(row.state, attempt).unwrap();
        let row = &mut self.runs[row.task.0].tasks[row.task.1];
        row.state = next_task(row.state, task).unwrap();
    }

    pub fn is_done(&self) -> bool {
        self.runs.iter().all(|run| run.done)
    }

    pub fn load(&self, run: usize) -> (i64, Vec<Option<TaskState>>) {
        (self.runs[run].seq, self.runs[run].tasks.iter().map(|task| task.state).collect())
    }
}

/// Who has which run, for the text of a failure.
pub fn owners(database: &Database) -> HashMap<usize, Option<(usize, u64)>> {
    database.runs.iter().enumerate().map(|(id, run)| (id, run.owner)).collect()
}
