use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

async fn two_dags() -> Harness {
    let harness = Harness::start().await;
    for id in ["alpha", "beta"] {
        seed::dag(harness.store(), &seed::chain(id)).await;
    }
    harness
}

fn ids(body: &Value) -> Vec<&str> {
    body["dags"].as_array().unwrap().iter().map(|dag| dag["dag_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_dag_has_all_fields_of_the_reference_in_order() {
    let harness = two_dags().await;
    let mut dag = harness.get("/api/v2/dags/alpha").await.expect(200);
    let token = dag["file_token"].take();
    assert!(token.as_str().unwrap().len() > 10);
    let tag = |name: &str| json!({"name": name, "dag_id": "alpha", "dag_display_name": "alpha"});
    let expected = json!({
        "dag_id": "alpha", "dag_display_name": "alpha", "is_paused": true, "is_stale": false,
        "last_parsed_time": "2023-11-14T22:13:20.500000Z", "last_parse_duration": 0.25, "last_expired": null,
        "bundle_name": "dags-folder", "bundle_version": null, "relative_fileloc": "alpha.py", "fileloc": "/dags/alpha.py",
        "description": null, "timetable_summary": "0 2 * * *", "timetable_description": null, "timetable_partitioned": false,
        "timetable_periodic": true, "tags": [tag("etl"), tag("night")], "max_active_tasks": 16, "max_active_runs": 16,
        "max_consecutive_failed_dag_runs": 0, "has_task_concurrency_limits": false, "has_import_errors": false,
        "next_dagrun_logical_date": null, "next_dagrun_data_interval_start": null, "next_dagrun_data_interval_end": null,
        "next_dagrun_run_after": "2023-11-14T22:20:00Z", "allowed_run_types": null, "owners": ["ann", "bob"],
        "is_backfillable": true, "file_token": null,
    });
    assert_eq!(dag.to_string(), expected.to_string());
    let missing = harness.get("/api/v2/dags/zzz").await.expect(404);
    assert_eq!(missing, json!({"detail": "The Dag with ID: `zzz` was not found"}));
}

#[tokio::test]
async fn details_add_what_the_form_says() {
    let harness = two_dags().await;
    let details = harness.get("/api/v2/dags/alpha/details").await.expect(200);
    assert_eq!(details["timezone"], "Asia/Seoul");
    assert_eq!(details["dag_run_timeout"], "PT1H30M");
    assert_eq!(details["start_date"], "2024-01-01T00:00:00Z");
    assert_eq!(details["params"]["n"]["value"], 3);
    assert_eq!(details["latest_dag_version"]["version_number"], 1);
    assert_eq!((&details["catchup"], &details["is_favorite"], &details["active_runs_count"]), (&json!(false), &json!(false), &json!(0)));
    assert_eq!(details["concurrency"], 16);
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let harness = two_dags().await;
    seed::run(harness.store(), "UPDATE dag SET is_stale = 1 WHERE dag_id = 'beta'", vec![]).await;
    assert_eq!(ids(&harness.get("/api/v2/dags").await.expect(200)), ["alpha"]);
    let both = harness.get("/api/v2/dags?exclude_stale=false&order_by=-dag_id").await.expect(200);
    assert_eq!((ids(&both), both["total_entries"].as_i64()), (vec!["beta", "alpha"], Some(2)));
    let page = harness.get("/api/v2/dags?exclude_stale=false&limit=1&offset=1").await.expect(200);
    assert_eq!((ids(&page), page["total_entries"].as_i64()), (vec!["beta"], Some(2)));
    let none = harness.get("/api/v2/dags?limit=0").await.expect(200);
    assert_eq!(none, json!({"dags": [], "total_entries": 1}));
    for (filter, expected) in [
        ("dag_id_pattern=LPH", vec!["alpha"]),
        ("dag_id_pattern=zzz|et&exclude_stale=false", vec!["beta"]),
        ("dag_id_prefix_pattern=AL", vec![]),
        ("dag_id_prefix_pattern=al", vec!["alpha"]),
        ("tags=etl&tags=zzz", vec!["alpha"]),
        ("tags=etl&tags=zzz&tags_match_mode=all", vec![]),
        ("owners=bob", vec!["alpha"]),
        ("owners=bo", vec![]),
        ("paused=false", vec![]),
        ("timetable_type=cron_data_interval", vec!["alpha"]),
        ("has_asset_schedule=true", vec![]),
        ("is_favorite=true", vec![]),
        ("last_dag_run_state=failed", vec![]),
        ("dag_run_state=running", vec![]),
    ] {
        assert_eq!(ids(&harness.get(&format!("/api/v2/dags?{filter}")).await.expect(200)), expected, "{filter}");
    }
    let bad = harness.get("/api/v2/dags?order_by=zzz").await.expect(400);
    assert_eq!(bad["detail"], "Ordering with 'zzz' is disallowed or the attribute does not exist on the model");
    assert!(harness.get("/api/v2/dags?dag_run_state=bogus").await.expect(422)["detail"].is_string());
    assert_eq!(harness.get("/api/v2/dags?tags_match_mode=x").await.expect(422)["detail"][0]["type"], "enum");
}

#[tokio::test]
async fn runs_filter_their_dags() {
    let harness = two_dags().await;
    seed::dag_run(harness.store(), "beta", "r1", "failed").await;
    for filter in ["last_dag_run_state=failed", "dag_run_state=failed", "dag_run_start_date_gte=2023-11-14T00:00:00Z"] {
        assert_eq!(ids(&harness.get(&format!("/api/v2/dags?{filter}")).await.expect(200)), ["beta"], "{filter}");
    }
    assert_eq!(ids(&harness.get("/api/v2/dags?order_by=-last_run_start_date").await.expect(200)), ["beta", "alpha"]);
}

#[tokio::test]
async fn pausing_is_told_and_logged() {
    let harness = two_dags().await;
    let mut changes = harness.changes.subscribe();
    let dag = harness.patch("/api/v2/dags/alpha", json!({"is_paused": false})).await.expect(200);
    assert_eq!(dag["is_paused"], false);
    assert!(matches!(changes.try_recv(), Ok(tradewind_queue::Change::Dag { dag_id }) if dag_id == "alpha"));
    harness.patch("/api/v2/dags/alpha", json!({"is_paused": false})).await.expect(200);
    assert!(changes.try_recv().is_err());
    harness.patch("/api/v2/dags/alpha?update_mask=description", json!({"is_paused": true})).await.expect(400);
    let extra = harness.patch("/api/v2/dags/alpha", json!({"is_paused": true, "x": 1})).await.expect(422);
    assert_eq!(extra["detail"][0]["type"], "extra_forbidden");
    assert_eq!(harness.patch("/api/v2/dags/alpha", json!({})).await.expect(422)["detail"][0]["type"], "missing");
    let many = harness.patch("/api/v2/dags?dag_id_pattern=~", json!({"is_paused": true})).await.expect(200);
    assert!(many["dags"].as_array().unwrap().iter().all(|dag| dag["is_paused"] == true));
    harness.patch("/api/v2/dags/zzz", json!({"is_paused": true})).await.expect(404);
}

#[tokio::test]
async fn favourites_belong_to_a_user() {
    let harness = two_dags().await;
    harness.post("/api/v2/dags/beta/favorite", json!({})).await.expect(204);
    assert_eq!(ids(&harness.get("/api/v2/dags?is_favorite=true").await.expect(200)), ["beta"]);
    let other = harness.signed_in(tradewind_server::auth::Role::Viewer);
    assert_eq!(ids(&other.get("/api/v2/dags?is_favorite=true").await.expect(200)), Vec::<&str>::new());
    harness.post("/api/v2/dags/beta/unfavorite", json!({})).await.expect(204);
    harness.post("/api/v2/dags/beta/unfavorite", json!({})).await.expect(409);
    harness.post("/api/v2/dags/zzz/favorite", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_deleted_dag_leaves_nothing_and_a_busy_one_stays() {
    let harness = two_dags().await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("running")).await;
    harness.delete("/api/v2/dags/alpha").await.expect(409);
    seed::run(harness.store(), "UPDATE task_instance SET state = 'success'", vec![]).await;
    harness.delete("/api/v2/dags/alpha").await.expect(204);
    harness.get("/api/v2/dags/alpha").await.expect(404);
    assert_eq!(harness.get("/api/v2/dags/~/dagRuns").await.expect(200)["total_entries"], 0);
    harness.delete("/api/v2/dags/alpha").await.expect(404);
    harness.get("/api/v2/dags/beta/details").await.expect(200);
}

#[tokio::test]
async fn tasks_are_those_of_the_newest_version() {
    let harness = two_dags().await;
    let tasks = harness.get("/api/v2/dags/alpha/tasks?order_by=-task_id").await.expect(200);
    let names: Vec<&str> = tasks["tasks"].as_array().unwrap().iter().map(|task| task["task_id"].as_str().unwrap()).collect();
    assert_eq!((names, tasks["total_entries"].as_i64()), (vec!["c", "b", "a"], Some(3)));
    let task = harness.get("/api/v2/dags/alpha/tasks/a").await.expect(200);
    let expected = json!({
        "task_id": "a", "task_display_name": "Step a", "owner": "airflow", "start_date": "2024-01-01T00:00:00Z", "end_date": null,
        "trigger_rule": "all_success", "depends_on_past": false, "wait_for_downstream": false, "retries": 2.0, "queue": "default",
        "pool": "default_pool", "pool_slots": 1.0, "execution_timeout": null,
        "retry_delay": {"__type": "TimeDelta", "days": 0, "seconds": 300, "microseconds": 0}, "retry_exponential_backoff": 0.0,
        "priority_weight": 1.0, "weight_rule": "downstream", "ui_color": "#fff", "ui_fgcolor": "#000", "template_fields": [],
        "downstream_task_ids": ["b"], "doc_md": null, "operator_name": "@task", "params": {},
        "class_ref": {"module_path": "airflow.operators.python", "class_name": "PythonOperator"}, "is_mapped": false, "extra_links": [],
    });
    assert_eq!(task.to_string(), expected.to_string());
    harness.get("/api/v2/dags/alpha/tasks/zzz").await.expect(404);
    harness.get("/api/v2/dags/alpha/tasks?order_by=zzz").await.expect(400);
    let wrong = harness.send(harness.request(Method::POST, "/api/v2/dags/alpha/tasks", None)).await;
    wrong.expect(405);
}
