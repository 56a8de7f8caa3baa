//! The run in memory: loading it and telling it what happened.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::node::{Node, Targets, Ti};
use super::past::PastView;
use super::{Event, Past, Plan, Rows, RunFacts, Skips, Tally, TaskRow};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};

/// One dag run. See the module [`super`].
#[derive(Debug)]
pub struct Run {
    pub(super) graph: Arc<Graph>,
    pub(super) facts: RunFacts,
    pub(super) nodes: Vec<Node>,
    pub(super) tally: Tally,
    pub(super) past: Past,
    pub(super) past_view: PastView,
    /// Skips by the instance that decided them; they apply while it is a success.
    pub(super) marks: HashMap<(TaskIx, i32), Targets>,
    /// The same by name, as stored; some may be of tasks that are gone for now.
    pub(super) skips: HashMap<(Arc<str>, i32), Skips>,
    /// Instances that the graph has no place for.
    pub(super) strays: Vec<Seed>,
    pub(super) timers: BinaryHeap<Reverse<(Timestamp, TaskIx, i32)>>,
    /// Tasks to be looked at again.
    pub(super) queue: Vec<TaskIx>,
    /// Instances that rows say are `scheduled`: they want to be admitted.
    pub(super) unheard: Vec<(TaskIx, i32)>,
    /// Failures that end the others.
    pub(super) stops: u32,
    /// There is a new one.
    pub(super) stop: bool,
}

/// A task instance with its name.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub task_id: Arc<str>,
    pub map_index: i32,
    pub ti: Ti,
}

/// The stored skips of an instance.
pub(super) type Mark = (Arc<str>, i32, Skips);

impl Run {
    /// Takes a run into memory: makes the task instances it lacks and decides what can be decided.
    #[must_use]
    pub fn load(graph: Arc<Graph>, rows: Rows, now: Timestamp) -> (Run, Plan) {
        let Rows { facts, tasks, skips, past } = rows;
        let seeds =
            tasks.into_iter().map(|row| Seed { ti: ti_of(&graph, &facts, &row), task_id: row.task_id, map_index: row.map_index }).collect();
        let marks = skips.into_iter().map(|mark| (mark.task_id, mark.map_index, mark.skip)).collect();
        let mut plan = Plan::default();
        let mut run = Run::assemble(graph, facts, seeds, marks, past, &mut plan);
        run.stop = run.stops > 0;
        run.conclude(now, &mut plan);
        (run, plan)
    }

    /// Takes in one event.
    pub fn on(&mut self, event: Event, now: Timestamp) -> Plan {
        self.on_all([event], now)
    }

    /// Takes in several events that are known at the same time; their order does not matter to what is decided.
    pub fn on_all(&mut self, events: impl IntoIterator<Item = Event>, now: Timestamp) -> Plan {
        let mut plan = Plan::default();
        for event in events {
            self.apply(event, &mut plan);
        }
        self.conclude(now, &mut plan);
        plan
    }

    /// When [`Event::Timer`] is due: the next retry, poke or `dagrun_timeout`. `None`: nothing waits for time.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        if self.facts.state != RunState::Running {
            return None;
        }
        let timer = self.timers.peek().map(|Reverse((at, _, _))| *at);
        timer.into_iter().chain(self.deadline()).min()
    }

    /// When `dagrun_timeout` ends the run.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let seconds = self.graph.form().dagrun_timeout?;
        let timeout = SignedDuration::try_from_secs_f64(seconds).ok()?;
        self.facts.start_date?.checked_add(timeout).ok()
    }

    /// What it knows of its run.
    #[must_use]
    pub fn facts(&self) -> &RunFacts {
        &self.facts
    }

    /// Its graph.
    #[must_use]
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// What is left to do.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// State of a task instance; `None` when there is no such instance.
    #[must_use]
    pub fn state_of(&self, task: TaskIx, map_index: i32) -> Option<Option<TaskState>> {
        self.nodes.get(task.at())?.ti(map_index).map(|ti| ti.state)
    }

    /// Its task instances: task, map index, state.
    pub fn instances(&self) -> impl Iterator<Item = (TaskIx, i32, Option<TaskState>)> {
        let nodes = self.graph.iter().zip(&self.nodes);
        nodes.flat_map(|(ix, node)| node.instances().map(move |(map_index, ti)| (ix, map_index, ti.state)))
    }

    /// Everything it holds, to be assembled with another graph.
    pub(super) fn dismantle(&mut self) -> (Vec<Seed>, Vec<Mark>) {
        let graph = Arc::clone(&self.graph);
        let id = |ix: TaskIx| Arc::clone(&graph.task(ix).id);
        let mut seeds = std::mem::take(&mut self.strays);
        for (ix, node) in graph.iter().zip(&self.nodes) {
            let kept = |ti: &Ti| Ti { marks: 0, past_blocked: false, ..*ti };
            seeds.extend(node.instances().map(|(map_index, ti)| Seed { task_id: id(ix), map_index, ti: kept(ti) }));
        }
        let marks = self.skips.drain().map(|((task_id, map_index), skip)| (task_id, map_index, skip));
        (seeds, marks.collect())
    }
}

/// The part of a row that is kept.
pub(super) fn ti_of(graph: &Graph, facts: &RunFacts, row: &TaskRow) -> Ti {
    let wake = match row.state {
        Some(TaskState::UpForRetry) => row.retry_at,
        Some(TaskState::UpForReschedule) => row.reschedule_at,
        _ => None,
    };
    Ti {
        state: row.state,
        stops: stops_others(graph, facts, row),
        started: row.start_date.is_some(),
        try_number: row.try_number,
        map_length: row.map_length,
        wake,
        ..Ti::default()
    }
}

/// Whether a failure ends the other tasks (`fail_fast`). One from before the run was started again does not.
fn stops_others(graph: &Graph, facts: &RunFacts, row: &TaskRow) -> bool {
    let of_this_start = match (row.end_date, facts.start_date) {
        (Some(end), Some(start)) => end >= start,
        _ => true,
    };
    graph.form().fail_fast && row.state == Some(TaskState::Failed) && of_this_start
}
