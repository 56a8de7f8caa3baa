//! A scheduler: one call at a time, as the loop of the engine.

use std::collections::HashMap;
use std::time::Duration;

use tradewind_core::lease::{reaper_waits, scheduler_renews_after, scheduler_trusts_for};
use tradewind_core::state::TaskState;

use crate::SECOND;
use crate::database::{SCHEDULER_LEASE, TaskId, WORKER_LEASE};
use crate::world::{Actor, Answer, Call, World};

/// How long an answer may take.
const PATIENCE: i64 = 2 * SECOND;

/// Microseconds of a duration.
pub fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap()
}

/// The same back.
pub fn duration(micros: i64) -> Duration {
    Duration::from_micros(micros.try_into().unwrap())
}

#[derive(Debug, Default)]
pub struct Scheduler {
    term: Option<((usize, u64), i64)>,
    former: Option<(usize, u64)>,
    waiting: Option<(u64, i64)>,
    contact: i64,
    runs: HashMap<usize, (i64, Vec<Option<TaskState>>)>,
    wanted: Vec<usize>,
}

impl Scheduler {
    pub fn wake(&mut self, world: &mut World, actor: Actor) {
        let clock = world.clock(actor);
        if let Some((_, asked)) = self.waiting {
            if clock < asked + PATIENCE {
                return;
            }
            self.fail(clock);
        }
        let call = self.next_call(world, clock);
        if let Some(call) = call {
            self.waiting = Some((world.send(actor, call), clock));
        }
    }

    /// After an error nothing in memory can be trusted to stand for the rows.
    fn fail(&mut self, clock: i64) {
        self.waiting = None;
        self.contact = clock;
        self.runs.clear();
    }

    fn next_call(&mut self, world: &mut World, clock: i64) -> Option<Call> {
        let lease = duration(SCHEDULER_LEASE);
        let Some((owner, renewed)) = self.term else {
            return Some(self.former.map_or(Call::StartScheduler, Call::NewTerm));
        };
        if clock - renewed >= micros(scheduler_renews_after(lease)) {
            return Some(Call::Renew(owner));
        }
        if clock - renewed >= micros(scheduler_trusts_for(lease)) {
            self.term = None;
            self.fail(clock);
            return None;
        }
        if let Some(run) = self.wanted.pop() {
            return Some(Call::Load(run));
        }
        let expired = clock - self.contact >= micros(reaper_waits(duration(WORKER_LEASE)));
        match world.rng.between(0, 9) {
            0 => Some(Call::Own(owner)),
            1 => Some(Call::Reap(owner, expired)),
            2 => world.gone().map(Call::EndGone),
            3 => Some(Call::Republish(owner)),
            4..=6 => {
                let scheduled = self.all_tasks().filter(|(_, state)| *state == Some(TaskState::Scheduled));
                let mut wanted: Vec<TaskId> = scheduled.map(|(task, _)| task).collect();
                wanted.sort_unstable();
                (!wanted.is_empty()).then_some(Call::Admit(owner, wanted))
            }
            _ => self.plan(owner),
        }
    }

    fn all_tasks(&self) -> impl Iterator<Item = (TaskId, Option<TaskState>)> + '_ {
        self.runs.iter().flat_map(|(run, (_, tasks))| tasks.iter().enumerate().map(move |(task, state)| ((*run, task), *state)))
    }

    /// The first task that may be scheduled, or the end of a run.
    fn plan(&self, owner: (usize, u64)) -> Option<Call> {
        let mut runs: Vec<_> = self.runs.iter().collect();
        runs.sort_unstable_by_key(|(run, _)| **run);
        runs.into_iter().find_map(|(run, (seq, tasks))| {
            let next = tasks.iter().position(|state| *state != Some(TaskState::Success));
            match next {
                None => Some(Call::Plan(owner, *run, *seq, None)),
                Some(task) if tasks[task].is_none() => Some(Call::Plan(owner, *run, *seq, Some(task))),
                Some(_) => None,
            }
        })
    }

    pub fn take(&mut self, world: &mut World, actor: Actor, id: u64, answer: Answer) {
        let Some((_, asked)) = self.waiting.filter(|(waiting, _)| *waiting == id) else { return };
        let clock = world.clock(actor);
        self.waiting = None;
        match answer {
            Answer::Term(Some(owner)) => {
                self.runs.clear();
                if self.former.is_none() {
                    self.contact = clock - world.up_time().min(micros(reaper_waits(duration(WORKER_LEASE))));
                }
                self.former = Some(owner);
                self.term = Some((owner, asked));
            }
            Answer::Term(None) => self.former = None,
            Answer::Renewed(true) => self.term = self.term.map(|(owner, _)| (owner, asked)),
            Answer::Renewed(false) | Answer::Fenced | Answer::Owned(None) | Answer::Admitted(None) => {
                self.term = None;
                self.runs.clear();
            }
            Answer::Owned(Some(rows)) => {
                self.runs.retain(|run, _| rows.iter().any(|(own, _)| own == run));
                let behind = rows.iter().filter(|(run, seq)| self.runs.get(run).is_none_or(|(known, _)| known < seq));
                self.wanted = behind.map(|(run, _)| *run).collect();
            }
            Answer::Loaded(run, seq, tasks) => {
                self.runs.insert(run, (seq, tasks));
            }
            Answer::Applied(run) | Answer::Stale(run) => {
                self.runs.remove(&run);
                self.wanted.push(run);
            }
            Answer::Admitted(Some(attempts)) => {
                world.publish(&attempts);
                for attempt in attempts {
                    let (run, task) = world.database.attempts[attempt].task;
                    if let Some((_, tasks)) = self.runs.get_mut(&run) {
                        tasks[task] = Some(TaskState::Queued);
                    }
                }
            }
            Answer::Refused => self.fail(clock),
            _ => {}
        }
    }
}
