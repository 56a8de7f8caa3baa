use serde_json::{Value, json};
use tradewind_queue::Change;

use crate::harness::Harness;
use crate::seed;

const TASKS: &str = "/api/v2/dags/alpha/dagRuns/r1/taskInstances";

/// `alpha` with run `r1`: `a` succeeded, `b` failed, `c` upstream_failed.
async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "failed").await;
    for (task, state) in [("a", "success"), ("b", "failed"), ("c", "upstream_failed")] {
        seed::task(harness.store(), "alpha", "r1", task, -1, Some(state)).await;
    }
    harness
}

fn states(body: &Value) -> Vec<(&str, i64, Option<&str>)> {
    let tasks = body["task_instances"].as_array().unwrap();
    tasks.iter().map(|task| (task["task_id"].as_str().unwrap(), task["map_index"].as_i64().unwrap(), task["state"].as_str())).collect()
}

#[tokio::test]
async fn a_task_instance_has_all_fields_of_the_reference_in_order() {
    let harness = start().await;
    let sql =
        "INSERT INTO rendered_fields (run_pk, task_id, map_index, fields) SELECT id, 'a', -1, '{\"bash_command\":\"true\"}' FROM dag_run";
    seed::run(harness.store(), sql, vec![]).await;
    let mut task = harness.get(&format!("{TASKS}/a")).await.expect(200);
    for id in ["/id", "/dag_version/id"] {
        assert_eq!(task.pointer_mut(id).unwrap().take().as_str().unwrap().len(), 36);
    }
    let expected = json!({
        "id": null, "task_id": "a", "dag_id": "alpha", "dag_run_id": "r1", "map_index": -1, "logical_date": null,
        "run_after": "2023-11-14T22:13:20Z", "start_date": "2023-11-14T22:13:22Z", "end_date": "2023-11-14T22:13:23.500000Z",
        "duration": 1.5, "state": "success", "try_number": 1, "max_tries": 2, "task_display_name": "Step a", "dag_display_name": "alpha",
        "hostname": "host", "unixname": null, "pool": "default_pool", "pool_slots": 1, "queue": "default", "priority_weight": 1,
        "operator": "PythonOperator", "operator_name": "@task", "queued_when": "2023-11-14T22:13:22Z", "scheduled_when": null,
        "pid": null, "executor": null, "executor_config": "{}", "note": null, "rendered_map_index": null,
        "rendered_fields": {"bash_command": "true"}, "trigger": null, "triggerer_job": null,
        "dag_version": {
            "id": null, "version_number": 1, "dag_id": "alpha", "bundle_name": "dags-folder", "bundle_version": null,
            "created_at": "2023-11-14T22:13:20Z", "dag_display_name": "alpha", "bundle_url": null,
        },
    });
    assert_eq!(task.to_string(), expected.to_string());
    let missing = harness.get(&format!("{TASKS}/zzz")).await.expect(404);
    assert_eq!(missing["detail"], "The Task Instance with dag_id: `alpha`, run_id: `r1`, task_id: `zzz` was not found");
}

#[tokio::test]
async fn lists_are_filtered_for_one_run_or_all() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r2", "running").await;
    seed::task(harness.store(), "alpha", "r2", "a", -1, None).await;
    let all = harness.get(TASKS).await.expect(200);
    assert_eq!(states(&all), [("a", -1, Some("success")), ("b", -1, Some("failed")), ("c", -1, Some("upstream_failed"))]);
    for (filter, count) in [
        ("state=failed&state=upstream_failed", 2),
        ("state=none", 1),
        ("task_id=a", 2),
        ("run_id_pattern=2", 1),
        ("pool=default_pool&queue=default", 4),
        ("pool=other", 0),
        ("operator=PythonOperator", 4),
        ("map_index=0", 0),
        ("duration_gte=1.5", 2),
        ("start_date_gte=2030-01-01T00:00:00Z", 0),
        ("task_display_name_pattern=B", 1),
        ("version_number=1", 4),
    ] {
        let listed = harness.get(&format!("/api/v2/dags/~/dagRuns/~/taskInstances?{filter}")).await.expect(200);
        assert_eq!(listed["total_entries"], count, "{filter}");
    }
    let batch = json!({"dag_ids": ["alpha"], "state": [null, "success"], "order_by": "-try_number", "page_limit": 1});
    let listed = harness.post("/api/v2/dags/~/dagRuns/~/taskInstances/list", batch).await.expect(200);
    assert_eq!((states(&listed), &listed["total_entries"]), (vec![("a", -1, Some("success"))], &json!(2)));
    harness.get("/api/v2/dags/alpha/dagRuns/zzz/taskInstances").await.expect(404);
    assert!(harness.get(&format!("{TASKS}?state=bogus")).await.expect(422)["detail"].is_string());
    harness.get(&format!("{TASKS}?order_by=zzz")).await.expect(400);
}

#[tokio::test]
async fn mapped_instances_have_their_own_paths() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r2", "running").await;
    for index in 0..3 {
        seed::task(harness.store(), "alpha", "r2", "b", index, Some("success")).await;
    }
    let path = "/api/v2/dags/alpha/dagRuns/r2/taskInstances/b";
    assert!(harness.get(path).await.expect(404)["detail"].as_str().unwrap().contains("add the map_index"));
    assert_eq!(harness.get(&format!("{path}/2")).await.expect(200)["map_index"], 2);
    harness.get(&format!("{path}/3")).await.expect(404);
    let listed = harness.get(&format!("{path}/listMapped?order_by=-map_index&limit=2")).await.expect(200);
    assert_eq!((states(&listed).iter().map(|task| task.1).collect::<Vec<_>>(), &listed["total_entries"]), (vec![2, 1], &json!(3)));
    harness.get("/api/v2/dags/alpha/dagRuns/r2/taskInstances/zzz/listMapped").await.expect(404);
    assert_eq!(harness.get(&format!("{path}/1/tries")).await.expect(200)["total_entries"], 1);
    assert_eq!(harness.get(&format!("{path}/1/tries/1")).await.expect(200)["map_index"], 1);
}

#[tokio::test]
async fn tries_come_in_order_and_the_current_one_last() {
    let harness = start().await;
    let earlier = "INSERT INTO attempt (id, run_pk, task_id, map_index, try_number, max_tries, state, queue, pool, pool_slots, queued_by, queued_at, published_at) \
        SELECT '0193a000-0000-7000-8000-0000000000ff', id, 'b', -1, 1, 2, 'lost', 'default', 'default_pool', 1, 1, 1, 1 FROM dag_run";
    seed::run(harness.store(), earlier, vec![]).await;
    seed::run(harness.store(), "UPDATE task_instance SET try_number = 2 WHERE task_id = 'b'", vec![]).await;
    let tries = harness.get(&format!("{TASKS}/b/tries")).await.expect(200);
    let numbers: Vec<(i64, &str)> = tries["task_instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["try_number"].as_i64().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    assert_eq!((numbers, &tries["total_entries"]), (vec![(1, "failed"), (2, "failed")], &json!(2)));
    assert_eq!(harness.get(&format!("{TASKS}/b/tries/1")).await.expect(200)["try_number"], 1);
    harness.get(&format!("{TASKS}/b/tries/7")).await.expect(404);
    assert_eq!(harness.get(&format!("{TASKS}/a/links")).await.expect(200), json!({"extra_links": {}, "total_entries": 0}));
    harness.get(&format!("{TASKS}/a/externalLogUrl/1")).await.expect(400);
}

#[tokio::test]
async fn a_marked_task_lets_what_failed_below_it_go_on() {
    let harness = start().await;
    let mut changes = harness.changes.subscribe();
    let body = harness.patch(&format!("{TASKS}/b"), json!({"new_state": "success", "note": "by hand"})).await.expect(200);
    assert_eq!(states(&body), [("b", -1, Some("success"))]);
    assert_eq!(body["task_instances"][0]["note"], "by hand");
    let after = harness.get(TASKS).await.expect(200);
    assert_eq!(states(&after), [("a", -1, Some("success")), ("b", -1, Some("success")), ("c", -1, None)]);
    assert_eq!(harness.get("/api/v2/dags/alpha/dagRuns/r1").await.expect(200)["state"], "queued");
    let mut queued = false;
    while let Ok(change) = changes.try_recv() {
        queued |= matches!(change, Change::RunQueued { .. });
    }
    assert!(queued);
    let events = harness.get("/api/v2/eventLogs?event=task_instance_success").await.expect(200);
    assert_eq!((&events["event_logs"][0]["owner"], &events["event_logs"][0]["task_id"]), (&json!("admin"), &json!("b")));
}

#[tokio::test]
async fn patches_reach_relatives_and_dry_ones_change_nothing() {
    let harness = start().await;
    let body = json!({"new_state": "failed", "include_upstream": true, "include_downstream": true});
    let dry = harness.patch(&format!("{TASKS}/b/dry_run"), body.clone()).await.expect(200);
    assert_eq!(states(&dry), [("a", -1, Some("success")), ("c", -1, Some("upstream_failed"))]);
    assert_eq!(states(&harness.get(TASKS).await.expect(200))[0].2, Some("success"));
    let done = harness.patch(&format!("{TASKS}/b"), body).await.expect(200);
    assert!(states(&done).iter().all(|task| task.2 == Some("failed")), "{done}");
    assert_eq!(states(&harness.patch(&format!("{TASKS}/b"), json!({})).await.expect(200)), [("b", -1, Some("failed"))]);
    assert_eq!(harness.patch(&format!("{TASKS}/b"), json!({"new_state": "running"})).await.expect(422)["detail"][0]["type"], "enum");
    harness.patch(&format!("{TASKS}/zzz"), json!({"new_state": "failed"})).await.expect(404);
    harness.patch(&format!("{TASKS}/b?map_index=4"), json!({"new_state": "failed"})).await.expect(404);
}

#[tokio::test]
async fn marking_a_running_task_asks_its_process_to_end() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r2", "running").await;
    seed::task(harness.store(), "alpha", "r2", "a", -1, Some("running")).await;
    harness.patch("/api/v2/dags/alpha/dagRuns/r2/taskInstances/a", json!({"new_state": "skipped"})).await.expect(200);
    assert_eq!(
        seed::count(harness.store(), "SELECT count(*) FROM attempt WHERE kill_requested = 'state_changed' AND state = 'running'").await,
        1
    );
}

const CLEAR: &str = "/api/v2/dags/alpha/clearTaskInstances";

#[tokio::test]
async fn a_clear_is_dry_and_takes_failed_ones_unless_told_otherwise() {
    let harness = start().await;
    let listed = harness.post(CLEAR, json!({})).await.expect(200);
    assert_eq!(states(&listed), [("b", -1, Some("failed")), ("c", -1, Some("upstream_failed"))]);
    assert_eq!(harness.get("/api/v2/dags/alpha/dagRuns/r1").await.expect(200)["state"], "failed");
    let cleared = harness.post(CLEAR, json!({"dry_run": false, "dag_run_id": "r1", "note": "again"})).await.expect(200);
    assert_eq!(states(&cleared), [("b", -1, None), ("c", -1, None)]);
    assert_eq!((&cleared["task_instances"][0]["max_tries"], &cleared["task_instances"][0]["note"]), (&json!(3), &json!("again")));
    assert_eq!(harness.get("/api/v2/dags/alpha/dagRuns/r1").await.expect(200)["state"], "queued");
}

#[tokio::test]
async fn a_clear_takes_named_tasks_and_their_relatives() {
    let harness = start().await;
    for (body, expected) in [
        (json!({"task_ids": ["a"], "only_failed": false}), vec!["a"]),
        (json!({"task_ids": ["a"], "only_failed": false, "include_downstream": true}), vec!["a", "b", "c"]),
        (json!({"task_ids": ["b"], "only_failed": false, "include_upstream": true}), vec!["a", "b"]),
        (json!({"task_ids": [["a", -1], ["b", 3]], "only_failed": false}), vec!["a"]),
        (json!({"only_failed": false, "only_running": true}), vec![]),
        (json!({"start_date": "2024-01-01T00:00:00Z", "end_date": "2024-02-01T00:00:00Z"}), vec![]),
    ] {
        let listed = harness.post(CLEAR, body.clone()).await.expect(200);
        assert_eq!(states(&listed).iter().map(|task| task.0).collect::<Vec<_>>(), expected, "{body}");
    }
    for (body, text) in [
        (json!({"dag_run_id": "r1", "start_date": "2024-01-01T00:00:00Z"}), "Exactly one of"),
        (json!({"task_ids": []}), "at least 1 element"),
        (json!({"task_ids": [1]}), "map index"),
        (json!({"start_date": "2024-02-01T00:00:00Z", "end_date": "2024-01-01T00:00:00Z"}), "sooner"),
        (json!({"include_subdags": true}), "extra_forbidden"),
    ] {
        let detail = harness.post(CLEAR, body).await.expect(422)["detail"].to_string();
        assert!(detail.contains(text), "{detail}");
    }
    harness.post(CLEAR, json!({"task_ids": ["zzz"]})).await.expect(404);
    harness.post(CLEAR, json!({"dag_run_id": "zzz"})).await.expect(404);
}

#[tokio::test]
async fn a_cleared_running_task_restarts_when_its_process_is_gone() {
    let harness = start().await;
    seed::dag_run(harness.store(), "alpha", "r2", "running").await;
    seed::task(harness.store(), "alpha", "r2", "a", -1, Some("running")).await;
    let body = json!({"dag_run_id": "r2", "only_failed": false, "dry_run": false});
    harness.post(CLEAR, json!({"dag_run_id": "r2", "only_failed": false, "prevent_running_task": true})).await.expect(409);
    assert_eq!(states(&harness.post(CLEAR, body).await.expect(200)), [("a", -1, Some("restarting"))]);
    assert_eq!(seed::count(harness.store(), "SELECT count(*) FROM attempt WHERE kill_requested = 'state_changed'").await, 1);
    assert_eq!(harness.get("/api/v2/dags/alpha/dagRuns/r2").await.expect(200)["state"], "running");
}

#[tokio::test]
async fn whole_runs_are_cleared() {
    let harness = start().await;
    let path = "/api/v2/dags/alpha/dagRuns/r1/clear";
    let dry = harness.post(path, json!({"only_failed": true})).await.expect(200);
    assert_eq!(states(&dry).len(), 2);
    seed::run(harness.store(), "DELETE FROM task_instance WHERE task_id = 'c'", vec![]).await;
    let new = harness.post(path, json!({"only_new": true})).await.expect(200);
    assert_eq!(new, json!({"task_instances": [{"task_id": "c", "task_display_name": "Step c"}], "total_entries": 1}));
    let run = harness.post(path, json!({"dry_run": false, "note": "once more"})).await.expect(200);
    assert_eq!((&run["state"], &run["note"]), (&json!("queued"), &json!("once more")));
    harness.post(path, json!({"only_new": true, "only_failed": true})).await.expect(422);
    let many = json!({"dry_run": false, "dag_runs": [{"dag_run_id": "r1"}]});
    let runs = harness.post("/api/v2/dags/alpha/clearDagRuns", many).await.expect(200);
    assert_eq!((&runs["total_entries"], &runs["dag_runs"][0]["state"]), (&json!(1), &json!("queued")));
    harness.post("/api/v2/dags/alpha/clearPartitions", json!({})).await.expect(400);
}

#[tokio::test]
async fn a_deleted_task_instance_is_gone() {
    let harness = start().await;
    assert_eq!(harness.delete(&format!("{TASKS}/a")).await.expect(200), Value::Null);
    harness.get(&format!("{TASKS}/a")).await.expect(404);
    harness.delete(&format!("{TASKS}/a")).await.expect(404);
}
