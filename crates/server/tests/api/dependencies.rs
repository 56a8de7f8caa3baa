use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

async fn start(state: &str) -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::run(harness.store(), "UPDATE dag SET is_paused = 0", vec![]).await;
    seed::dag_run(harness.store(), "alpha", "r1", state).await;
    // The run began now: its time is not over.
    let now = harness.store().now();
    seed::run(harness.store(), "UPDATE dag_run SET start_date = ?", tradewind_store::params![now]).await;
    harness
}

async fn reasons(harness: &Harness, task: &str) -> Vec<(String, String)> {
    let body = harness.get(&format!("/api/v2/dags/alpha/dagRuns/r1/taskInstances/{task}/dependencies")).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    body["dependencies"].as_array().unwrap().iter().map(|unmet| (text(&unmet["name"]), text(&unmet["reason"]))).collect()
}

#[tokio::test]
async fn the_planner_and_the_limits_say_what_is_in_the_way() {
    let harness = start("running").await;
    for (task, state) in [("a", Some("running")), ("b", None), ("c", None)] {
        seed::task(harness.store(), "alpha", "r1", task, -1, state).await;
    }
    assert_eq!(reasons(&harness, "a").await, []);
    let waiting = reasons(&harness, "b").await;
    assert_eq!(waiting[0].0, "Trigger Rule");
    assert!(waiting[0].1.contains("all_success"), "{waiting:?}");
    seed::run(harness.store(), "UPDATE task_instance SET state = 'success' WHERE task_id = 'a'", vec![]).await;
    seed::run(harness.store(), "UPDATE task_instance SET state = 'scheduled' WHERE task_id = 'b'", vec![]).await;
    assert_eq!(reasons(&harness, "b").await, []);
    for (sql, name, text) in [
        ("UPDATE pool SET slots = 0", "Pool Slots Available", "more than the pool"),
        ("DELETE FROM pool", "Pool Slots Available", "there is no pool"),
        ("UPDATE dag SET is_paused = 1", "Dag Not Paused", "is paused"),
    ] {
        seed::run(harness.store(), sql, vec![]).await;
        let held = reasons(&harness, "b").await;
        assert!(held.len() == 1 && held[0].0 == name && held[0].1.contains(text), "{held:?}");
    }
    harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/zzz/dependencies").await.expect(404);
}

#[tokio::test]
async fn a_queued_run_keeps_its_tasks_waiting() {
    let harness = start("queued").await;
    seed::run(harness.store(), "UPDATE dag SET is_paused = 1", vec![]).await;
    let names: Vec<String> = reasons(&harness, "a").await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Dagrun Running", "Dag Not Paused"]);
    let mapped = harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/0/dependencies").await.expect(200);
    assert_ne!(mapped, json!({"dependencies": []}));
}
