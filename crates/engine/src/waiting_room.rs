//! Scheduled task instances that wait for admission.
//!
//! States: *ready* (never held back) or *parked* behind the gate of the limit that held it back. A gate shuts when it holds a candidate and
//! opens when something behind its limit ended, or at the next tick. Candidates of open gates and ready ones are asked for in one order (priority,
//! logical date, map index), some at a time: one that is held shuts its gate again, so an end costs the few that fit in its place, however many wait.
//! Everything here is a cache of rows in state `scheduled` and may be dropped at any time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

/// A task instance in this scheduler's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    pub run_pk: i64,
    pub task: u32,
    pub map_index: i32,
}

/// The order of admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Candidate {
    /// Negated effective weight: the heaviest comes first.
    pub rank: i64,
    /// Microseconds; runs without a logical date use their `run_after`.
    pub date: i64,
    pub map_index: i32,
    pub slot: Slot,
}

/// What held a candidate back, other than the limit of the whole installation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Gate {
    /// A pool that had not so many slots: fewer may be there for others.
    Pool(Arc<str>, i64),
    /// `max_active_tasks` of a run.
    Run(i64),
    /// A limit of one task in one run.
    TaskOfRun(i64, u32),
    /// The DAG is paused.
    Dag(Arc<str>),
    /// A limit of one task over all runs of its DAG.
    TaskOfDag(Arc<str>, Arc<str>),
}

/// See the module.
#[derive(Debug, Default)]
pub struct WaitingRoom {
    ready: BTreeSet<Candidate>,
    /// None of them is empty.
    parked: HashMap<Gate, BTreeSet<Candidate>>,
    open: HashSet<Gate>,
    /// Slots asked of a pool, of its gates.
    asked: HashMap<Arc<str>, BTreeSet<i64>>,
    known: HashMap<Slot, (Candidate, Option<Gate>)>,
    of_run: HashMap<i64, HashSet<Slot>>,
    /// The limit of the whole installation is reached: nobody need be asked for.
    full: bool,
}

impl WaitingRoom {
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is somebody to ask for.
    pub fn has_ready(&self) -> bool {
        let none = self.ready.is_empty() && self.open.is_empty();
        !self.full && !none
    }

    /// A task instance became `scheduled`. Adding it twice changes nothing.
    pub fn add(&mut self, candidate: Candidate) {
        if self.known.contains_key(&candidate.slot) {
            return;
        }
        self.known.insert(candidate.slot, (candidate, None));
        self.of_run.entry(candidate.slot.run_pk).or_default().insert(candidate.slot);
        self.ready.insert(candidate);
    }

    /// It was admitted, or is not `scheduled` any more.
    pub fn remove(&mut self, slot: Slot) {
        let Some((candidate, gate)) = self.known.remove(&slot) else { return };
        self.leave(gate.as_ref(), &candidate);
        if let Some(slots) = self.of_run.get_mut(&slot.run_pk) {
            slots.remove(&slot);
            if slots.is_empty() {
                self.of_run.remove(&slot.run_pk);
            }
        }
    }

    /// The run left this scheduler's memory.
    pub fn remove_run(&mut self, run_pk: i64) {
        for slot in self.of_run.get(&run_pk).cloned().unwrap_or_default() {
            self.remove(slot);
        }
    }

    /// The first `n` candidates to ask for, in order; they stay where they are until removed or parked.
    pub fn first(&self, n: usize) -> Vec<Candidate> {
        if self.full {
            return Vec::new();
        }
        let gates = self.open.iter().filter_map(|gate| self.parked.get(gate));
        let mut queues: Vec<_> = std::iter::once(&self.ready).chain(gates).map(|set| set.iter().copied()).collect();
        let mut heads: BinaryHeap<_> = queues.iter_mut().enumerate().filter_map(|(at, queue)| Some(Reverse((queue.next()?, at)))).collect();
        let mut first = Vec::with_capacity(n.min(self.len()));
        while first.len() < n
            && let Some(Reverse((candidate, at))) = heads.pop()
        {
            first.push(candidate);
            heads.extend(queues[at].next().map(|next| Reverse((next, at))));
        }
        first
    }

    /// A limit held it back: its gate is shut.
    pub fn park(&mut self, slot: Slot, behind: Gate) {
        let Some((candidate, gate)) = self.known.get_mut(&slot) else { return };
        let (candidate, before) = (*candidate, gate.replace(behind.clone()));
        if before.as_ref() != Some(&behind) {
            self.leave(before.as_ref(), &candidate);
            if let Gate::Pool(pool, slots) = &behind {
                self.asked.entry(pool.clone()).or_default().insert(*slots);
            }
            self.parked.entry(behind.clone()).or_default().insert(candidate);
        }
        self.open.remove(&behind);
    }

    /// The limit of the whole installation held somebody back.
    pub fn shut(&mut self) {
        self.full = true;
    }

    /// What this gate stands for has changed: who waits behind it may be tried again.
    pub fn open(&mut self, gate: Gate) {
        if self.parked.contains_key(&gate) {
            self.open.insert(gate);
        }
    }

    /// A task instance of this run, task, DAG and pool ended or went back: one more fits under each of its limits.
    pub fn ended(&mut self, run_pk: i64, task: u32, dag_id: &Arc<str>, task_id: &Arc<str>, pool: &str) {
        self.full = false;
        self.open(Gate::Run(run_pk));
        self.open(Gate::TaskOfRun(run_pk, task));
        self.open(Gate::TaskOfDag(dag_id.clone(), task_id.clone()));
        if let Some((pool, asked)) = self.asked.get_key_value(pool) {
            let gates: Vec<Gate> = asked.iter().map(|slots| Gate::Pool(pool.clone(), *slots)).collect();
            gates.into_iter().for_each(|gate| self.open(gate));
        }
    }

    /// The periodic second chance: all gates.
    pub fn open_all(&mut self) {
        self.full = false;
        self.open.extend(self.parked.keys().cloned());
    }

    /// Takes a candidate from where it waits.
    fn leave(&mut self, gate: Option<&Gate>, candidate: &Candidate) {
        let Some(gate) = gate else {
            self.ready.remove(candidate);
            return;
        };
        let Some(set) = self.parked.get_mut(gate) else { return };
        set.remove(candidate);
        if !set.is_empty() {
            return;
        }
        self.parked.remove(gate);
        self.open.remove(gate);
        if let Gate::Pool(pool, slots) = gate
            && let Some(asked) = self.asked.get_mut(pool)
        {
            asked.remove(slots);
            if asked.is_empty() {
                self.asked.remove(pool);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(run_pk: i64, task: u32, weight: i64, date: i64) -> Candidate {
        Candidate { rank: -weight, date, map_index: -1, slot: Slot { run_pk, task, map_index: -1 } }
    }

    fn pool(slots: i64) -> Gate {
        Gate::Pool("p".into(), slots)
    }

    fn ended(room: &mut WaitingRoom, run_pk: i64, pool: &str) {
        room.ended(run_pk, 0, &"d".into(), &"t".into(), pool);
    }

    #[test]
    fn heaviest_first_then_oldest_run() {
        let mut room = WaitingRoom::default();
        for c in [candidate(1, 0, 1, 5), candidate(2, 0, 9, 7), candidate(3, 0, 9, 6), candidate(3, 0, 9, 6)] {
            room.add(c);
        }
        let order: Vec<i64> = room.first(10).iter().map(|c| c.slot.run_pk).collect();
        assert_eq!(order, [3, 2, 1]);
        assert_eq!(room.first(2).len(), 2);
        assert_eq!(room.len(), 3);
    }

    #[test]
    fn parked_candidates_come_back_by_their_gate_only() {
        let mut room = WaitingRoom::default();
        let (a, b, c) = (candidate(1, 0, 1, 1), candidate(1, 1, 1, 1), candidate(2, 0, 1, 1));
        for x in [a, b, c] {
            room.add(x);
        }
        room.park(a.slot, pool(1));
        room.park(b.slot, Gate::Run(1));
        room.park(b.slot, pool(1));
        assert_eq!(room.first(10), [c]);
        ended(&mut room, 1, "other");
        assert_eq!(room.first(10), [c]);
        room.remove(a.slot);
        ended(&mut room, 7, "p");
        assert_eq!(room.first(10), [b, c]);
        room.remove_run(1);
        assert_eq!(room.first(10), [c]);
        assert!(room.parked.is_empty() && room.open.is_empty() && room.asked.is_empty());
    }

    #[test]
    fn one_that_is_held_shuts_the_gate_for_those_behind_it() {
        let mut room = WaitingRoom::default();
        let waiting: Vec<_> = (1..=100).map(|run| candidate(run, 0, 1, run)).collect();
        for one in &waiting {
            room.add(*one);
            room.park(one.slot, pool(1));
        }
        assert!(!room.has_ready());
        ended(&mut room, 500, "p");
        assert_eq!(room.first(3), waiting[..3]);
        room.remove(waiting[0].slot);
        room.park(waiting[1].slot, pool(1));
        assert!(!room.has_ready() && room.first(3).is_empty(), "the third need not be asked for");
        assert_eq!(room.len(), 99);
    }

    #[test]
    fn one_that_asks_for_much_does_not_stop_those_that_ask_for_little() {
        let mut room = WaitingRoom::default();
        let (large, small) = (candidate(1, 0, 9, 1), candidate(2, 0, 1, 1));
        for (one, gate) in [(large, pool(5)), (small, pool(1))] {
            room.add(one);
            room.park(one.slot, gate);
        }
        ended(&mut room, 3, "p");
        assert_eq!(room.first(10), [large, small]);
        room.park(large.slot, pool(5));
        assert_eq!(room.first(10), [small]);
    }

    #[test]
    fn nobody_is_asked_for_while_the_installation_is_full() {
        let mut room = WaitingRoom::default();
        let (a, b) = (candidate(1, 0, 1, 1), candidate(2, 0, 1, 1));
        room.add(a);
        room.add(b);
        room.park(b.slot, Gate::Dag("d".into()));
        room.shut();
        assert!(!room.has_ready() && room.first(10).is_empty());
        room.open(Gate::Dag("d".into()));
        assert!(room.first(10).is_empty());
        ended(&mut room, 9, "p");
        assert_eq!(room.first(10), [a, b]);
        room.park(a.slot, Gate::TaskOfRun(1, 0));
        room.park(b.slot, Gate::TaskOfDag("d".into(), "t".into()));
        room.shut();
        assert!(!room.has_ready());
        room.open_all();
        assert_eq!(room.first(10), [a, b]);
    }

    #[test]
    fn the_order_holds_across_ready_and_open_gates() {
        let mut room = WaitingRoom::default();
        let all: Vec<_> = (0..50).map(|n| candidate(n, 0, 50 - n, 0)).collect();
        for (n, one) in all.iter().enumerate() {
            room.add(*one);
            match n % 3 {
                0 => room.park(one.slot, pool(1)),
                1 => room.park(one.slot, Gate::Dag("d".into())),
                _ => {}
            }
        }
        room.open_all();
        assert_eq!(room.first(20), all[..20]);
    }
}
