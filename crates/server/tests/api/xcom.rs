use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

const ENTRIES: &str = "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/xcomEntries";

async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("success")).await;
    harness
}

#[tokio::test]
async fn an_entry_is_made_read_changed_and_deleted() {
    let harness = start().await;
    let made = harness.post(ENTRIES, json!({"key": "some/key", "value": {"a": [1, null]}})).await.expect(201);
    assert_eq!((&made["value"], &made["task_display_name"], &made["run_id"]), (&json!({"a": [1, null]}), &json!("Step a"), &json!("r1")));
    harness.post(ENTRIES, json!({"key": "some/key", "value": 1})).await.expect(409);
    let path = format!("{ENTRIES}/some/key");
    assert_eq!(harness.get(&path).await.expect(200), made);
    assert_eq!(harness.get(&format!("{path}?stringify=true")).await.expect(200)["value"], "{'a': [1, None]}");
    assert_eq!(harness.patch(&path, json!({"value": "x"})).await.expect(200)["value"], "x");
    let listed = harness.get(&format!("{ENTRIES}?xcom_key_prefix_pattern=some")).await.expect(200);
    assert_eq!(listed["total_entries"], 1);
    assert_eq!(listed["xcom_entries"][0].get("value"), None);
    harness.delete(&path).await.expect(204);
    harness.get(&path).await.expect(404);
    harness.delete(&path).await.expect(404);
    harness.patch(&path, json!({"value": 1})).await.expect(404);
}

#[tokio::test]
async fn entries_need_a_task_instance_and_a_valid_body() {
    let harness = start().await;
    harness.post("/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/xcomEntries", json!({"key": "k", "value": 1})).await.expect(404);
    harness.post(ENTRIES, json!({"key": "k", "value": 1, "map_index": 4})).await.expect(404);
    let detail = harness.post(ENTRIES, json!({"key": 1})).await.expect(422)["detail"].clone();
    let kinds: Vec<&Value> = detail.as_array().unwrap().iter().map(|issue| &issue["type"]).collect();
    assert_eq!(kinds, [&json!("string_type"), &json!("missing")]);
    harness.get("/api/v2/dags/zzz/dagRuns/~/taskInstances/~/xcomEntries").await.expect(404);
    assert_eq!(harness.get("/api/v2/dags/~/dagRuns/~/taskInstances/~/xcomEntries").await.expect(200)["total_entries"], 0);
}

#[tokio::test]
async fn the_event_log_names_who_did_what() {
    let harness = start().await;
    harness.post(ENTRIES, json!({"key": "k", "value": 1})).await.expect(201);
    let events = harness.get("/api/v2/eventLogs?dag_id=alpha&order_by=-event_log_id").await.expect(200);
    let event = &events["event_logs"][0];
    assert_eq!((&event["event"], &event["owner"], &event["run_id"]), (&json!("create_xcom_entry"), &json!("admin"), &json!("r1")));
    let id = event["event_log_id"].as_i64().unwrap();
    assert_eq!(harness.get(&format!("/api/v2/eventLogs/{id}")).await.expect(200), *event);
    harness.get("/api/v2/eventLogs/99").await.expect(404);
    for (filter, count) in
        [("excluded_events=create_xcom_entry", 0), ("included_events=create_xcom_entry", 1), ("before=2020-01-01T00:00:00Z", 0)]
    {
        assert_eq!(harness.get(&format!("/api/v2/eventLogs?{filter}")).await.expect(200)["total_entries"], count, "{filter}");
    }
}

#[tokio::test]
async fn jobs_show_who_lives() {
    let harness = start().await;
    let sql = "INSERT INTO job (job_type, state, lease_until, hostname, start_date, latest_heartbeat) VALUES ('SchedulerJob', 'running', ?, 'host', 0, ?)";
    let now = harness.store().now().as_microsecond();
    seed::run(harness.store(), sql, tradewind_store::params![now + 60_000_000, now]).await;
    let jobs = harness.get("/api/v2/jobs?is_alive=true&job_type=SchedulerJob").await.expect(200);
    assert_eq!((&jobs["total_entries"], &jobs["jobs"][0]["state"]), (&json!(1), &json!("running")));
    assert_eq!(harness.get("/api/v2/jobs?is_alive=false").await.expect(200)["total_entries"], 0);
    assert_eq!(harness.get("/api/v2/monitor/health").await.expect(200)["scheduler"]["status"], "healthy");
    assert_eq!(harness.get("/api/v2/tradewind/cluster").await.expect(200)["members"][0]["job_type"], "SchedulerJob");
}
