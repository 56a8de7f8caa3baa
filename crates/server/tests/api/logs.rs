use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

const LOG: &str = "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/logs/1";

async fn start(state: &str, lines: &[&str]) -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some(state)).await;
    if !lines.is_empty() {
        let folder = harness.folder().join("logs/dag_id=alpha/run_id=r1/task_id=a");
        std::fs::create_dir_all(&folder).unwrap();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(folder.join("attempt=1.log"), text).unwrap();
    }
    harness
}

fn events(body: &Value) -> Vec<&str> {
    body["content"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_finished_log_comes_whole_after_its_sources() {
    let harness = start("success", &[r#"{"timestamp":"2026-01-01T00:00:00Z","level":"info","event":"hello"}"#, "raw text"]).await;
    let log = harness.get(LOG).await.expect(200);
    assert_eq!(events(&log), ["::group::Log message source details", "::endgroup::", "hello", "raw text"]);
    assert_eq!(log["content"][0]["sources"], json!(["dag_id=alpha/run_id=r1/task_id=a/attempt=1.log"]));
    assert_eq!((&log["content"][2]["level"], &log["continuation_token"]), (&json!("info"), &Value::Null));
}

#[tokio::test]
async fn a_running_log_goes_on_at_its_token() {
    let harness = start("running", &[r#"{"event":"one"}"#]).await;
    let log = harness.get(LOG).await.expect(200);
    let token = log["continuation_token"].as_str().unwrap();
    let path = harness.folder().join("logs/dag_id=alpha/run_id=r1/task_id=a/attempt=1.log");
    std::fs::write(&path, "{\"event\":\"one\"}\n{\"event\":\"two\"}\n").unwrap();
    let rest = harness.get(&format!("{LOG}?token={token}")).await.expect(200);
    assert_eq!(events(&rest), ["two"]);
    let all = harness.get(&format!("{LOG}?full_content=true")).await.expect(200);
    assert_eq!(events(&all).len(), 4);
    harness.get(&format!("{LOG}?token=nonsense")).await.expect(400);
}

#[tokio::test]
async fn lines_are_streamed_when_asked_for() {
    let harness = start("success", &[r#"{"event":"one"}"#, r#"{"event":"two"}"#]).await;
    let mut request = harness.request(Method::GET, LOG, None);
    request.headers_mut().insert(header::ACCEPT, "application/x-ndjson".parse().unwrap());
    let answer = harness.send(request).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!((lines.len(), lines[2], lines[3]), (4, r#"{"event":"one"}"#, r#"{"event":"two"}"#));
}

#[tokio::test]
async fn a_log_that_is_not_there_says_so_and_a_try_that_was_not_is_404() {
    let harness = start("running", &[]).await;
    let log = harness.get(LOG).await.expect(200);
    assert!(events(&log)[2].starts_with("There is no log file"));
    for missing in ["taskInstances/a/logs/2", "taskInstances/a/logs/0", "taskInstances/zzz/logs/1"] {
        harness.get(&format!("/api/v2/dags/alpha/dagRuns/r1/{missing}")).await.expect(404);
    }
    harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/logs/x").await.expect(422);
}
