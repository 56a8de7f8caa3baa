//! Recorded random DAGs, built and described.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_core::plan::{Event, Rows, Run, RunFacts, Skips, TaskRow};
use tradewind_core::state::{RunState, TaskState};

/// What became of a run.
#[derive(Debug, Default)]
pub struct Played {
    pub waves: Vec<BTreeSet<String>>,
    pub states: BTreeMap<String, String>,
    pub run_state: String,
}

/// The recorded cases.
pub fn recorded() -> Vec<Value> {
    let cases = super::cases(include_str!("../vectors/dagrun_outcomes.json"));
    assert_eq!(cases.len(), 400);
    cases
}

/// The waves of a case.
pub fn recorded_waves(case: &Value) -> Vec<BTreeSet<String>> {
    serde_json::from_value(case["result"]["waves"].clone()).expect("waves")
}

pub fn build(case: &Value) -> Arc<Graph> {
    let mut edges: Vec<(&str, &str)> = Vec::new();
    for edge in case["edges"].as_array().expect("edges") {
        edges.push((edge[0].as_str().expect("an id"), edge[1].as_str().expect("an id")));
    }
    let mut tasks = Vec::new();
    for (id, task) in case["tasks"].as_object().expect("tasks") {
        let kind = super::text(task, "kind");
        let mut form = json!({"task_id": id, "is_setup": kind == "setup", "is_teardown": kind == "teardown",
            "on_failure_fail_dagrun": task["on_failure_fail_dagrun"]});
        form["trigger_rule"] = if kind == "teardown" { json!("all_done_setup_success") } else { task["rule"].clone() };
        if let Some(setup) = task["of"].as_str() {
            edges.push((setup, id));
        }
        tasks.push(form);
    }
    edges.sort_unstable();
    edges.dedup();
    super::graph(tasks, &edges, &json!({}))
}

/// What a branch or short circuit skips.
fn skips(graph: &Graph, ix: TaskIx, task: &Value) -> Skips {
    let teardown = |ix: &TaskIx| graph.task_form(*ix).is_teardown;
    let direct = &graph.task(ix).downstream;
    let chosen: Vec<TaskIx> = match super::text(task, "kind") {
        "branch" => {
            let followed: Vec<TaskIx> =
                task["follow"].as_array().expect("follow").iter().filter_map(|id| graph.find(id.as_str()?)).collect();
            let mut kept = graph.descendants(&followed);
            kept.extend(followed);
            direct.iter().copied().filter(|ix| !kept.contains(ix)).collect()
        }
        "short_circuit" if task["condition"] == true => Vec::new(),
        "short_circuit" if task["ignore_downstream_trigger_rules"] == true => graph.descendants(&[ix]),
        "short_circuit" => direct.clone(),
        _ => Vec::new(),
    };
    chosen.into_iter().filter(|ix| !teardown(ix)).map(|ix| (Arc::clone(&graph.task(ix).id), None)).collect()
}

/// The task as it is once it has ended.
pub fn row(graph: &Graph, ix: TaskIx, state: TaskState) -> TaskRow {
    TaskRow {
        task_id: Arc::clone(&graph.task(ix).id),
        map_index: -1,
        state: Some(state),
        try_number: 1,
        max_tries: 0,
        map_length: None,
        retry_at: None,
        reschedule_at: None,
        start_date: Some(Timestamp::UNIX_EPOCH),
        end_date: Some(Timestamp::UNIX_EPOCH),
    }
}

/// A new run that is running.
pub fn new_run() -> Rows {
    let facts = RunFacts {
        run_pk: 1,
        dag_id: "dag".into(),
        run_id: "run".into(),
        state: RunState::Running,
        logical_date: None,
        start_date: Some(Timestamp::UNIX_EPOCH),
        is_backfill: false,
    };
    Rows { facts, tasks: Vec::new(), skips: Vec::new(), past: None }
}

/// The tasks of a wave all end, as the case says.
pub fn finish_wave(graph: &Graph, case: &Value, wave: &[(TaskIx, i32)]) -> Vec<Event> {
    let end = |&(ix, _): &(TaskIx, i32)| {
        let task = &case["tasks"][&*graph.task(ix).id];
        let state: TaskState = super::text(task, "outcome").parse().expect("a state");
        let skip = if state == TaskState::Success { skips(graph, ix, task) } else { Skips::new() };
        Event::Task { row: row(graph, ix, state), skip }
    };
    wave.iter().map(end).collect()
}

/// The ids of a wave.
pub fn ids(graph: &Graph, wave: &[(TaskIx, i32)]) -> BTreeSet<String> {
    wave.iter().map(|(ix, _)| graph.task(*ix).id.to_string()).collect()
}

/// The states of all tasks.
pub fn states(run: &Run) -> BTreeMap<String, String> {
    let name = |state: Option<TaskState>| state.map_or("none", TaskState::as_str).to_owned();
    run.instances().map(|(ix, _, state)| (run.graph().task(ix).id.to_string(), name(state))).collect()
}
