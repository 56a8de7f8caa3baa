//! A database and workers in small, for property tests.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Effect, EndReason, Event, Past, Plan, Rows, Run, RunEnd, RunFacts, SkipMark, Skips, TaskRow, Transition};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TASK_EDGES, TaskEvent, TaskState};
use crate::trigger_rule::{Around, Counts, Decision, decide};

/// Task and map index.
pub type Key = (Arc<str>, i32);

/// A run with its rows. `run` is the planner's memory of them.
pub struct Sim {
    pub graph: Arc<Graph>,
    pub facts: RunFacts,
    pub rows: BTreeMap<Key, TaskRow>,
    pub skips: BTreeMap<Key, Skips>,
    pub past: Past,
    pub now: Timestamp,
    pub run: Run,
    /// Rows changed that the planner has not heard of.
    pub unheard: Vec<Event>,
}

impl Sim {
    pub fn start(graph: Arc<Graph>, past: Past) -> Sim {
        let facts = RunFacts {
            run_pk: 1,
            dag_id: "dag".into(),
            run_id: "run".into(),
            state: RunState::Running,
            logical_date: None,
            start_date: Some(Timestamp::UNIX_EPOCH),
            is_backfill: false,
        };
        let now = Timestamp::UNIX_EPOCH;
        let new = Rows { facts: facts.clone(), tasks: Vec::new(), skips: Vec::new(), past: past.clone() };
        let (run, plan) = Run::load(Arc::clone(&graph), new, now);
        let (rows, skips) = (BTreeMap::new(), BTreeMap::new());
        let mut sim = Sim { graph, facts, rows, skips, past, now, run, unheard: Vec::new() };
        sim.write(&plan);
        sim
    }

    pub fn load(&self) -> (Run, Plan) {
        let skips = self.skips.iter().map(|((task_id, map_index), skip)| SkipMark {
            task_id: Arc::clone(task_id),
            map_index: *map_index,
            skip: skip.clone(),
        });
        let rows = Rows {
            facts: self.facts.clone(),
            tasks: self.rows.values().cloned().collect(),
            skips: skips.collect(),
            past: self.past.clone(),
        };
        Run::load(Arc::clone(&self.graph), rows, self.now)
    }

    /// Writes a plan, checking every compare-and-set and that every step is one the lifecycle has.
    pub fn write(&mut self, plan: &Plan) {
        for (ix, map_index) in &plan.deleted {
            let key = (Arc::clone(&self.graph.task(*ix).id), *map_index);
            assert!(self.rows.remove(&key).is_some(), "{key:?} deleted but not there");
        }
        for new in &plan.created {
            let row = TaskRow {
                task_id: Arc::clone(&new.task_id),
                map_index: new.map_index,
                state: new.state,
                try_number: new.try_number,
                max_tries: new.max_tries,
                map_length: None,
                retry_at: None,
                reschedule_at: None,
                start_date: new.start_date,
                end_date: new.end_date,
            };
            if new.state.is_some() {
                assert_legal(None, new.state);
            }
            let old = self.rows.insert((Arc::clone(&new.task_id), new.map_index), row);
            assert!(old.is_none(), "{new:?} was there already");
        }
        for step in &plan.transitions {
            let row = self.rows.get_mut(&(Arc::clone(&step.task_id), step.map_index));
            let row = row.unwrap_or_else(|| panic!("{step:?} of a row that is not there"));
            assert_eq!(row.state, step.from, "{step:?}");
            assert_legal(step.from, step.to);
            (row.state, row.try_number) = (step.to, step.try_number);
            row.start_date = step.start_date.or(row.start_date);
            row.end_date = step.end_date.or(row.end_date);
        }
        for (ix, map_index) in &plan.ready {
            let row = &self.rows[&(Arc::clone(&self.graph.task(*ix).id), *map_index)];
            assert_eq!(row.state, Some(TaskState::Scheduled), "{row:?} is ready");
        }
        for effect in &plan.effects {
            if let Effect::Kill { task_id, map_index, .. } = effect {
                let key = (Arc::clone(task_id), *map_index);
                let kills = plan.transitions.iter().find(|step| step.task_id == key.0 && step.map_index == key.1);
                assert!(kills.is_some_and(|step| step.from.is_some_and(TaskState::has_attempt)), "{effect:?}");
            }
        }
        if let Some(end) = plan.run {
            assert_eq!(self.facts.state, RunState::Running);
            self.check_end(end);
            self.facts.state = end.state;
        }
        self.check_decisions(plan);
    }

    /// Changes a row as a worker or user would, and keeps the event.
    pub fn change(&mut self, key: &Key, by: impl FnOnce(&mut TaskRow), skip: Skips) {
        let row = self.rows.get_mut(key).expect("a row");
        by(row);
        if row.state == Some(TaskState::Running) || skip.is_empty() {
            self.skips.remove(key);
        } else {
            self.skips.insert(key.clone(), skip.clone());
        }
        self.unheard.push(Event::Task { row: row.clone(), skip });
    }

    /// A user starts the ended run again.
    pub fn restart(&mut self) {
        self.now = self.later(1);
        self.facts.state = RunState::Running;
        self.facts.start_date = Some(self.now);
        self.unheard.push(Event::Run { state: RunState::Running, start_date: Some(self.now) });
    }

    /// The DAG has another version; `graph` gets the one it had.
    pub fn swap(&mut self, graph: &mut Arc<Graph>) {
        std::mem::swap(&mut self.graph, graph);
        self.unheard.push(Event::Graph(Arc::clone(&self.graph)));
    }

    /// Tells the planner what it has not heard of.
    pub fn tell(&mut self) {
        let events = std::mem::take(&mut self.unheard);
        let plan = self.run.on_all(events, self.now);
        self.write(&plan);
    }

    /// The same in two calls, written at once.
    pub fn tell_in_two(&mut self) {
        // Between two changes of one row, or a success and a clear, there is a moment when more may run than afterwards.
        let clears = |event: &Event| match event {
            Event::Task { row, .. } => row.state.is_none(),
            other => matches!(other, Event::Graph(_)),
        };
        let mut keys = HashSet::new();
        let again = |event: &Event| matches!(event, Event::Task { row, .. } if !keys.insert((row.task_id.clone(), row.map_index)));
        if self.unheard.iter().any(clears) || self.unheard.iter().any(again) {
            return self.tell();
        }
        let mut events = std::mem::take(&mut self.unheard);
        let rest = events.split_off(events.len() / 2);
        let mut plan = self.run.on_all(events, self.now);
        if plan.run.is_some() {
            // More has changed than this plan knows of: the database would refuse it.
            return self.reload();
        }
        plan.absorb(self.run.on_all(rest, self.now));
        let stale = |step: &Transition| self.rows[&(Arc::clone(&step.task_id), step.map_index)].state != step.from;
        if plan.transitions.iter().any(stale) { self.reload() } else { self.write(&plan) }
    }

    /// The planner's memory is lost.
    pub fn reload(&mut self) {
        self.unheard.clear();
        let (run, plan) = self.load();
        self.write(&plan);
        self.run = run;
    }

    pub fn wait_until(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
        self.unheard.push(Event::Timer);
    }

    /// Later, by so many seconds.
    pub fn later(&self, seconds: i64) -> Timestamp {
        self.now + SignedDuration::from_secs(seconds)
    }

    /// Memory says what the rows say, and a planner without memory would do nothing else.
    pub fn check(&self) {
        let (fresh, plan) = self.load();
        let undone = (&plan.created, &plan.deleted, &plan.transitions, plan.run);
        assert_eq!(undone, (&vec![], &vec![], &vec![], None), "a reload decides more");
        assert_eq!(fresh.tally(), self.run.tally());
        let open: Vec<_> = self.rows.values().filter(|row| !row.state.is_some_and(TaskState::is_finished)).collect();
        let moving = open.iter().filter(|row| row.state.is_some()).count();
        let tally = self.run.tally();
        assert_eq!((tally.unfinished as usize, tally.moving as usize), (open.len(), moving));
        for (ix, (kept, loaded)) in self.graph.iter().zip(self.run.nodes.iter().zip(&fresh.nodes)) {
            let id = &self.graph.task(ix).id;
            assert_eq!((kept.counts, kept.around), (loaded.counts, loaded.around), "counts of {id}");
            assert_eq!(kept.own, loaded.own, "counts by map index of {id}");
            assert_eq!((kept.open, kept.pushed), (loaded.open, loaded.pushed), "tallies of {id}");
            let seen = |node: &super::node::Node| -> Vec<_> { node.instances().map(|(i, ti)| (i, ti.state, ti.marks)).collect() };
            assert_eq!(seen(kept), seen(loaded), "instances of {id}");
            for map_index in kept.indexes() {
                assert_eq!(self.run.counts(&self.graph, ix, map_index), self.counts(ix, map_index), "{id}[{map_index}]");
            }
        }
    }

    /// What an instance looks at, from the rows alone.
    fn counts(&self, ix: TaskIx, map_index: i32) -> (Counts, Around) {
        let task = self.graph.task(ix);
        let mut counts = Counts::default();
        for &before in &task.upstream {
            for row in self.looked_at(ix, map_index, before) {
                counts.add(row.state, self.graph.task_form(before).is_setup);
            }
        }
        let mut around = Counts::default();
        for &before in task.setups.iter().chain(&task.scope) {
            for row in self.looked_at(ix, map_index, before) {
                around.add(row.state, false);
            }
        }
        let around = match around.total {
            0 => Around::Nothing,
            _ if self.graph.task_form(ix).is_teardown => Around::Work(around),
            _ => Around::Setups(around),
        };
        (counts, around)
    }

    fn decision(&self, ix: TaskIx, map_index: i32) -> Decision {
        let (counts, around) = self.counts(ix, map_index);
        decide(self.graph.task_form(ix).trigger_rule, &counts, &around)
    }

    fn check_end(&self, end: RunEnd) {
        let open = |row: &&TaskRow| !row.state.is_some_and(TaskState::is_finished);
        let open: Vec<_> = self.rows.values().filter(open).collect();
        match end.reason {
            EndReason::AllTasksDeadlocked => {
                assert!(!open.is_empty() && open.iter().all(|row| row.state.is_none()), "not deadlocked: {open:?}");
            }
            EndReason::TimedOut => assert!(open.is_empty(), "timed out, and left {open:?}"),
            EndReason::Success | EndReason::TaskFailure => {
                let leaf = |row: &TaskRow| self.graph.find(&row.task_id).is_some_and(|ix| self.graph.task(ix).leaf);
                let failed = self.rows.values().any(|row| leaf(row) && row.state.is_some_and(TaskState::is_failed));
                assert!(open.is_empty(), "ended, and left {open:?}");
                assert_eq!(failed, end.reason == EndReason::TaskFailure);
            }
        }
        assert_eq!(end.state == RunState::Success, end.reason == EndReason::Success);
    }

    /// What was scheduled might be; what was not, cannot be.
    fn check_decisions(&self, plan: &Plan) {
        let scheduled = |state: Option<TaskState>| matches!(state, Some(TaskState::Scheduled | TaskState::Success));
        let new = plan.created.iter().map(|new| (new.task, new.map_index, new.state));
        let changed = plan.transitions.iter().filter_map(|step| Some((step.task?, step.map_index, step.to)));
        for (ix, map_index, _) in new.chain(changed).filter(|(_, _, to)| scheduled(*to)) {
            let id = &self.graph.task(ix).id;
            assert_eq!(self.decision(ix, map_index), Decision::Run, "{id}[{map_index}] was scheduled");
            assert!(!self.held_by_past(ix), "{id}[{map_index}] was scheduled before its past let it");
        }
        for row in self.rows.values().filter(|row| row.state.is_none() && self.facts.state == RunState::Running) {
            let Some(ix) = self.graph.find(&row.task_id) else { panic!("{row:?} should be removed") };
            let expands = row.map_index < 0 && self.graph.task(ix).expansion.is_some();
            let waits = self.held_by_past(ix) || self.decision(ix, row.map_index) == Decision::Wait;
            assert!(if expands { !self.sources_ended(ix) || waits } else { waits }, "{row:?} should be decided");
        }
    }

    fn sources_ended(&self, ix: TaskIx) -> bool {
        let sources = self.graph.task(ix).expansion.map(|expansion| &self.graph.expansion(expansion).sources);
        let ids: Vec<_> = sources.into_iter().flatten().map(|source| &self.graph.task(*source).id).collect();
        self.rows.values().filter(|row| ids.contains(&&row.task_id)).all(|row| row.state.is_some_and(TaskState::is_finished))
    }

    fn held_by_past(&self, ix: TaskIx) -> bool {
        let form = self.graph.task_form(ix);
        let Some(past) = self.past.as_ref().filter(|_| form.needs_past()) else { return false };
        let good = |ix: TaskIx, or: bool| {
            let id = &self.graph.task(ix).id;
            let there = past.states.iter().find(|(task, _, _)| task == id);
            there.map_or(or, |(_, _, state)| state.is_some_and(TaskState::satisfies_past))
        };
        let after = &self.graph.task(ix).downstream;
        !good(ix, false) || (form.wait_for_downstream && !after.iter().all(|after| good(*after, true)))
    }

    fn looked_at(&self, ix: TaskIx, map_index: i32, before: TaskIx) -> impl Iterator<Item = &TaskRow> {
        let per_index = self.graph.same_mapped_group(ix, before);
        let id = Arc::clone(&self.graph.task(before).id);
        self.rows.values().filter(move |row| {
            let gone = row.map_index >= 0 && row.state == Some(TaskState::Removed);
            let other = per_index && row.map_index >= 0 && row.map_index != map_index;
            row.task_id == id && !gone && !other
        })
    }
}

/// Steps that the planner may take by itself.
const BY_PLANNER: [TaskEvent; 10] = [
    TaskEvent::Schedule,
    TaskEvent::Complete,
    TaskEvent::Skip,
    TaskEvent::FailUpstream,
    TaskEvent::Remove,
    TaskEvent::Restore,
    TaskEvent::Fail,
    // Removed with its task, and back with it in the same call.
    TaskEvent::Clear,
    TaskEvent::Resume,
    // The end of a run by `dagrun_timeout`.
    TaskEvent::MarkSkipped,
];

fn assert_legal(from: Option<TaskState>, to: Option<TaskState>) {
    // A removed instance that is back may be decided about in the same call.
    let from = from.filter(|state| *state != TaskState::Removed);
    let legal = |edge: &&(Option<TaskState>, TaskEvent, Option<TaskState>)| edge.0 == from && edge.2 == to && BY_PLANNER.contains(&edge.1);
    let restored = from.is_none() && to.is_none();
    assert!(restored || TASK_EDGES.iter().any(|edge| legal(&edge)), "{from:?} -> {to:?}");
    assert!(!from.is_some_and(TaskState::is_finished), "{from:?} -> {to:?} leaves a final state");
}
