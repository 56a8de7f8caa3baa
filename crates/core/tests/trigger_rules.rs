//! Every trigger rule over upstream states and setup/teardown shapes, against recorded decisions.

mod common;

use serde_json::{Value, json};
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_core::state::TaskState;
use tradewind_core::trigger_rule::{Around, Counts, Decision, decide};

/// Ids of the upstream tasks with their states; `running` stands for any unfinished state.
fn upstream(case: &Value) -> Vec<(String, Option<TaskState>)> {
    let state = |value: &Value| value.as_str().expect("a state").parse().ok();
    match &case["upstream"] {
        Value::Array(states) => states.iter().enumerate().map(|(i, value)| (format!("u{i}"), state(value))).collect(),
        Value::Object(states) => states.iter().map(|(id, value)| (id.clone(), state(value))).collect(),
        other => panic!("upstream {other}"),
    }
}

fn edges(shape: &str, ids: &[&str]) -> Vec<(String, String)> {
    let edge = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    match shape {
        "plain" | "direct_setup" => ids.iter().map(|id| edge(id, "target")).collect(),
        "indirect_setup" => vec![edge("s", "w"), edge("w", "target"), edge("target", "td"), edge("s", "td")],
        "teardown" => vec![edge("s", "w"), edge("w", "target"), edge("s", "target")],
        "teardown_2setups" => ["s1", "s2"].iter().flat_map(|s| [edge(s, "w"), edge(s, "target")]).chain([edge("w", "target")]).collect(),
        "teardown_2works" => vec![edge("s", "w1"), edge("w1", "w2"), edge("w2", "target"), edge("s", "target")],
        other => panic!("unknown shape {other}"),
    }
}

fn count(graph: &Graph, tasks: &[TaskIx], states: &[(String, Option<TaskState>)]) -> Counts {
    let mut counts = Counts::default();
    for &ix in tasks {
        let id = &graph.task(ix).id;
        let (_, state) = states.iter().find(|(name, _)| **name == **id).expect("a state");
        counts.add(*state, graph.task_form(ix).is_setup);
    }
    counts
}

fn decision(case: &Value) -> &'static str {
    let states = upstream(case);
    let ids: Vec<&str> = states.iter().map(|(id, _)| id.as_str()).collect();
    let shape = common::text(case, "shape");
    let mut tasks: Vec<Value> = ids.iter().map(|id| json!({"task_id": id, "is_setup": shape != "plain" && id.starts_with('s')})).collect();
    let teardown = shape.starts_with("teardown");
    tasks.push(json!({"task_id": "target", "trigger_rule": case["rule"], "is_teardown": teardown}));
    if shape == "indirect_setup" {
        tasks.push(json!({"task_id": "td", "is_teardown": true, "trigger_rule": "all_done_setup_success"}));
    }
    let edges = edges(shape, &ids);
    let edges: Vec<_> = edges.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let graph = common::graph(tasks, &edges, &json!({}));
    let target = graph.task(graph.find("target").expect("target"));
    let counts = count(&graph, &target.upstream, &states);
    let around =
        if teardown { Around::Work(count(&graph, &target.scope, &states)) } else { Around::Setups(count(&graph, &target.setups, &states)) };
    let rule = common::text(case, "rule").parse().expect("a rule");
    match decide(rule, &counts, &around) {
        Decision::Run => "run",
        Decision::Wait => "wait",
        Decision::Skip => "skipped",
        Decision::UpstreamFailed => "upstream_failed",
    }
}

#[test]
fn decisions_are_as_recorded() {
    let cases = common::cases(include_str!("vectors/trigger_rules.json"));
    assert_eq!(cases.len(), 1281);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| decision(case) != common::text(case, "decision"))
        .map(|case| format!("{case} but was {}", decision(case)))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
