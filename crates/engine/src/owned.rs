//! A run in this scheduler's memory, and the order of changes to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use tradewind_core::graph::Graph;
use tradewind_core::plan::{Event, Plan, Run};
use tradewind_queue::RunChange;

/// See the module. A cache: dropping it changes nothing but latency.
pub struct Owned {
    pub run: Run,
    pub graph: Arc<Graph>,
    pub dag_id: Arc<str>,
    pub run_id: Arc<str>,
    /// Orders admission among runs: logical date, else `run_after`, in microseconds.
    pub date: i64,
    /// The run before, when tasks of this one look at it.
    pub previous: Option<i64>,
    /// The change number of the rows this memory stands for.
    seq: i64,
    /// Changes that came before their predecessors.
    early: BTreeMap<i64, RunChange>,
    /// The highest number heard of.
    expected: i64,
    /// Since when a predecessor is missing.
    gap_since: Option<Instant>,
    /// Decisions that could not be written, because changes were on their way; they join the next plan.
    pub unwritten: Plan,
}

/// What a change means for memory.
pub enum Taken {
    /// Events to decide about.
    Events(Vec<Event>),
    /// Memory cannot follow: read the rows again.
    Reload,
}

impl Owned {
    pub fn new(run: Run, graph: Arc<Graph>, ids: (Arc<str>, Arc<str>), date: i64, previous: Option<i64>, seq: i64) -> Self {
        Self {
            run,
            graph,
            dag_id: ids.0,
            run_id: ids.1,
            date,
            previous,
            seq,
            early: BTreeMap::new(),
            expected: seq,
            gap_since: None,
            unwritten: Plan::default(),
        }
    }

    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Takes a change in the order of its number, with all later ones that waited for it.
    pub fn change(&mut self, seq: i64, what: RunChange, clock: Instant) -> Taken {
        let mut events = Vec::new();
        if seq <= self.seq {
            return Taken::Events(events);
        }
        self.early.insert(seq, what);
        while let Some(next) = self.early.remove(&(self.seq + 1)) {
            let RunChange::Task(change) = next else { return Taken::Reload };
            self.seq += 1;
            events.push(Event::Task { row: change.row, skip: change.skip });
        }
        self.look_for_gap(clock);
        Taken::Events(events)
    }

    /// The rows are ahead of memory: changes up to `seq` are on their way, or lost.
    pub fn expect(&mut self, seq: i64, clock: Instant) {
        self.expected = self.expected.max(seq);
        self.look_for_gap(clock);
    }

    /// Whether changes are missing.
    pub fn behind(&self) -> bool {
        self.gap_since.is_some()
    }

    fn look_for_gap(&mut self, clock: Instant) {
        let last = self.early.last_key_value().map_or(self.expected, |(seq, _)| self.expected.max(*seq));
        self.gap_since = if last > self.seq { self.gap_since.or(Some(clock)) } else { None };
    }

    /// Whether a predecessor has been missing for so long that the rows must tell.
    pub fn gap_is_old(&self, clock: Instant, patience: std::time::Duration) -> bool {
        self.gap_since.is_some_and(|since| clock.duration_since(since) >= patience)
    }
}
