//! Stories of whole runs.

mod common;

use std::sync::Arc;

use common::world::{World, facts};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tradewind_core::graph::Graph;
use tradewind_core::plan::{Effect, EndReason, Event, PreviousRun};
use tradewind_core::state::{RunState, TaskState};

fn chain(ids: &[&str], more: &Value) -> Arc<Graph> {
    let tasks = ids.iter().map(|id| json!({"task_id": id})).collect();
    let edges: Vec<(&str, &str)> = ids.windows(2).map(|pair| (pair[0], pair[1])).collect();
    common::graph(tasks, &edges, more)
}

#[test]
fn a_new_run_creates_its_rows_with_what_was_decided() {
    let world = World::new(&chain(&["a", "b"], &json!({})));
    let created: Vec<_> = world.plan.created.iter().map(|new| (&*new.task_id, new.state)).collect();
    assert_eq!(created, [("a", Some(TaskState::Scheduled)), ("b", None)]);
    assert!(world.plan.transitions.is_empty());
    assert_eq!(world.ready(), ["a"]);
}

#[test]
fn a_run_that_has_not_started_only_gets_its_rows() {
    let mut queued = facts();
    (queued.state, queued.start_date) = (RunState::Queued, None);
    let mut world = World::with(&chain(&["a", "b"], &json!({})), queued, None);
    assert_eq!((world.plan.created.len(), world.ready().len()), (2, 0));
    assert_eq!(world.why("a", -1), ["Dagrun Running: the dag run `run` is queued: it has not started"]);
    world.restart();
    assert_eq!(world.ready(), ["a"]);
}

#[test]
fn an_empty_dag_is_a_success() {
    assert_eq!(World::new(&chain(&[], &json!({}))).ended(), "success (success)");
}

#[test]
fn instant_tasks_cascade_in_one_call() {
    let tasks = (0..1000).map(|at| json!({"task_id": format!("t{at:03}"), "instant": true})).collect();
    let ids: Vec<String> = (0..1000).map(|at| format!("t{at:03}")).collect();
    let edges: Vec<(&str, &str)> = ids.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
    let world = World::new(&common::graph(tasks, &edges, &json!({})));
    assert_eq!(world.ended(), "success (success)");
    let last = world.row("t999", -1);
    assert_eq!((last.try_number, last.start_date, last.end_date), (1, Some(world.now), Some(world.now)));
}

#[test]
fn a_retry_waits_for_its_time() {
    let mut world = World::new(&chain(&["a", "b"], &json!({})));
    let at = world.now + SignedDuration::from_secs(60);
    world.change("a", -1, &[], |row| (row.state, row.retry_at) = (Some(TaskState::UpForRetry), Some(at)));
    assert_eq!(world.run.wake_at(), Some(at));
    assert_eq!(world.why("a", -1), ["Not In Retry Period: it waits to be retried at 1970-01-01T00:01:00Z"]);
    world.seconds_later(59);
    assert!(world.ready().is_empty());
    world.reload();
    world.seconds_later(1);
    assert_eq!(world.ready(), ["a"]);
    assert_eq!(world.run.wake_at(), None);
    world.succeed("a");
    assert_eq!(world.ready(), ["b"]);
}

#[test]
fn what_is_scheduled_is_ready_again_after_a_reload() {
    let mut world = World::new(&chain(&["a", "b"], &json!({})));
    world.reload();
    assert_eq!(world.ready(), ["a"]);
    assert!(world.plan.transitions.is_empty());
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Queued));
    world.reload();
    assert!(world.ready().is_empty());
    // The machinery lost its attempt.
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Scheduled));
    assert_eq!(world.ready(), ["a"]);
}

fn branch() -> Arc<Graph> {
    let tasks = vec![
        json!({"task_id": "br"}),
        json!({"task_id": "a"}),
        json!({"task_id": "b"}),
        json!({"task_id": "join", "trigger_rule": "none_failed_min_one_success"}),
    ];
    common::graph(tasks, &[("br", "a"), ("br", "b"), ("a", "join"), ("b", "join")], &json!({}))
}

#[test]
fn a_branch_skips_and_skips_again_after_a_clear() {
    let mut world = World::new(&branch());
    world.branch("br", &["b"]);
    assert_eq!(world.ready(), ["a"]);
    assert_eq!(world.row("b", -1).state, Some(TaskState::Skipped));
    world.succeed("a");
    world.succeed("join");
    assert_eq!(world.ended(), "success (success)");
    for reload in [false, true] {
        world.clear("b", -1);
        world.restart();
        if reload {
            world.reload();
        }
        assert_eq!(world.row("b", -1).state, Some(TaskState::Skipped));
        assert_eq!(world.facts.state, RunState::Success);
    }
    // With the branch itself cleared, nothing is chosen yet.
    world.clear("br", -1);
    world.clear("b", -1);
    world.restart();
    assert_eq!(world.row("b", -1).state, None);
    world.branch("br", &["a"]);
    assert_eq!(world.ready(), ["b"], "a has ended and stays");
}

fn past(state: Option<TaskState>, after: Option<TaskState>) -> Option<PreviousRun> {
    let states = vec![("a".into(), -1, state), ("b".into(), -1, after)];
    Some(PreviousRun { run_id: "scheduled__1".into(), states, ran_before: vec!["a".into(), "b".into()] })
}

#[test]
fn a_failed_predecessor_holds_the_run_without_a_deadlock() {
    let graph = common::graph(vec![json!({"task_id": "a", "depends_on_past": true}), json!({"task_id": "b"})], &[("a", "b")], &json!({}));
    let mut world = World::with(&graph, facts(), past(Some(TaskState::Failed), None));
    assert_eq!((world.states().as_str(), world.ended().as_str()), ("", "open"));
    assert_eq!(
        world.why("a", -1),
        [
            "Previous Dagrun State: depends_on_past is set, and `a` of the run before this one (`scheduled__1`) is failed; it must be success or skipped"
        ]
    );
    world.on(Event::Past(past(None, None)));
    assert!(world.ready().is_empty(), "it runs again there");
    world.on(Event::Past(past(Some(TaskState::Success), None)));
    assert_eq!(world.ready(), ["a"]);
}

#[test]
fn a_missing_predecessor_holds_unless_the_task_is_new() {
    for (ignore, ran_before, runs) in [(false, false, false), (true, true, false), (true, false, true)] {
        let task = json!({"task_id": "a", "depends_on_past": true, "ignore_first_depends_on_past": ignore});
        let past =
            PreviousRun { run_id: "before".into(), states: Vec::new(), ran_before: if ran_before { vec!["a".into()] } else { Vec::new() } };
        let world = World::with(&common::graph(vec![task], &[], &json!({})), facts(), Some(past));
        assert_eq!(world.ready().len(), usize::from(runs), "ignore {ignore}, ran before {ran_before}");
    }
}

#[test]
fn wait_for_downstream_looks_one_step_further() {
    let graph =
        common::graph(vec![json!({"task_id": "a", "wait_for_downstream": true}), json!({"task_id": "b"})], &[("a", "b")], &json!({}));
    for (after, runs) in [(Some(TaskState::Failed), 0), (None, 0), (Some(TaskState::Skipped), 1)] {
        let world = World::with(&graph, facts(), past(Some(TaskState::Success), after));
        assert_eq!(world.ready().len(), runs, "{after:?}");
    }
    assert_eq!(World::new(&graph).ready(), ["a"], "the first run has no past");
    assert_eq!(graph.past_tasks().len(), 2);
}

#[test]
fn a_skip_can_wait_for_the_past() {
    for (waits, state) in [(true, None), (false, Some(TaskState::Skipped))] {
        let b = json!({"task_id": "b", "depends_on_past": true, "wait_for_past_depends_before_skipping": waits});
        let graph = common::graph(vec![json!({"task_id": "a"}), b], &[("a", "b")], &json!({}));
        let mut world = World::with(&graph, facts(), past(Some(TaskState::Success), Some(TaskState::Failed)));
        world.end("a", -1, TaskState::Skipped, None);
        assert_eq!(world.row("b", -1).state, state);
        world.on(Event::Past(past(Some(TaskState::Success), Some(TaskState::Success))));
        assert_eq!(world.row("b", -1).state, Some(TaskState::Skipped));
    }
}

#[test]
fn fail_fast_ends_the_others_but_not_the_teardown() {
    let tasks = vec![
        json!({"task_id": "bad"}),
        json!({"task_id": "after_bad"}),
        json!({"task_id": "slow"}),
        json!({"task_id": "after_slow"}),
        json!({"task_id": "waits"}),
        json!({"task_id": "td", "is_teardown": true, "trigger_rule": "all_done_setup_success"}),
    ];
    let edges = [("bad", "after_bad"), ("slow", "after_slow"), ("after_slow", "td")];
    let mut world = World::new(&common::graph(tasks, &edges, &json!({"fail_fast": true})));
    world.change("slow", -1, &[], |row| row.state = Some(TaskState::Running));
    world.change("waits", -1, &[], |row| row.state = Some(TaskState::Queued));
    world.fail("bad");
    assert_eq!(world.states(), "after_bad:skipped after_slow:skipped bad:failed slow:failed td:scheduled waits:skipped");
    let killed = world.plan.effects.iter().filter_map(|effect| match effect {
        Effect::Kill { task_id, .. } => Some(&**task_id),
        Effect::DagCallback { .. } => None,
    });
    assert_eq!(killed.collect::<Vec<_>>(), ["slow", "waits"]);
    world.succeed("td");
    assert_eq!(world.ended(), "success (success)", "by its leaves, as observed");
}

#[test]
fn a_cleared_fail_fast_run_runs() {
    let tasks = vec![json!({"task_id": "bad"}), json!({"task_id": "other"})];
    let mut world = World::new(&common::graph(tasks, &[], &json!({"fail_fast": true})));
    world.fail("bad");
    assert_eq!(world.ended(), "failed (task_failure)");
    world.clear("other", -1);
    world.restart();
    world.reload();
    assert_eq!(world.ready(), ["other"], "the failure is from before the run was started again");
}

#[test]
fn a_run_over_its_time_is_failed_and_its_tasks_skipped() {
    let graph = chain(&["slow", "after"], &json!({"dagrun_timeout": 4.0, "has_on_failure_callback": true}));
    let mut world = World::new(&graph);
    world.change("slow", -1, &[], |row| row.state = Some(TaskState::Running));
    assert_eq!(world.run.wake_at(), Some(world.now + SignedDuration::from_secs(4)));
    world.seconds_later(3);
    assert_eq!(world.ended(), "open");
    world.seconds_later(1);
    assert_eq!(world.ended(), "failed (timed_out)");
    assert_eq!(world.states(), "after:skipped slow:skipped");
    assert!(world.plan.effects.contains(&Effect::DagCallback { success: false, reason: EndReason::TimedOut }));
    assert!(world.plan.effects.iter().any(|effect| matches!(effect, Effect::Kill { task_id, .. } if &**task_id == "slow")));
    assert_eq!(world.run.wake_at(), None);
}

#[test]
fn a_run_that_nothing_can_move_is_deadlocked() {
    let tasks = vec![json!({"task_id": "a"}), json!({"task_id": "b", "trigger_rule": "all_skipped"})];
    let mut world = World::new(&common::graph(tasks, &[("a", "b")], &json!({})));
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Running));
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Removed));
    // The row is removed though the DAG has the task; the next load brings it back.
    assert_eq!(world.ended(), "failed (all_tasks_deadlocked)");
    assert_eq!(world.why("b", -1)[1], "Trigger Rule: trigger rule `all_skipped`: of 1 upstream task instance: 1 removed (`a` is removed)");
}

#[test]
fn tasks_come_and_go_with_the_dag() {
    let mut world = World::new(&chain(&["a", "b", "c"], &json!({})));
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Running));
    world.on(Event::Graph(chain(&["b", "d"], &json!({}))));
    assert_eq!(world.states(), "a:running b:scheduled c:removed", "a process ends by itself");
    assert_eq!(world.plan.created.len(), 1);
    world.succeed("b");
    world.succeed("d");
    assert_eq!(world.ended(), "open");
    world.on(Event::Graph(chain(&["a", "b", "c", "d"], &json!({}))));
    assert_eq!(world.states(), "a:running b:success c:scheduled d:success", "c is back");
    world.change("a", -1, &[], |row| row.state = Some(TaskState::Success));
    assert_eq!(world.ended(), "open");
    world.on(Event::Graph(chain(&["b", "d"], &json!({}))));
    assert_eq!(world.ended(), "success (success)");
}

#[test]
fn a_task_outside_its_dates_is_no_part_of_the_run() {
    let tasks = vec![json!({"task_id": "a", "end_date": "2024-01-31T00:00:00Z"}), json!({"task_id": "b"})];
    let graph = common::graph(tasks, &[("a", "b")], &json!({}));
    let on = |date: &str, is_backfill: bool| {
        let date: Timestamp = date.parse().expect("a time");
        World::with(&graph, tradewind_core::plan::RunFacts { logical_date: Some(date), is_backfill, ..facts() }, None)
    };
    assert_eq!(on("2024-01-31T00:00:00Z", false).ready(), ["a"]);
    let late = on("2024-02-01T00:00:00Z", false);
    assert_eq!(late.ready(), ["b"]);
    assert_eq!(late.why("a", -1), ["Logical Date: the logical date of the run is after the task's end date 2024-01-31T00:00:00Z"]);
    assert_eq!(on("2024-02-01T00:00:00Z", true).ready(), ["a"]);
}

#[test]
fn reasons_are_in_words() {
    let tasks = vec![json!({"task_id": "a"}), json!({"task_id": "b"}), json!({"task_id": "c"})];
    let mut world = World::new(&common::graph(tasks, &[("a", "c"), ("b", "c")], &json!({})));
    world.succeed("a");
    assert_eq!(
        world.why("c", -1),
        ["Trigger Rule: trigger rule `all_success`: of 2 upstream task instances: 1 succeeded, 1 not finished (`b` is scheduled)"]
    );
    assert_eq!(world.why("a", -1), ["Task Instance State: it has ended: its state is `success`"]);
    assert!(world.why("b", -1).is_empty(), "it is scheduled");
    assert_eq!(world.why("c", 3), ["Task has been mapped: `c` is not a mapped task: it has no map index 3"]);
    assert_eq!(world.why("nope", -1), ["Task: the DAG `dag` has no task `nope`"]);
}

#[test]
fn the_same_news_twice_changes_nothing() {
    let mut world = World::new(&chain(&["a", "b"], &json!({})));
    world.succeed("a");
    let row = world.row("a", -1).clone();
    world.on(Event::Task { row, skip: Vec::new() });
    assert!(world.plan.is_empty());
    world.on(Event::Timer);
    assert!(world.plan.is_empty());
}
