//! Runs observed in a real scheduler: workers report what they reported there, the planner has to do the rest.

mod common;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_core::plan::{Event, Past, Plan, PreviousRun, Rows, Run, RunFacts, Skips, TaskRow};
use tradewind_core::state::TaskState;

struct Play<'a> {
    graph: Arc<Graph>,
    recorded: &'a Value,
    run: Run,
    /// Scheduled instances that no worker has taken.
    waiting: VecDeque<(TaskIx, i32)>,
    end: Option<&'static str>,
    now: Timestamp,
}

fn build(dag: &Value) -> Arc<Graph> {
    let tasks = dag["tasks"].as_array().expect("tasks");
    let mut edges: Vec<(&str, &str)> = Vec::new();
    for task in tasks {
        let downstream = task["downstream"].as_array();
        edges.extend(downstream.into_iter().flatten().filter_map(|id| Some((task["task_id"].as_str()?, id.as_str()?))));
    }
    let mut more = dag.clone();
    more.as_object_mut().expect("an object").remove("tasks");
    common::graph(tasks.clone(), &edges, &more)
}

/// Name of an instance in the recording.
fn name(graph: &Graph, ix: TaskIx, map_index: i32) -> String {
    let id = &graph.task(ix).id;
    if map_index < 0 { id.to_string() } else { format!("{id}[{map_index}]") }
}

impl Play<'_> {
    fn take(&mut self, plan: Plan) {
        self.waiting.extend(plan.ready);
        self.end = plan.run.map(|end| end.state.as_str()).or(self.end);
    }

    fn report(&mut self, (ix, map_index): (TaskIx, i32), state: TaskState) {
        let gave = &self.recorded["gave"][name(&self.graph, ix, map_index)];
        let row = TaskRow {
            task_id: Arc::clone(&self.graph.task(ix).id),
            map_index,
            state: Some(state),
            try_number: 1,
            max_tries: 0,
            map_length: gave["length"].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|_| state == TaskState::Success),
            retry_at: None,
            reschedule_at: None,
            start_date: Some(self.now),
            end_date: state.is_finished().then_some(self.now),
        };
        let skip = if state == TaskState::Success { self.skips(ix, &gave["skip"]) } else { Skips::new() };
        let plan = self.run.on(Event::Task { row, skip }, self.now);
        self.take(plan);
    }

    /// The tasks that a skip mark means.
    fn skips(&self, ix: TaskIx, mark: &Value) -> Skips {
        let find =
            |ids: &Value| -> Vec<TaskIx> { ids.as_array().into_iter().flatten().filter_map(|id| self.graph.find(id.as_str()?)).collect() };
        let skipped = match mark.get("followed") {
            Some(followed) => {
                let followed = find(followed);
                let mut kept = self.graph.descendants(&followed);
                kept.extend(followed);
                self.graph.task(ix).downstream.iter().copied().filter(|ix| !kept.contains(ix)).collect()
            }
            None => find(&mark["skipped"]),
        };
        skipped.into_iter().map(|ix| (Arc::clone(&self.graph.task(ix).id), None)).collect()
    }

    /// Takes everything that is scheduled, then ends one after the other.
    fn work(&mut self) {
        let mut running = VecDeque::new();
        loop {
            while let Some(at) = self.waiting.pop_front() {
                self.report(at, TaskState::Running);
                running.push_back(at);
            }
            let Some(at) = running.pop_front() else { return };
            let recorded = self.recorded["tasks"][name(&self.graph, at.0, at.1)].as_str();
            let timed_out = self.graph.form().dagrun_timeout.is_some() && recorded == Some("skipped");
            if self.run.state_of(at.0, at.1) == Some(Some(TaskState::Running)) && !timed_out {
                let state = recorded.and_then(|state| state.parse().ok()).unwrap_or_else(|| panic!("{at:?} ran, and did not there"));
                self.report(at, state);
            }
        }
    }
}

fn play(graph: &Arc<Graph>, recorded: &Value, past: Past) -> (BTreeMap<String, Option<String>>, &'static str) {
    let facts: RunFacts = common::world::facts();
    let now = Timestamp::UNIX_EPOCH;
    let rows = Rows { facts, tasks: Vec::new(), skips: Vec::new(), past };
    let (run, plan) = Run::load(Arc::clone(graph), rows, now);
    let mut play = Play { graph: Arc::clone(graph), recorded, run, waiting: VecDeque::new(), end: None, now };
    play.take(plan);
    play.work();
    if play.run.wake_at().is_some() {
        play.now += SignedDuration::from_hours(24);
        let plan = play.run.on(Event::Timer, play.now);
        play.take(plan);
    }
    let text = |state: Option<TaskState>| state.map(|state| state.as_str().to_owned());
    let states = play.run.instances().map(|(ix, map_index, state)| (name(graph, ix, map_index), text(state)));
    (states.collect(), play.end.unwrap_or("running"))
}

/// What the next run knows of this one.
fn as_past(graph: &Graph, states: &BTreeMap<String, Option<String>>) -> Past {
    let state = |ix: TaskIx| states.get(&*graph.task(ix).id)?.as_deref()?.parse::<TaskState>().ok();
    let states = graph.iter().map(|ix| (Arc::clone(&graph.task(ix).id), -1, state(ix)));
    let ran_before = graph.iter().map(|ix| Arc::clone(&graph.task(ix).id)).collect();
    Some(PreviousRun { run_id: "before".into(), states: states.collect(), ran_before })
}

#[test]
fn runs_end_as_observed() {
    let cases = common::cases(include_str!("vectors/live_dags.json"));
    assert_eq!(cases.len(), 77);
    let mut wrong = Vec::new();
    for case in &cases {
        let graph = build(&case["dag"]);
        let either = case["depends_on_finish_order"].as_array().cloned().unwrap_or_default();
        let mut past = None;
        for recorded in case["runs"].as_array().expect("runs") {
            let (states, end) = play(&graph, recorded, past);
            let mut expect: BTreeMap<String, Option<String>> = serde_json::from_value(recorded["tasks"].clone()).expect("states");
            for (id, state) in expect.iter_mut().filter(|(id, _)| either.contains(&json!(id))) {
                *state = states.get(id).cloned().flatten();
            }
            if states != expect || recorded["state"] != end {
                wrong.push(format!("{}: {} but {end} {states:?}", common::text(case, "case"), recorded));
            }
            past = as_past(&graph, &states);
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
