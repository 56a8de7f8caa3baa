//! What a completion costs in runs of different sizes: `cargo run --release -p tradewind-core --example plan_bench`.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;
use tradewind_core::plan::{Event, Rows, Run, RunFacts, TaskRow};
use tradewind_core::state::{RunState, TaskState};

/// Chains of ten tasks, side by side.
fn chains(tasks: usize) -> Arc<Graph> {
    let task = |at: usize| -> Value {
        let downstream = if at % 10 < 9 { json!([format!("t{}", at + 1)]) } else { json!([]) };
        json!({"task_id": format!("t{at}"), "task_type": "PythonOperator", "task_module": "m", "downstream": downstream, "weight_rule": "absolute"})
    };
    graph((0..tasks).map(task).collect())
}

/// One task, many after it, one after those.
fn fan(width: usize, instant: bool) -> Arc<Graph> {
    let ids: Vec<_> = (0..width).map(|at| format!("t{at}")).collect();
    let task = |id: &str, downstream: Value| json!({"task_id": id, "task_type": "T", "task_module": "m", "downstream": downstream, "instant": instant, "weight_rule": "absolute"});
    let mut tasks = vec![task("first", json!(ids))];
    tasks.extend(ids.iter().map(|id| task(id, json!(["last"]))));
    tasks.push(task("last", json!([])));
    graph(tasks)
}

fn graph(tasks: Vec<Value>) -> Arc<Graph> {
    let form = json!({"format": 1, "dag_id": "d", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false, "tasks": tasks});
    let form = DagForm::from_value(form).expect("a valid form");
    Graph::new(Arc::new(form)).expect("a graph")
}

fn load(graph: &Arc<Graph>) -> (Run, Vec<(tradewind_core::graph::TaskIx, i32)>) {
    let facts = RunFacts {
        run_pk: 1,
        dag_id: "d".into(),
        run_id: "r".into(),
        state: RunState::Running,
        logical_date: None,
        start_date: Some(Timestamp::UNIX_EPOCH),
        is_backfill: false,
    };
    let rows = Rows { facts, tasks: Vec::new(), skips: Vec::new(), past: None };
    let (run, plan) = Run::load(Arc::clone(graph), rows, Timestamp::UNIX_EPOCH);
    (run, plan.ready)
}

fn succeeded(task_id: Arc<str>) -> Event {
    let row = TaskRow {
        task_id,
        map_index: -1,
        state: Some(TaskState::Success),
        try_number: 1,
        max_tries: 0,
        map_length: None,
        retry_at: None,
        reschedule_at: None,
        start_date: Some(Timestamp::UNIX_EPOCH),
        end_date: Some(Timestamp::UNIX_EPOCH),
    };
    Event::Task { row, skip: Vec::new() }
}

/// Completes everything that becomes ready, one event at a time; completions and seconds.
fn complete(graph: &Graph, run: &mut Run, mut ready: Vec<(tradewind_core::graph::TaskIx, i32)>) -> (u32, f64) {
    let begin = Instant::now();
    let mut completions = 0;
    while let Some((ix, _)) = ready.pop() {
        let plan = run.on(succeeded(Arc::clone(&graph.task(ix).id)), Timestamp::UNIX_EPOCH);
        ready.extend(plan.ready);
        completions += 1;
    }
    (completions, begin.elapsed().as_secs_f64())
}

fn main() {
    println!("{:<34} {:>10} {:>12} {:>14}", "run", "tasks", "load (ms)", "a completion (µs)");
    for tasks in [10, 1_000, 100_000] {
        let graph = chains(tasks);
        let begin = Instant::now();
        let (mut run, ready) = load(&graph);
        let loaded = begin.elapsed().as_secs_f64() * 1e3;
        let (completions, seconds) = complete(&graph, &mut run, ready);
        assert_eq!(completions as usize, tasks);
        println!("{:<34} {tasks:>10} {loaded:>12.3} {:>14.3}", "chains of ten", seconds * 1e6 / f64::from(completions));
    }
    for width in [1_000, 100_000] {
        let graph = fan(width, false);
        let begin = Instant::now();
        let (mut run, ready) = load(&graph);
        let loaded = begin.elapsed().as_secs_f64() * 1e3;
        let (completions, seconds) = complete(&graph, &mut run, ready);
        println!("{:<34} {:>10} {loaded:>12.3} {:>14.3}", "fan out, fan in", width + 2, seconds * 1e6 / f64::from(completions));
    }
    for width in [1_000, 100_000] {
        let graph = fan(width, true);
        let begin = Instant::now();
        load(&graph);
        let each = begin.elapsed().as_secs_f64() * 1e6 / (width + 2) as f64;
        println!("{:<34} {:>10} {:>12} {each:>14.3}", "fan of instant tasks, in one call", width + 2, "");
    }
}
