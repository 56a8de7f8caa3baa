//! What a clear takes with it.

mod common;

use std::sync::Arc;

use serde_json::json;
use tradewind_core::graph::{Graph, StateFilter, Wanted, select_for_clear};
use tradewind_core::state::TaskState;

fn select(graph: &Arc<Graph>, task: &str, map_index: Option<i32>, upstream: bool, downstream: bool) -> String {
    let ix = graph.find(task).expect("a task");
    let chosen = select_for_clear(graph, &Wanted { tasks: vec![(ix, map_index)], upstream, downstream });
    let name = |(ix, map_index): (tradewind_core::graph::TaskIx, Option<i32>)| match map_index {
        None => graph.task(ix).id.to_string(),
        Some(map_index) => format!("{}[{map_index}]", graph.task(ix).id),
    };
    chosen.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn relatives_at_any_distance() {
    let ids = ["a", "b", "c", "d"];
    let tasks = ids.iter().map(|id| json!({"task_id": id})).collect();
    let graph = common::graph(tasks, &[("a", "b"), ("b", "c"), ("a", "d")], &json!({}));
    assert_eq!(select(&graph, "b", None, false, false), "b");
    assert_eq!(select(&graph, "b", None, true, false), "a b");
    assert_eq!(select(&graph, "a", None, false, true), "a b c d");
    assert_eq!(select(&graph, "b", None, true, true), "a b c");
}

#[test]
fn work_takes_its_setup_and_teardown_along() {
    let tasks = vec![
        json!({"task_id": "s", "is_setup": true}),
        json!({"task_id": "w1"}),
        json!({"task_id": "w2"}),
        json!({"task_id": "t", "is_teardown": true, "trigger_rule": "all_done_setup_success"}),
        json!({"task_id": "after"}),
    ];
    let edges = [("s", "w1"), ("w1", "w2"), ("w2", "t"), ("s", "t"), ("w2", "after")];
    let graph = common::graph(tasks, &edges, &json!({}));
    assert_eq!(select(&graph, "w2", None, false, false), "s w2 t");
    assert_eq!(select(&graph, "w1", None, false, false), "s w1 t");
    assert_eq!(select(&graph, "after", None, false, false), "after", "it is outside the scope");
}

#[test]
fn one_index_takes_the_same_index_of_its_group() {
    let tasks = vec![
        json!({"task_id": "src"}),
        json!({"task_id": "g.one", "group": "g"}),
        json!({"task_id": "g.two", "group": "g"}),
        json!({"task_id": "end"}),
    ];
    let edges = [("src", "g.one"), ("g.one", "g.two"), ("g.two", "end")];
    let graph = common::graph(tasks, &edges, &json!({"groups": [{"group_id": "g", "mapped": {"length": {"task": "src"}}}]}));
    assert_eq!(select(&graph, "g.one", Some(1), false, true), "g.one[1] g.two[1] end");
    assert_eq!(select(&graph, "g.two", Some(1), true, false), "src g.one[1] g.two[1]");
    assert_eq!(select(&graph, "src", None, false, true), "src g.one g.two end");
    let members: Vec<_> = graph.group("g").expect("a group").iter().map(|ix| &*graph.task(*ix).id).collect();
    assert_eq!(members, ["g.one", "g.two"]);
}

#[test]
fn filters_take_either_of_their_states() {
    let both = StateFilter { only_failed: true, only_running: true };
    let failed = StateFilter { only_failed: true, only_running: false };
    assert!(StateFilter::default().takes(None));
    assert!(both.takes(Some(TaskState::Running)) && both.takes(Some(TaskState::UpstreamFailed)));
    assert!(failed.takes(Some(TaskState::Failed)) && !failed.takes(Some(TaskState::Running)) && !failed.takes(None));
}
