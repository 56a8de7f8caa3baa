//! A worker: a lease, attempts in hand, reports that are kept on disk until they are answered.

use std::collections::{BTreeMap, VecDeque};

use tradewind_core::lease::{guard_margin, worker_fences_after, worker_fences_after_refusal, worker_margin};

use crate::SECOND;
use crate::database::WORKER_LEASE;
use crate::scheduler::{duration, micros};
use crate::world::{Actor, Answer, Call, World};

const RENEW: i64 = 3 * SECOND;
const PATIENCE: i64 = 900 * SECOND;
const SLOTS: usize = 2;
const CLAIM_TRIES: u32 = 8;
/// How long an answer may take.
const ANSWER: i64 = SECOND;

#[derive(Debug, Clone, Copy)]
struct Held {
    job: usize,
    asked: i64,
    refused: Option<i64>,
}

#[derive(Debug)]
enum Hand {
    Claiming { tries: u32, next: i64 },
    Running { process: u64 },
}

#[derive(Debug, Default)]
pub struct Worker {
    held: Option<Held>,
    hand: BTreeMap<usize, Hand>,
    hints: VecDeque<usize>,
    /// On disk: attempt, the job that ran it, when to send it again.
    outbox: BTreeMap<usize, (usize, i64)>,
    /// Processes whose worker crashed.
    orphans: BTreeMap<usize, u64>,
    beat: Option<(u64, i64)>,
    next_beat: i64,
    guard: u64,
}

impl Worker {
    pub fn hint(&mut self, attempt: usize) {
        self.hints.push_back(attempt);
    }

    fn fence(held: Held) -> i64 {
        let lease = duration(WORKER_LEASE);
        let after = match held.refused {
            None => worker_fences_after(lease),
            Some(age) => worker_fences_after_refusal(lease, duration(RENEW), duration(age), duration(PATIENCE)),
        };
        held.asked + micros(after)
    }

    pub fn wake(&mut self, world: &mut World, actor: Actor) {
        let clock = world.clock(actor);
        let Some(held) = self.held else { return self.register(world, actor, clock) };
        if clock >= Self::fence(held) {
            return self.lose(world);
        }
        if self.beat.is_some_and(|(_, asked)| clock >= asked + ANSWER) {
            (self.beat, self.next_beat) = (None, clock + RENEW / 5);
        }
        if self.beat.is_none() && clock >= self.next_beat {
            let hand = self.hand.keys().chain(self.outbox.keys()).copied().collect();
            self.beat = Some((world.send(actor, Call::Beat(held.job, hand)), clock));
        }
        while self.hand.len() < SLOTS
            && let Some(attempt) = self.hints.pop_front()
        {
            if !self.outbox.contains_key(&attempt) {
                self.hand.entry(attempt).or_insert(Hand::Claiming { tries: 0, next: clock });
            }
        }
        let mut claims = Vec::new();
        self.hand.retain(|attempt, hand| match hand {
            Hand::Claiming { tries, .. } if *tries >= CLAIM_TRIES => false,
            Hand::Claiming { tries, next } if clock >= *next => {
                (*tries, *next) = (*tries + 1, clock + ANSWER);
                claims.push(*attempt);
                true
            }
            _ => true,
        });
        for attempt in claims {
            world.send(actor, Call::Claim(held.job, attempt));
        }
        let due: Vec<(usize, usize)> = self
            .outbox
            .iter_mut()
            .filter(|(_, (_, next))| clock >= *next)
            .map(|(id, (job, next))| {
                *next = clock + ANSWER;
                (*id, *job)
            })
            .collect();
        for (attempt, job) in due {
            world.send(actor, Call::Report(job, attempt));
        }
    }

    fn register(&mut self, world: &mut World, actor: Actor, clock: i64) {
        if self.beat.is_none_or(|(_, asked)| clock >= asked + ANSWER) {
            self.beat = Some((world.send(actor, Call::Register), clock));
        }
    }

    /// The lease is over, or about to be: nothing of it goes on.
    fn lose(&mut self, world: &mut World) {
        self.end_all(world);
        (self.held, self.beat) = (None, None);
        self.guard += 1;
    }

    fn end_all(&mut self, world: &mut World) {
        for (attempt, hand) in std::mem::take(&mut self.hand) {
            if let Hand::Running { .. } = hand {
                world.kill(attempt);
            }
        }
    }

    /// The guard outside ends all processes, whether the worker knows or not.
    pub fn guarded(&mut self, world: &mut World, number: u64) {
        if number == self.guard {
            self.end_all(world);
        }
    }

    fn set_guard(&mut self, world: &mut World, actor: Actor, held: Held) {
        let lease = duration(WORKER_LEASE);
        self.guard += 1;
        // The latest moment at which its KILL can come.
        let at = Self::fence(held) + micros(worker_margin(lease) - guard_margin(lease) / 2);
        world.guard_at(actor, at, self.guard);
    }

    pub fn take(&mut self, world: &mut World, actor: Actor, id: u64, call: Call, answer: Answer) {
        let clock = world.clock(actor);
        let of_beat = self.beat.filter(|(waiting, _)| *waiting == id);
        match (answer, of_beat) {
            (Answer::Registered(job), Some((_, asked))) if self.held.is_none() => {
                let held = Held { job, asked, refused: None };
                (self.held, self.beat, self.next_beat) = (Some(held), None, asked + RENEW);
                self.set_guard(world, actor, held);
            }
            (Answer::Beaten(true), Some((_, asked))) => {
                self.beat = None;
                if let Some(held) = &mut self.held {
                    (held.asked, held.refused) = (asked, None);
                    let held = *held;
                    self.next_beat = asked + RENEW;
                    self.set_guard(world, actor, held);
                }
            }
            (Answer::Beaten(false), Some(_)) => self.lose(world),
            (Answer::Refused, Some((_, asked))) => {
                (self.beat, self.next_beat) = (None, clock + RENEW / 5);
                if let Some(held) = &mut self.held {
                    held.refused = Some(asked - held.asked);
                    let held = *held;
                    self.set_guard(world, actor, held);
                }
            }
            (Answer::Claimed(attempt, won), _) => self.claimed(world, actor, &call, attempt, won),
            (Answer::Reported(attempt), _) => drop(self.outbox.remove(&attempt)),
            _ => {}
        }
    }

    fn claimed(&mut self, world: &mut World, actor: Actor, call: &Call, attempt: usize, won: bool) {
        let Some(held) = self.held.filter(|held| *call == Call::Claim(held.job, attempt)) else { return };
        let Some(hand) = self.hand.get_mut(&attempt).filter(|hand| matches!(hand, Hand::Claiming { .. })) else { return };
        if world.clock(actor) >= Self::fence(held) {
            self.lose(world);
        } else if won {
            *hand = Hand::Running { process: world.start(actor, attempt) };
            world.send(actor, Call::Begun(held.job, attempt));
        } else {
            self.hand.remove(&attempt);
        }
    }

    /// Whether it ran until now. The result of an orphan is lost.
    pub fn process_ended(&mut self, attempt: usize, process: u64) -> bool {
        if self.orphans.get(&attempt) == Some(&process) {
            self.orphans.remove(&attempt);
            return true;
        }
        let runs = matches!(self.hand.get(&attempt), Some(Hand::Running { process: own }) if *own == process);
        if runs {
            self.hand.remove(&attempt);
            let job = self.held.map_or(0, |held| held.job);
            self.outbox.insert(attempt, (job, 0));
        }
        runs
    }

    /// What stays: the disk, and processes that have yet to notice.
    pub fn crash(&mut self) -> Vec<(usize, u64)> {
        let running = std::mem::take(&mut self.hand);
        let mut orphans = std::mem::take(&mut self.orphans);
        let left: Vec<_> = running
            .into_iter()
            .filter_map(|(attempt, hand)| match hand {
                Hand::Running { process } => Some((attempt, process)),
                Hand::Claiming { .. } => None,
            })
            .collect();
        orphans.extend(left.iter().copied());
        *self = Self { outbox: std::mem::take(&mut self.outbox), orphans, ..Self::default() };
        left
    }
}
