//! The states that a task instance went through.

use serde_json::{Value, json};
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

const PATH: &str = "/api/v2/tradewind/dags/d/dagRuns/r/taskInstances";

async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("d")).await;
    seed::dag_run(harness.store(), "d", "r", "running").await;
    harness
}

fn told(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    body["events"].as_array().unwrap().iter().map(|event| (text(&event["state"]), text(&event["why"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(state, why)| ((*state).to_owned(), (*why).to_owned())).collect()
}

#[tokio::test]
async fn tries_pauses_and_what_people_did_come_in_order() {
    let harness = start().await;
    seed::task(harness.store(), "d", "r", "a", -1, Some("failed")).await;
    seed::run(harness.store(), "UPDATE task_instance SET scheduled_at = 1, updated_at = 9", vec![]).await;
    seed::run(
        harness.store(),
        "UPDATE attempt SET queued_at = 2, start_date = 3, end_date = 4, reason = 'no such file', hostname = 'w1'",
        vec![],
    )
    .await;
    let earlier = "INSERT INTO attempt (id, run_pk, task_id, map_index, try_number, max_tries, state, queue, pool, pool_slots, queued_by, queued_at, \
        published_at, start_date, end_date, kill_requested) VALUES (?, 1, 'a', -1, 0, 2, ?, 'q', 'p', 1, 1, 0, 0, 0, ?, ?)";
    seed::run(harness.store(), earlier, params!["poke", "up_for_reschedule", 1, None::<String>]).await;
    seed::run(harness.store(), earlier, params!["lost", "lost", 1, None::<String>]).await;
    seed::run(harness.store(), earlier, params!["stopped", "cancelled", 1, "run_ended"]).await;
    let pause = "INSERT INTO task_reschedule (run_pk, task_id, map_index, try_number, start_date, end_date, reschedule_date) VALUES (1, 'a', -1, 0, 0, 1, 60000000)";
    seed::run(harness.store(), pause, vec![]).await;
    let body = harness.get(&format!("{PATH}/a/history")).await.expect(200);
    let ended: Vec<_> = told(&body).into_iter().filter(|(state, _)| !matches!(state.as_str(), "queued" | "running")).collect();
    let lost = pairs(&[
        ("lost", "its worker was lost"),
        ("up_for_reschedule", "looks again at 1970-01-01T00:01:00Z"),
        ("cancelled", "its run ended"),
    ]);
    assert!(lost.iter().all(|one| ended.contains(one)), "{ended:?}");
    assert_eq!(ended.last().unwrap(), &("failed".to_owned(), "no such file".to_owned()));
    let coded: Vec<_> = body["events"].as_array().unwrap().iter().filter(|event| !event["code"].is_null()).collect();
    let codes: Vec<_> = coded.iter().map(|event| event["code"].as_str().unwrap()).collect();
    assert!(["worker_lost", "looks_again_at", "run_ended"].iter().all(|code| codes.contains(code)) && codes.len() == 3, "{coded:?}");
    assert!(coded.iter().any(|event| event["values"] == json!({"at": "1970-01-01T00:01:00Z"})), "{coded:?}");
    let last = body["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["hostname"], &last["try_number"], &last["at"]), (&json!("w1"), &json!(1), &json!("1970-01-01T00:00:00.000004Z")));

    harness.post("/api/v2/dags/d/clearTaskInstances", json!({"dag_run_id": "r", "task_ids": ["a"], "dry_run": false})).await.expect(200);
    let cleared = told(&harness.get(&format!("{PATH}/a/history")).await.expect(200));
    assert_eq!(cleared.last().unwrap(), &("-".to_owned(), "cleared by admin".to_owned()));
    harness.patch("/api/v2/dags/d/dagRuns/r/taskInstances/a", json!({"new_state": "success"})).await.expect(200);
    let marked = told(&harness.get(&format!("{PATH}/a/history")).await.expect(200));
    let last = harness.get(&format!("{PATH}/a/history")).await.expect(200)["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["code"], &last["values"]), (&json!("marked"), &json!({"state": "success", "by": "admin"})));
    assert_eq!(marked[marked.len() - 2..], pairs(&[("-", "cleared by admin"), ("success", "marked success by admin")]));
}

#[tokio::test]
async fn states_without_an_attempt_say_where_they_come_from() {
    let harness = start().await;
    seed::task(harness.store(), "d", "r", "b", -1, Some("upstream_failed")).await;
    seed::task(harness.store(), "d", "r", "c", 3, None).await;
    let body = harness.get(&format!("{PATH}/b/history")).await.expect(200);
    assert_eq!(told(&body), pairs(&[("upstream_failed", "something before it failed")]));
    let none = harness.get(&format!("{PATH}/c/history?map_index=3")).await.expect(200);
    assert_eq!(none, json!({"events": []}));
    harness.get(&format!("{PATH}/c/history")).await.expect(404);
}
