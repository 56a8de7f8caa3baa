use serde_json::{Value, json};
use tradewind_queue::{Change, RunChange};

use crate::harness::Harness;
use crate::seed;

const RUNS: &str = "/api/v2/dags/alpha/dagRuns";

async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    harness
}

fn ids(body: &Value) -> Vec<&str> {
    body["dag_runs"].as_array().unwrap().iter().map(|run| run["dag_run_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_run_has_all_fields_of_the_reference_in_order() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "manual__2024-01-01T00:00:00+00:00", "running").await;
    let mut run = harness.get(&format!("{RUNS}/manual__2024-01-01T00:00:00+00:00")).await.expect(200);
    let version = run["dag_versions"][0]["id"].take();
    assert_eq!(version.as_str().unwrap().len(), 36);
    let expected = json!({
        "dag_run_id": "manual__2024-01-01T00:00:00+00:00", "dag_id": "alpha", "logical_date": null,
        "queued_at": "2023-11-14T22:13:20Z", "start_date": "2023-11-14T22:13:21Z", "end_date": null, "duration": null,
        "data_interval_start": null, "data_interval_end": null, "run_after": "2023-11-14T22:13:20Z", "last_scheduling_decision": null,
        "run_type": "manual", "state": "running", "triggered_by": null, "triggering_user_name": null, "conf": {"k": 1}, "note": null,
        "dag_versions": [{
            "id": null, "version_number": 1, "dag_id": "alpha", "bundle_name": "dags-folder", "bundle_version": null,
            "created_at": "2023-11-14T22:13:20Z", "dag_display_name": "alpha", "bundle_url": null,
        }],
        "bundle_version": null, "dag_display_name": "alpha", "partition_key": null, "partition_date": null,
    });
    assert_eq!(run.to_string(), expected.to_string());
    let missing = harness.get(&format!("{RUNS}/zzz")).await.expect(404);
    assert_eq!(missing["detail"], "The DagRun with dag_id: `alpha` and run_id: `zzz` was not found");
}

#[tokio::test]
async fn a_trigger_makes_a_queued_run_and_tells_the_scheduler() {
    let harness = start().await;
    let mut changes = harness.changes.subscribe();
    let run = harness.post(RUNS, json!({"logical_date": null, "conf": {"n": 5, "free": [1]}, "note": "hello"})).await.expect(200);
    assert_eq!((&run["state"], &run["run_type"], &run["triggered_by"]), (&json!("queued"), &json!("manual"), &json!("rest_api")));
    assert_eq!(run["triggering_user_name"], "admin");
    assert_eq!((&run["logical_date"], &run["data_interval_start"]), (&Value::Null, &Value::Null));
    assert_eq!(run["conf"], json!({"n": 5, "free": [1]}));
    let run_after = run["run_after"].as_str().unwrap().replace('Z', "+00:00");
    assert_eq!(run["dag_run_id"].as_str().unwrap(), format!("manual__{run_after}"));
    assert!(matches!(changes.try_recv(), Ok(Change::RunQueued { dag_id, .. }) if dag_id == "alpha"));
    let again = harness.get(&format!("{RUNS}/{}", run["dag_run_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(again, run);
}

#[tokio::test]
async fn a_logical_date_gives_the_interval_of_the_timetable() {
    let harness = start().await;
    let run = harness.post(RUNS, json!({"logical_date": "2024-03-05T12:00:00+09:00"})).await.expect(200);
    assert_eq!(run["logical_date"], "2024-03-05T03:00:00Z");
    // 02:00 in Seoul is 17:00 UTC of the day before.
    assert_eq!((&run["data_interval_start"], &run["data_interval_end"]), (&json!("2024-03-03T17:00:00Z"), &json!("2024-03-04T17:00:00Z")));
    let double = harness.post(RUNS, json!({"logical_date": "2024-03-05T03:00:00Z"})).await.expect(409);
    assert_eq!(double["detail"]["reason"], "Unique constraint violation");
    assert_eq!((&double["detail"]["statement"], &double["detail"]["orig_error"]), (&json!("hidden"), &json!("hidden")));
    let own = json!({
        "logical_date": "2024-04-01T00:00:00Z", "data_interval_start": "2024-03-01T00:00:00Z", "data_interval_end": "2024-03-31T00:00:00Z",
        "dag_run_id": "mine",
    });
    let run = harness.post(RUNS, own).await.expect(200);
    assert_eq!((&run["dag_run_id"], &run["data_interval_start"]), (&json!("mine"), &json!("2024-03-01T00:00:00Z")));
}

#[tokio::test]
async fn triggers_that_cannot_be_say_why() {
    let harness = start().await;
    for (body, status, text) in [
        (json!({}), 422, "Field required"),
        (json!({"logical_date": "2024-01-01T00:00:00"}), 422, "timezone_aware"),
        (json!({"logical_date": null, "data_interval_start": "2024-01-01T00:00:00Z"}), 422, "Either both"),
        (json!({"logical_date": null, "execution_date": null}), 422, "extra_forbidden"),
        (json!({"logical_date": null, "conf": []}), 422, "dict_type"),
        (json!({"logical_date": null, "note": "x".repeat(1001)}), 422, "string_too_long"),
        (json!({"logical_date": null, "conf": {"n": "x"}}), 400, "Invalid input for param n"),
        (json!({"logical_date": null, "dag_run_id": "a b"}), 400, "does not match"),
        (json!({"logical_date": null, "dag_run_id": "a..b"}), 400, "'..'"),
        (json!({"logical_date": null, "dag_run_id": "scheduled__2024"}), 400, "reserved for scheduled runs"),
        (json!({"logical_date": null, "partition_key": "k"}), 400, "partition"),
    ] {
        let detail = harness.post(RUNS, body.clone()).await.expect(status)["detail"].to_string();
        assert!(detail.contains(text), "{body}: {detail}");
    }
    harness.post("/api/v2/dags/zzz/dagRuns", json!({"logical_date": null})).await.expect(404);
    seed::run(harness.store(), "UPDATE dag SET has_import_errors = 1", vec![]).await;
    harness.post(RUNS, json!({"logical_date": null})).await.expect(400);
}

#[tokio::test]
async fn lists_are_filtered_for_one_dag_or_all() {
    let harness = start().await;
    seed::dag(harness.store(), &seed::chain("beta")).await;
    for (dag, run, state) in [("alpha", "r1", "success"), ("alpha", "r2", "failed"), ("beta", "r3", "queued")] {
        seed::dag_run(harness.store(), dag, run, state).await;
    }
    assert_eq!(ids(&harness.get(RUNS).await.expect(200)), ["r1", "r2"]);
    for (filter, expected) in [
        ("order_by=-id", vec!["r3", "r2", "r1"]),
        ("state=failed&state=queued", vec!["r2", "r3"]),
        ("run_id_pattern=2", vec!["r2"]),
        ("dag_id_prefix_pattern=be", vec!["r3"]),
        ("run_type=scheduled", vec![]),
        ("run_after_gte=2023-11-14T22:13:20Z&limit=1", vec!["r1"]),
        ("run_after_gt=2023-11-14T22:13:20Z", vec![]),
        ("conf_contains=k", vec!["r1", "r2", "r3"]),
        ("dag_version=2", vec![]),
        ("duration_gte=1", vec![]),
    ] {
        assert_eq!(ids(&harness.get(&format!("/api/v2/dags/~/dagRuns?{filter}")).await.expect(200)), expected, "{filter}");
    }
    let batch = harness.post("/api/v2/dags/~/dagRuns/list", json!({"dag_ids": ["beta"], "states": ["queued", null]})).await.expect(200);
    assert_eq!((ids(&batch), &batch["next_cursor"]), (vec!["r3"], &Value::Null));
    let bad = harness.post("/api/v2/dags/~/dagRuns/list", json!({"states": ["bogus"], "page_limit": -1})).await.expect(422);
    assert_eq!((&bad["detail"][0]["type"], &bad["detail"][0]["loc"]), (&json!("enum"), &json!(["body", "states", 0])));
    assert_eq!(bad["detail"][1]["type"], "greater_than_equal");
    harness.get("/api/v2/dags/zzz/dagRuns").await.expect(404);
    assert!(
        harness.get(&format!("{RUNS}?state=bogus")).await.expect(422)["detail"].as_str().unwrap().starts_with("Invalid value for state")
    );
}

#[tokio::test]
async fn marking_a_run_ends_its_tasks() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    for (task, state) in [("a", Some("success")), ("b", Some("running")), ("c", None)] {
        seed::task(harness.store(), "alpha", "r1", task, -1, state).await;
    }
    let mut changes = harness.changes.subscribe();
    let run = harness.patch(&format!("{RUNS}/r1"), json!({"state": "failed", "note": "enough"})).await.expect(200);
    assert_eq!((&run["state"], &run["note"]), (&json!("failed"), &json!("enough")));
    assert!(run["end_date"].is_string());
    let tasks = harness.get(&format!("{RUNS}/r1/taskInstances")).await.expect(200);
    let states: Vec<&Value> = tasks["task_instances"].as_array().unwrap().iter().map(|task| &task["state"]).collect();
    assert_eq!(states, [&json!("success"), &json!("failed"), &json!("skipped")]);
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        told.push(change);
    }
    assert!(told.iter().any(|change| matches!(change, Change::Run { seq: 1, what: RunChange::Reload, .. })), "{told:?}");
    assert_eq!(harness.patch(&format!("{RUNS}/r1"), json!({"state": "running"})).await.expect(422)["detail"][0]["type"], "enum");
}

#[tokio::test]
async fn a_run_set_to_queued_begins_anew() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r1", "failed").await;
    for task in ["a", "b"] {
        seed::task(harness.store(), "alpha", "r1", task, -1, Some("failed")).await;
    }
    let run = harness.patch(&format!("{RUNS}/r1?update_mask=state"), json!({"state": "queued", "note": "not this"})).await.expect(200);
    assert_eq!((&run["state"], &run["note"], &run["start_date"]), (&json!("queued"), &Value::Null, &Value::Null));
    let task = harness.get(&format!("{RUNS}/r1/taskInstances/a")).await.expect(200);
    assert_eq!((&task["state"], &task["try_number"], &task["max_tries"]), (&Value::Null, &json!(1), &json!(3)));
}

#[tokio::test]
async fn running_runs_are_not_deleted_and_others_are() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::dag_run(harness.store(), "alpha", "r2", "success").await;
    harness.delete(&format!("{RUNS}/r1")).await.expect(409);
    harness.delete(&format!("{RUNS}/r2")).await.expect(204);
    harness.delete(&format!("{RUNS}/r2")).await.expect(404);
}

#[tokio::test]
async fn waiting_tells_the_state_until_the_end_with_results() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r1", "success").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("success")).await;
    let xcom = "INSERT INTO xcom (run_pk, task_id, map_index, key, value, timestamp) SELECT id, 'a', -1, 'return_value', '{\"x\":1}', 0 FROM dag_run";
    seed::run(harness.store(), xcom, vec![]).await;
    let answer = harness.get(&format!("{RUNS}/r1/wait?interval=0.01&result=a&result=b")).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    assert_eq!(answer.text, "{\"state\":\"success\",\"results\":{\"a\":{\"x\":1}}}\n");
    harness.get(&format!("{RUNS}/zzz/wait?interval=1")).await.expect(404);
    assert_eq!(harness.get(&format!("{RUNS}/r1/wait?interval=0")).await.expect(422)["detail"][0]["type"], "greater_than");
    assert_eq!(harness.get(&format!("{RUNS}/r1/wait")).await.expect(422)["detail"][0]["type"], "missing");
}
