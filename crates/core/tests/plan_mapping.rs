//! Expansion in whole runs, as observed.

mod common;

use std::sync::Arc;

use common::world::World;
use serde_json::{Value, json};
use tradewind_core::graph::Graph;
use tradewind_core::state::TaskState;

const RULES: [&str; 7] =
    ["all_success", "none_failed", "all_done", "one_failed", "none_skipped", "all_skipped", "none_failed_min_one_success"];

/// `src`, `f` expanded over it or over a literal list, and an instant task for each rule after `f`.
fn over(length: &Value, rule: &str) -> Arc<Graph> {
    let mut tasks = vec![json!({"task_id": "f", "trigger_rule": rule, "mapped": {"length": length}})];
    let ids: Vec<String> = RULES.iter().map(|rule| format!("d_{rule}")).collect();
    tasks.extend(RULES.iter().zip(&ids).map(|(rule, id)| json!({"task_id": id, "trigger_rule": rule, "instant": true})));
    let mut edges: Vec<(&str, &str)> = ids.iter().map(|id| ("f", id.as_str())).collect();
    if length["task"] == "src" {
        tasks.push(json!({"task_id": "src", "mapped_over_by": true}));
        edges.push(("src", "f"));
    }
    common::graph(tasks, &edges, &json!({}))
}

/// The rules whose task ran, in order.
fn ran(world: &World) -> Vec<&'static str> {
    let ran = |rule: &&str| world.row(&format!("d_{rule}"), -1).state == Some(TaskState::Success);
    RULES.into_iter().filter(|rule| ran(rule)).collect()
}

#[test]
fn an_empty_list_is_one_skipped_instance() {
    let world = World::new(&over(&json!({"literal": 0}), "all_success"));
    assert_eq!(world.row("f", -1).state, Some(TaskState::Skipped));
    assert_eq!(ran(&world), ["none_failed", "all_done", "all_skipped"]);
    assert_eq!(world.ended(), "success (success)");
}

#[test]
fn a_skipped_source_skips_whatever_the_rule() {
    for rule in ["all_success", "all_done", "none_failed", "all_skipped"] {
        let mut world = World::new(&over(&json!({"task": "src"}), rule));
        world.end("src", -1, TaskState::Skipped, None);
        assert_eq!(world.row("f", -1).state, Some(TaskState::Skipped), "{rule}");
        assert_eq!(ran(&world), ["none_failed", "all_done", "all_skipped"]);
    }
}

#[test]
fn a_failed_source_fails_whatever_the_rule() {
    for rule in ["all_success", "all_done", "none_failed", "all_skipped"] {
        let mut world = World::new(&over(&json!({"task": "src"}), rule));
        world.fail("src");
        assert_eq!(world.row("f", -1).state, Some(TaskState::UpstreamFailed), "{rule}");
    }
}

#[test]
fn a_source_that_gave_nothing_fails_what_is_expanded_over_it() {
    let mut world = World::new(&over(&json!({"task": "src"}), "all_success"));
    world.succeed("src");
    assert_eq!(world.row("f", -1).state, Some(TaskState::UpstreamFailed));
}

#[test]
fn instances_count_one_by_one_for_what_follows() {
    let mut world = World::new(&over(&json!({"literal": 3}), "all_success"));
    assert_eq!(world.ready(), ["f[0]", "f[1]", "f[2]"]);
    world.end("f", 0, TaskState::Success, None);
    world.end("f", 1, TaskState::Failed, None);
    assert_eq!(world.row("d_all_success", -1).state, Some(TaskState::UpstreamFailed), "certain before f[2] has ended");
    world.end("f", 2, TaskState::Success, None);
    assert_eq!(ran(&world), ["all_done", "one_failed", "none_skipped"]);
    assert_eq!(world.ended(), "failed (task_failure)");
}

#[test]
fn one_skipped_instance_skips_only_what_asks_for_all() {
    let mut world = World::new(&over(&json!({"task": "src"}), "all_success"));
    assert!(world.ready() == ["src"]);
    world.end("src", -1, TaskState::Success, Some(3));
    assert_eq!(world.ready(), ["f[0]", "f[1]", "f[2]"]);
    world.end("f", 0, TaskState::Success, None);
    world.end("f", 1, TaskState::Skipped, None);
    world.end("f", 2, TaskState::Success, None);
    assert_eq!(ran(&world), ["none_failed", "all_done", "none_failed_min_one_success"]);
    assert_eq!(world.ended(), "success (success)");
}

#[test]
fn expanding_replaces_the_row_that_waited() {
    let mut world = World::new(&over(&json!({"task": "src"}), "all_success"));
    assert_eq!(world.row("f", -1).state, None);
    assert!(
        world
            .why("f", -1)
            .contains(&"Mapped dependencies have succeeded: it is expanded over what `src` gives, which has not ended".to_owned())
    );
    world.end("src", -1, TaskState::Success, Some(2));
    assert_eq!(world.plan.deleted.len(), 1);
    assert_eq!(world.plan.created.len(), 2);
    assert!(world.plan.created.iter().all(|new| new.state == Some(TaskState::Scheduled)), "inserted as decided");
}

/// `g` is expanded over two values; `two` and `always` follow `one` index by index; `end` follows all.
fn group() -> Arc<Graph> {
    let tasks = vec![
        json!({"task_id": "src", "mapped_over_by": true}),
        json!({"task_id": "g.one", "group": "g"}),
        json!({"task_id": "g.two", "group": "g"}),
        json!({"task_id": "g.always", "group": "g", "trigger_rule": "none_failed"}),
        json!({"task_id": "end", "trigger_rule": "all_done"}),
    ];
    let edges = [("src", "g.one"), ("g.one", "g.two"), ("g.one", "g.always"), ("g.two", "end"), ("g.always", "end"), ("src", "g.two")];
    common::graph(tasks, &edges, &json!({"groups": [{"group_id": "g", "mapped": {"length": {"task": "src"}}}]}))
}

#[test]
fn inside_a_mapped_group_an_index_looks_at_its_own() {
    let mut world = World::new(&group());
    world.end("src", -1, TaskState::Success, Some(2));
    assert_eq!(world.ready(), ["g.one[0]", "g.one[1]"]);
    world.end("g.one", 1, TaskState::Success, None);
    assert_eq!(world.ready(), ["g.two[1]", "g.always[1]"]);
    world.end("g.one", 0, TaskState::Skipped, None);
    assert_eq!(world.ready(), ["g.always[0]"]);
    assert_eq!(world.row("g.two", 0).state, Some(TaskState::Skipped));
    for (task, map_index) in [("g.two", 1), ("g.always", 0), ("g.always", 1)] {
        world.reload();
        assert_eq!(world.row("end", -1).state, None);
        world.end(task, map_index, TaskState::Success, None);
    }
    assert_eq!(world.ready(), ["end"]);
}

#[test]
fn a_group_over_nothing_is_skipped() {
    let mut world = World::new(&group());
    world.end("src", -1, TaskState::Success, Some(0));
    assert_eq!(world.states(), "end:scheduled g.always:skipped g.one:skipped g.two:skipped src:success");
}

#[test]
fn a_source_that_runs_again_with_another_length_adds_and_removes() {
    let graph = common::graph(
        vec![json!({"task_id": "src", "mapped_over_by": true}), json!({"task_id": "f", "mapped": {"length": {"task": "src"}}})],
        &[("src", "f")],
        &json!({}),
    );
    let mut world = World::new(&graph);
    world.end("src", -1, TaskState::Success, Some(3));
    for map_index in 0..3 {
        world.end("f", map_index, TaskState::Success, None);
    }
    assert_eq!(world.ended(), "success (success)");
    for (length, expect) in [(1, "f[0]:scheduled f[1]:removed f[2]:removed"), (2, "f[0]:scheduled f[1]:scheduled f[2]:removed")] {
        for (task, map_index) in [("src", -1), ("f", 0), ("f", 1), ("f", 2)] {
            if world.row(task, map_index).state != Some(TaskState::Removed) {
                world.clear(task, map_index);
            }
        }
        world.restart();
        world.end("src", -1, TaskState::Success, Some(length));
        assert_eq!(world.states(), format!("{expect} src:success"));
        for map_index in 0..i32::try_from(length).expect("small") {
            world.end("f", map_index, TaskState::Success, None);
        }
        assert_eq!(world.ended(), "success (success)");
    }
    // The source alone: what has ended stays, what was removed is back.
    world.clear("src", -1);
    world.restart();
    world.end("src", -1, TaskState::Success, Some(3));
    assert_eq!(world.states(), "f[0]:success f[1]:success f[2]:scheduled src:success");
}

#[test]
fn a_list_over_an_expanded_task_has_what_its_instances_gave() {
    let tasks = vec![
        json!({"task_id": "a", "mapped": {"length": {"literal": 3}}, "mapped_over_by": true}),
        json!({"task_id": "b", "mapped": {"length": {"task": "a"}}, "trigger_rule": "none_failed"}),
    ];
    let mut world = World::new(&common::graph(tasks, &[("a", "b")], &json!({})));
    world.end("a", 0, TaskState::Success, Some(1));
    world.end("a", 1, TaskState::Skipped, None);
    assert_eq!(world.row("b", -1).state, None);
    world.end("a", 2, TaskState::Success, Some(1));
    assert_eq!(world.ready(), ["b[0]", "b[1]"]);
}

#[test]
fn an_absurd_product_is_refused() {
    let length = json!({"product": [{"literal": 1000}, {"literal": 1000}]});
    for length in [length, json!({"literal": 4_000_000_000_u32})] {
        let world = World::new(&over(&length, "all_success"));
        assert_eq!(world.row("f", -1).state, Some(TaskState::UpstreamFailed));
        let new = world.plan.created.iter().find(|new| &*new.task_id == "f").expect("the row");
        assert_eq!(new.reason, "it would be expanded into more than 100000 instances");
    }
}
