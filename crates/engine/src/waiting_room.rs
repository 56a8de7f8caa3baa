//! Scheduled task instances that wait for admission.
//!
//! States: *ready* (ordered by priority, logical date, map index) or *parked* behind the limit that held them back. A candidate is parked so
//! that the next turn does not ask for it again in vain; it becomes ready again when something behind that limit ended, or at the
//! next tick, whichever comes first. Everything here is a cache of rows in state `scheduled` and may be dropped at any time.

use std::collections::{BTreeSet, HashMap, HashSet};

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

/// What held a candidate back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Gate {
    Pool(String),
    Run(i64),
    /// A limit per DAG, or the DAG is paused.
    Dag(String),
    Parallelism,
}

/// See the module.
#[derive(Debug, Default)]
pub struct WaitingRoom {
    ready: BTreeSet<Candidate>,
    parked: HashMap<Gate, BTreeSet<Candidate>>,
    known: HashMap<Slot, (Candidate, Option<Gate>)>,
    of_run: HashMap<i64, HashSet<Slot>>,
}

impl WaitingRoom {
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
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
        match gate {
            None => {
                self.ready.remove(&candidate);
            }
            Some(gate) => self.unpark(&gate, &candidate),
        }
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

    /// The first `n` ready candidates, in order; they stay until removed or parked.
    pub fn first(&self, n: usize) -> Vec<Candidate> {
        self.ready.iter().take(n).copied().collect()
    }

    pub fn park(&mut self, slot: Slot, behind: Gate) {
        let Some((candidate, gate)) = self.known.get_mut(&slot) else { return };
        let candidate = *candidate;
        if let Some(old) = gate.replace(behind.clone()) {
            self.unpark(&old, &candidate);
        } else {
            self.ready.remove(&candidate);
        }
        self.parked.entry(behind).or_default().insert(candidate);
    }

    /// Something behind this limit ended: its candidates may be tried again.
    pub fn open(&mut self, gate: &Gate) {
        for candidate in self.parked.remove(gate).unwrap_or_default() {
            if let Some((_, gate)) = self.known.get_mut(&candidate.slot) {
                *gate = None;
                self.ready.insert(candidate);
            }
        }
    }

    /// The periodic second chance: all gates.
    pub fn open_all(&mut self) {
        let gates: Vec<Gate> = self.parked.keys().cloned().collect();
        for gate in gates {
            self.open(&gate);
        }
    }

    fn unpark(&mut self, gate: &Gate, candidate: &Candidate) {
        if let Some(set) = self.parked.get_mut(gate) {
            set.remove(candidate);
            if set.is_empty() {
                self.parked.remove(gate);
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

    #[test]
    fn heaviest_first_then_oldest_run() {
        let mut room = WaitingRoom::default();
        for c in [candidate(1, 0, 1, 5), candidate(2, 0, 9, 7), candidate(3, 0, 9, 6), candidate(3, 0, 9, 6)] {
            room.add(c);
        }
        let order: Vec<i64> = room.first(10).iter().map(|c| c.slot.run_pk).collect();
        assert_eq!(order, [3, 2, 1]);
        assert_eq!(room.len(), 3);
    }

    #[test]
    fn parked_candidates_come_back_by_their_gate_only() {
        let mut room = WaitingRoom::default();
        let (a, b, c) = (candidate(1, 0, 1, 1), candidate(1, 1, 1, 1), candidate(2, 0, 1, 1));
        for x in [a, b, c] {
            room.add(x);
        }
        room.park(a.slot, Gate::Pool("p".into()));
        room.park(b.slot, Gate::Run(1));
        room.park(b.slot, Gate::Pool("p".into()));
        assert_eq!(room.first(10), [c]);
        room.open(&Gate::Run(1));
        assert_eq!(room.first(10), [c]);
        room.remove(a.slot);
        room.open(&Gate::Pool("p".into()));
        assert_eq!(room.first(10), [b, c]);
        room.remove_run(1);
        assert_eq!(room.first(10), [c]);
        room.park(c.slot, Gate::Parallelism);
        assert!(!room.has_ready());
        room.open_all();
        assert_eq!(room.first(10), [c]);
    }
}
