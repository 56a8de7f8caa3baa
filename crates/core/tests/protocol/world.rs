//! Time, the network, faults, and the ledger that judges.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tradewind_core::protocol::{Claim, Planned};
use tradewind_core::state::TaskState;

use crate::SECOND;
use crate::database::{Database, LIMIT, SCHEDULER_LEASE, TaskId, WORKER_LEASE, owners};
use crate::scheduler::Scheduler;
use crate::worker::Worker;

pub const SCHEDULERS: usize = 3;
pub const WORKERS: usize = 3;
const FAULTY: i64 = 60 * SECOND;
const END: i64 = 400 * SECOND;

/// SplitMix64: the whole course of events comes out of its seed.
pub struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }

    pub fn chance(&mut self, of_hundred: i64) -> bool {
        self.between(0, 99) < of_hundred
    }
}

/// A scheduler or a worker, and which of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    pub index: usize,
    pub life: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    StartScheduler,
    NewTerm((usize, u64)),
    Renew((usize, u64)),
    Own((usize, u64)),
    Load(usize),
    Plan((usize, u64), usize, i64, Option<usize>),
    Admit((usize, u64), Vec<TaskId>),
    Reap((usize, u64), bool),
    /// A process on the caller's machine is gone.
    EndGone(usize),
    Republish((usize, u64)),
    Register,
    Beat(usize, Vec<usize>),
    Claim(usize, usize),
    Begun(usize, usize),
    Report(usize, usize),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    Term(Option<(usize, u64)>),
    Renewed(bool),
    Owned(Option<Vec<(usize, i64)>>),
    Loaded(usize, i64, Vec<Option<TaskState>>),
    Applied(usize),
    Stale(usize),
    Fenced,
    Admitted(Option<Vec<usize>>),
    Done,
    Registered(usize),
    Beaten(bool),
    Claimed(usize, bool),
    Reported(usize),
    /// The database serves nobody.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Wake(Actor),
    Call(Actor, u64, Call),
    Answer(Actor, u64, Call, Answer),
    /// The process of an attempt ends by itself.
    Ends(Actor, usize, u64),
    Hint(usize, usize),
    Guard(Actor, u64),
    Fault,
    Return(Actor),
}

/// What really happened.
#[derive(Default)]
pub struct Ledger {
    pub starts: Vec<usize>,
    alive: HashMap<usize, TaskId>,
}

pub struct World {
    pub rng: Rng,
    pub now: i64,
    pub database: Database,
    pub ledger: Ledger,
    pub faults: u64,
    pub starts_among_faults: u64,
    broken: Option<String>,
    schedulers: Vec<Scheduler>,
    workers: Vec<Worker>,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    serial: u64,
    /// What the database's clock says beyond true time.
    ahead: i64,
    jumped_at: i64,
    refuses_until: i64,
    silent_until: i64,
    cut_until: Vec<i64>,
    paused_until: Vec<i64>,
    /// Speed of each process's monotonic clock, in thousandths.
    speeds: Vec<i64>,
    lives: Vec<Option<u32>>,
    /// By job.
    processes: Vec<Actor>,
    trace: bool,
}

impl World {
    pub fn new(seed: u64, trace: bool) -> Self {
        let mut rng = Rng(seed);
        let all = SCHEDULERS + WORKERS;
        let mut world = Self {
            now: 0,
            database: Database::new(4, 3),
            ledger: Ledger::default(),
            faults: 0,
            starts_among_faults: 0,
            broken: None,
            schedulers: (0..SCHEDULERS).map(|_| Scheduler::default()).collect(),
            workers: (0..WORKERS).map(|_| Worker::default()).collect(),
            events: BinaryHeap::new(),
            serial: 0,
            ahead: 0,
            jumped_at: 0,
            refuses_until: 0,
            silent_until: 0,
            cut_until: vec![0; all],
            paused_until: vec![0; all],
            speeds: (0..all).map(|_| rng.between(985, 1015)).collect(),
            lives: vec![Some(0); all],
            processes: Vec::new(),
            trace,
            rng,
        };
        for index in 0..all {
            let at = world.rng.between(0, SECOND);
            world.at(at, Event::Wake(Actor { index, life: 0 }));
        }
        world.at(SECOND, Event::Fault);
        world
    }

    fn at(&mut self, time: i64, event: Event) {
        self.serial += 1;
        self.events.push(Reverse((time, self.serial, event)));
    }

    fn note(&self, text: impl FnOnce() -> String) {
        if self.trace {
            eprintln!("{:9.3} {}", self.now as f64 / 1e6, text());
        }
    }

    pub fn break_off(&mut self, what: String) {
        self.broken.get_or_insert(what);
    }

    pub fn run(&mut self) -> Result<(), String> {
        while let Some(Reverse((time, _, event))) = self.events.pop() {
            self.now = time;
            self.handle(event);
            if let Some(broken) = self.broken.take() {
                return Err(format!("at {:.3} s: {broken}", time as f64 / 1e6));
            }
            if self.database.is_done() {
                return self.judge_end();
            }
            if time > END {
                let states: Vec<_> = self.database.runs.iter().map(|run| &run.tasks).collect();
                return Err(format!("work is left over: owners {:?}, {states:?}", owners(&self.database)));
            }
        }
        Err("nothing happens any more".to_owned())
    }

    fn judge_end(&self) -> Result<(), String> {
        let twice = self.database.runs.iter().flat_map(|run| &run.tasks).any(|task| task.successes != 1);
        if twice { Err("a task succeeded twice, or never".to_owned()) } else { Ok(()) }
    }

    fn is_alive(&self, actor: Actor) -> bool {
        self.lives[actor.index] == Some(actor.life)
    }

    /// A job that is thought alive though its process is gone, and everything that it started: what a neighbour on its machine can prove.
    pub fn gone(&self) -> Option<usize> {
        let is_gone = |job: &usize| {
            let actor = self.processes[*job];
            let mut alive = self.ledger.alive.keys();
            let left = |attempt: &usize| self.database.attempts[*attempt].worker == Some(*job);
            self.database.jobs[*job].is_running && !self.is_alive(actor) && !alive.any(left)
        };
        let gone: Vec<usize> = (0..self.processes.len()).filter(is_gone).collect();
        // Machines differ: not everybody has a neighbour.
        let job = *gone.first()?;
        self.processes[job].index.is_multiple_of(2).then_some(job)
    }

    /// A process's monotonic clock.
    pub fn clock(&self, actor: Actor) -> i64 {
        self.now * self.speeds[actor.index] / 1000
    }

    /// How long the database has been there for everybody.
    pub fn up_time(&self) -> i64 {
        self.now - self.refuses_until.min(self.now)
    }

    fn database_clock(&self) -> i64 {
        self.now + self.ahead
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Wake(actor) if self.is_alive(actor) => {
                let resume = self.paused_until[actor.index];
                if resume > self.now {
                    return self.at(resume, Event::Wake(actor));
                }
                self.wake(actor);
                let next = self.now + self.rng.between(SECOND / 20, SECOND / 4);
                self.at(next, Event::Wake(actor));
            }
            Event::Call(actor, id, call) => self.serve(actor, id, call),
            Event::Answer(actor, id, call, answer) if self.is_alive(actor) => {
                let resume = self.paused_until[actor.index];
                if resume > self.now {
                    return self.at(resume, Event::Answer(actor, id, call, answer));
                }
                self.take(actor, id, call, answer);
            }
            Event::Ends(actor, attempt, process) => self.process_ends(actor, attempt, process),
            Event::Hint(worker, attempt) => self.workers[worker].hint(attempt),
            Event::Guard(actor, number) => self.guard(actor, number),
            Event::Fault => self.fault(),
            Event::Return(actor) => self.come_back(actor),
            Event::Wake(_) | Event::Answer(..) => {}
        }
    }

    fn wake(&mut self, actor: Actor) {
        if actor.index < SCHEDULERS {
            let mut scheduler = std::mem::take(&mut self.schedulers[actor.index]);
            scheduler.wake(self, actor);
            self.schedulers[actor.index] = scheduler;
        } else {
            self.with_worker(actor, |worker, world| worker.wake(world, actor));
        }
    }

    fn take(&mut self, actor: Actor, id: u64, call: Call, answer: Answer) {
        if actor.index < SCHEDULERS {
            let mut scheduler = std::mem::take(&mut self.schedulers[actor.index]);
            scheduler.take(self, actor, id, answer);
            self.schedulers[actor.index] = scheduler;
        } else {
            self.with_worker(actor, |worker, world| worker.take(world, actor, id, call, answer));
        }
    }

    fn with_worker(&mut self, actor: Actor, act: impl FnOnce(&mut Worker, &mut World)) {
        let index = actor.index - SCHEDULERS;
        let mut worker = std::mem::take(&mut self.workers[index]);
        act(&mut worker, self);
        self.workers[index] = worker;
    }

    /// Sends a call, which may be lost; gives its number.
    pub fn send(&mut self, actor: Actor, call: Call) -> u64 {
        self.serial += 1;
        let id = self.serial;
        self.note(|| format!("{actor:?} asks {call:?}"));
        let time = self.now + self.delay();
        if self.now < self.refuses_until {
            self.at(time, Event::Answer(actor, id, call, Answer::Refused));
        } else if self.gets_through(actor) {
            if self.rng.chance(2) {
                // A repeat on the way: the database sees it twice.
                let later = time + self.delay();
                self.at(later, Event::Call(actor, id, call.clone()));
            }
            self.at(time, Event::Call(actor, id, call));
        }
        id
    }

    fn delay(&mut self) -> i64 {
        if self.rng.chance(2) { self.rng.between(0, 3 * SECOND) } else { self.rng.between(100, SECOND / 50) }
    }

    fn gets_through(&mut self, actor: Actor) -> bool {
        self.now >= self.silent_until && self.now >= self.cut_until[actor.index] && !(self.now < FAULTY && self.rng.chance(2))
    }

    /// The database does what a call asks, whatever became of the caller, and answers.
    fn serve(&mut self, actor: Actor, id: u64, call: Call) {
        if self.now < self.refuses_until || self.now < self.silent_until {
            return;
        }
        let now = self.database_clock();
        let database = &mut self.database;
        let answer = match &call {
            Call::StartScheduler => {
                let job = database.start_job(SCHEDULER_LEASE, now);
                self.processes.push(actor);
                Answer::Term(Some((job, 1)))
            }
            Call::NewTerm(owner) => Answer::Term(database.new_term(*owner, now)),
            Call::Renew(owner) => Answer::Renewed(database.renew(*owner, now)),
            Call::Own(owner) => Answer::Owned(database.own(*owner, 2, now)),
            Call::Load(run) => {
                let (seq, tasks) = database.load(*run);
                Answer::Loaded(*run, seq, tasks)
            }
            Call::Plan(owner, run, known, task) => match database.plan(*owner, *run, *known, *task, now) {
                Planned::Applied => Answer::Applied(*run),
                Planned::Stale => Answer::Stale(*run),
                Planned::Fenced => Answer::Fenced,
            },
            Call::Admit(owner, wanted) => Answer::Admitted(database.admit(*owner, wanted, now)),
            Call::Reap(owner, expired) => database.reap(*owner, *expired, now).map_or(Answer::Fenced, |()| Answer::Done),
            Call::EndGone(job) => {
                database.end_gone(*job, now);
                Answer::Done
            }
            Call::Republish(owner) => Answer::Admitted(Some(database.republish(*owner, now))),
            Call::Register => {
                let job = database.start_job(WORKER_LEASE, now);
                self.processes.push(actor);
                Answer::Registered(job)
            }
            Call::Beat(job, hand) => Answer::Beaten(database.beat(*job, hand, now)),
            Call::Claim(job, attempt) => {
                Answer::Claimed(*attempt, matches!(database.claim(*job, *attempt, now), Claim::Won | Claim::WonBefore))
            }
            Call::Begun(job, attempt) => {
                database.begun(*job, *attempt);
                Answer::Done
            }
            Call::Report(job, attempt) => {
                database.report(*job, *attempt);
                Answer::Reported(*attempt)
            }
        };
        if self.gets_through(actor) {
            let time = self.now + self.delay();
            self.at(time, Event::Answer(actor, id, call, answer));
        }
    }

    /// Hints go anywhere, twice or nowhere.
    pub fn publish(&mut self, attempts: &[usize]) {
        for attempt in attempts {
            while !self.rng.chance(20) {
                let worker = usize::try_from(self.rng.between(0, WORKERS as i64 - 1)).unwrap();
                let time = self.now + self.delay();
                self.at(time, Event::Hint(worker, *attempt));
                if self.rng.chance(70) {
                    break;
                }
            }
        }
    }

    /// The process of an attempt starts. The judge looks.
    pub fn start(&mut self, actor: Actor, attempt: usize) -> u64 {
        let task = self.database.attempts[attempt].task;
        self.note(|| format!("{actor:?} starts attempt {attempt} of {task:?}"));
        if self.ledger.starts.contains(&attempt) {
            self.break_off(format!("attempt {attempt} started twice"));
        }
        if let Some((other, _)) = self.ledger.alive.iter().find(|(_, other)| **other == task) {
            self.break_off(format!("attempts {other} and {attempt} of {task:?} run at the same time"));
        }
        if self.ledger.alive.len() >= LIMIT {
            self.break_off(format!("more than {LIMIT} attempts run at the same time"));
        }
        self.ledger.starts.push(attempt);
        self.ledger.alive.insert(attempt, task);
        self.starts_among_faults += u64::from(self.now < FAULTY);
        let length =
            if self.rng.chance(20) { self.rng.between(5 * SECOND, 40 * SECOND) } else { self.rng.between(SECOND / 10, 3 * SECOND) };
        self.serial += 1;
        let (process, end) = (self.serial, self.now + length);
        self.at(end, Event::Ends(actor, attempt, process));
        process
    }

    fn process_ends(&mut self, actor: Actor, attempt: usize, process: u64) {
        let mut was_alive = false;
        self.with_worker(actor, |worker, _| was_alive = worker.process_ended(attempt, process));
        if was_alive {
            self.note(|| format!("attempt {attempt} comes to its end"));
            self.ledger.alive.remove(&attempt);
        }
    }

    /// Its process is ended from outside, at once: the time that takes is in the margins.
    pub fn kill(&mut self, attempt: usize) {
        self.note(|| format!("attempt {attempt} is ended"));
        self.ledger.alive.remove(&attempt);
    }

    pub fn guard_at(&mut self, actor: Actor, clock: i64, number: u64) {
        let time = clock * 1000 / self.speeds[actor.index];
        self.at(time.max(self.now), Event::Guard(actor, number));
    }

    fn guard(&mut self, actor: Actor, number: u64) {
        // It is a process of its own: it acts also when its worker stands still, and ends with it.
        if self.is_alive(actor) {
            self.with_worker(actor, |worker, world| worker.guarded(world, number));
        }
    }

    fn fault(&mut self) {
        if self.now >= FAULTY {
            return;
        }
        self.faults += 1;
        let index = usize::try_from(self.rng.between(0, (SCHEDULERS + WORKERS) as i64 - 1)).unwrap();
        match self.rng.between(0, 12) {
            0..=3 => self.crash(index),
            4..=6 => self.paused_until[index] = self.now + self.rng.between(SECOND / 10, 25 * SECOND),
            7..=8 => self.cut_until[index] = self.now + self.rng.between(SECOND / 10, 20 * SECOND),
            9..=10 => self.refuses_until = self.now + self.rng.between(SECOND / 10, 40 * SECOND),
            11 => self.silent_until = self.now + self.rng.between(SECOND / 10, 10 * SECOND),
            _ if self.now > self.jumped_at + 15 * SECOND => {
                // Forward less than the margins, back by anything.
                self.ahead += if self.rng.chance(50) { self.rng.between(0, SECOND / 2) } else { -self.rng.between(0, 5 * SECOND) };
                self.jumped_at = self.now;
            }
            _ => {}
        }
        self.note(|| format!("fault at {index}"));
        let next = self.now + self.rng.between(SECOND / 2, 6 * SECOND);
        self.at(next, Event::Fault);
    }

    fn crash(&mut self, index: usize) {
        let Some(life) = self.lives[index].take() else { return };
        self.paused_until[index] = 0;
        if index < SCHEDULERS {
            self.schedulers[index] = Scheduler::default();
        } else {
            // Its processes notice and end within five seconds.
            for (attempt, process) in self.workers[index - SCHEDULERS].crash() {
                let time = self.now + self.rng.between(0, 5 * SECOND);
                self.at(time, Event::Ends(Actor { index, life }, attempt, process));
            }
        }
        self.note(|| format!("{index} crashes"));
        let back = self.now + self.rng.between(SECOND / 2, 5 * SECOND);
        self.at(back, Event::Return(Actor { index, life: life + 1 }));
    }

    fn come_back(&mut self, actor: Actor) {
        self.lives[actor.index] = Some(actor.life);
        let now = self.now;
        self.at(now, Event::Wake(actor));
    }
}
