//! What the pages of the web UI ask for first.

use axum::http::Method;
use serde_json::{Value, json};
use tradewind_server::auth::Role;
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

const DAY: i64 = 86_400_000_000;

fn ids(body: &Value) -> Vec<&str> {
    body["dags"].as_array().unwrap().iter().map(|dag| dag["dag_id"].as_str().unwrap()).collect()
}

/// Makes runs differ in time: the seed gives them all the same.
async fn run_at(harness: &Harness, dag_id: &str, run_id: &str, state: &str, run_after: i64) {
    seed::dag_run(harness.store(), dag_id, run_id, state).await;
    let ended = matches!(state, "success" | "failed").then_some(run_after + 5);
    let sql = "UPDATE dag_run SET run_after = ?, end_date = ? WHERE dag_id = ? AND run_id = ?";
    seed::run(harness.store(), sql, params![run_after, ended, dag_id, run_id]).await;
}

#[tokio::test]
async fn the_configuration_tells_zones_and_rights() {
    let harness = Harness::with(|options| {
        options.base_path = "/flow/".into();
        options.default_timezone = "Asia/Seoul".into();
        options.default_ui_timezone = "America/New_York".into();
    })
    .await;
    let admin = harness.get("/flow/api/v2/tradewind/ui/config").await.expect(200);
    let user = json!({"username": "admin", "role": "ADMIN", "permissions": {"read": true, "run": true, "operate": true, "secrets": true}});
    let expected = json!({
        "instance_name": "Tradewind", "version": tradewind_server::VERSION, "default_timezone": "Asia/Seoul",
        "default_ui_timezone": "America/New_York", "base_url": "/flow/", "user": user, "page_size": 50, "maximum_page_size": 100,
        "auto_refresh": 3, "hide_paused_dags_by_default": false,
    });
    assert_eq!(admin, expected);
    let viewer = harness.signed_in(Role::Viewer).get("/flow/api/v2/tradewind/ui/config").await.expect(200);
    assert_eq!(viewer["user"]["permissions"], json!({"read": true, "run": false, "operate": false, "secrets": false}));
    harness.with_token(None).get("/flow/api/v2/tradewind/ui/config").await.expect(401);
}

#[tokio::test]
async fn the_first_page_counts_what_is_and_what_was_lately() {
    let harness = Harness::start().await;
    let now = harness.store().now().as_microsecond();
    for id in ["alpha", "beta", "gone"] {
        seed::dag(harness.store(), &seed::chain(id)).await;
    }
    seed::run(harness.store(), "UPDATE dag SET is_stale = 1 WHERE dag_id = 'gone'", vec![]).await;
    let next = "UPDATE dag SET is_paused = 0, has_import_errors = 1, next_run_after = ?, next_logical_date = ? WHERE dag_id = 'beta'";
    seed::run(harness.store(), next, params![now + DAY / 2, now]).await;
    run_at(&harness, "alpha", "old", "failed", now - 3 * DAY).await;
    run_at(&harness, "alpha", "lately", "failed", now - 1_000).await;
    run_at(&harness, "alpha", "good", "success", now - 2_000).await;
    run_at(&harness, "alpha", "open", "running", now).await;
    for (run, task, end, reason) in [("old", "a", now - 3 * DAY, "boom\nmore"), ("lately", "b", now - 500, "")] {
        seed::task(harness.store(), "alpha", run, task, -1, Some("failed")).await;
        let sql = "UPDATE task_instance SET end_date = ? WHERE task_id = ?";
        seed::run(harness.store(), sql, params![end, task]).await;
        seed::run(harness.store(), "UPDATE attempt SET reason = ? WHERE task_id = ?", params![reason, task]).await;
    }
    seed::task(harness.store(), "alpha", "open", "a", -1, Some("running")).await;
    let error = "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, line, timestamp) VALUES ('x.py', '/dags/x.py', ?, 7, 1)";
    seed::run(harness.store(), error, params!["Traceback:\n  File x.py\nNameError: name 'y' is not defined\n"]).await;
    for (kind, state, lease, beat) in
        [("SchedulerJob", "running", now + DAY, now - 1_000_000), ("WorkerJob", "running", now - DAY, now - DAY)]
    {
        let job = "INSERT INTO job (job_type, state, lease_until, hostname, pid, version, start_date, latest_heartbeat) VALUES (?, ?, ?, 'host', 7, '1', 1, ?)";
        seed::run(harness.store(), job, params![kind, state, lease, beat]).await;
    }

    let home = harness.get("/api/v2/tradewind/home").await.expect(200);
    let counts = json!({
        "dags_active": 1, "dags_paused": 1, "dags_with_errors": 1, "runs_queued": 0, "runs_running": 1, "runs_failed_24h": 1,
        "runs_success_24h": 1, "tasks_running": 1, "tasks_queued": 0, "tasks_failed_24h": 1, "import_errors": 1,
    });
    assert_eq!(home["counts"], counts);
    let failures: Vec<_> = home["recent_failures"].as_array().unwrap().iter().map(|one| (&one["run_id"], &one["error"])).collect();
    assert_eq!(failures, [(&json!("lately"), &Value::Null), (&json!("old"), &json!("boom"))]);
    assert_eq!(home["import_errors"][0]["summary"], "NameError: name 'y' is not defined");
    assert_eq!((&home["import_errors"][0]["line"], &home["import_errors"][0]["filename"]), (&json!(7), &json!("x.py")));
    let next: Vec<_> = home["next_runs"].as_array().unwrap().iter().map(|run| (&run["dag_id"], &run["timezone"])).collect();
    assert_eq!(next, [(&json!("beta"), &json!("Asia/Seoul"))]);
    let components: Vec<_> = home["components"].as_array().unwrap().iter().map(|one| (&one["kind"], &one["healthy"])).collect();
    assert_eq!(components, [(&json!("scheduler"), &json!(true)), (&json!("worker"), &json!(false))]);
    assert!(home["components"][1]["age_seconds"].as_f64().unwrap() >= 86_400.0);
    assert_eq!(
        home["pools"][0],
        json!({"name": "default_pool", "slots": 128, "running": 1, "queued": 0, "scheduled": 0, "deferred": 0, "open": 127})
    );
}

#[tokio::test]
async fn rows_of_dags_hold_their_newest_runs_and_counts() {
    let harness = Harness::start().await;
    for id in ["alpha", "beta"] {
        seed::dag(harness.store(), &seed::chain(id)).await;
    }
    for number in 0..20 {
        let state = if number == 19 {
            "running"
        } else if number % 2 == 0 {
            "success"
        } else {
            "failed"
        };
        run_at(&harness, "alpha", &format!("r{number:02}"), state, 1_000_000 * number).await;
    }
    harness.post("/api/v2/dags/alpha/favorite", json!({})).await.expect(204);
    let list = harness.get("/api/v2/tradewind/dags").await.expect(200);
    assert_eq!((ids(&list), &list["total_entries"], &list["next_cursor"]), (vec!["alpha", "beta"], &json!(2), &Value::Null));
    let alpha = &list["dags"][0];
    let runs: Vec<&str> = alpha["last_runs"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect();
    assert_eq!((runs.len(), runs[0], runs[15]), (16, "r04", "r19"));
    assert_eq!(alpha["run_counts"], json!({"queued": 0, "running": 1, "success": 10, "failed": 9}));
    assert_eq!((&alpha["is_favorite"], &alpha["tags"], &alpha["owners"]), (&json!(true), &json!(["etl", "night"]), &json!(["ann", "bob"])));
    assert_eq!((&list["dags"][1]["last_runs"], &list["dags"][1]["is_favorite"]), (&json!([]), &json!(false)));
}

#[tokio::test]
async fn rows_of_dags_are_found_filtered_and_paged() {
    let harness = Harness::start().await;
    for id in ["100%_sure", "alpha", "beta", "gamma"] {
        seed::dag(harness.store(), &seed::chain(id)).await;
    }
    seed::run(harness.store(), "UPDATE dag SET dag_display_name = 'Zürich Nightly' WHERE dag_id = 'beta'", vec![]).await;
    seed::run(harness.store(), "UPDATE dag SET is_paused = 0, next_run_after = 5 WHERE dag_id = 'gamma'", vec![]).await;
    run_at(&harness, "gamma", "r1", "success", 1).await;
    run_at(&harness, "gamma", "r2", "failed", 2).await;
    for (query, expected) in [
        ("search=ALPH", vec!["alpha"]),
        ("search=nightly", vec!["beta"]),
        ("search=0%25_", vec!["100%_sure"]),
        ("search=%25", vec!["100%_sure"]),
        ("paused=false", vec!["gamma"]),
        ("last_run_state=failed", vec!["gamma"]),
        ("last_run_state=success", vec![]),
        ("owner=ann&tags=etl&tags=night&tags_match_mode=all&search=mm", vec!["gamma"]),
        ("tags=nothing", vec![]),
        ("favorite=true", vec![]),
        ("order_by=-last_run&limit=1", vec!["gamma"]),
        ("order_by=next_run_after&limit=1", vec!["gamma"]),
        ("offset=1&limit=2", vec!["beta", "alpha"]),
    ] {
        assert_eq!(ids(&harness.get(&format!("/api/v2/tradewind/dags?{query}")).await.expect(200)), expected, "{query}");
    }
    let mut seen = Vec::new();
    let mut path = "/api/v2/tradewind/dags?limit=1&order_by=-last_run".to_owned();
    for _ in 0..4 {
        let page = harness.get(&path).await.expect(200);
        seen.extend(ids(&page).iter().map(|id| (*id).to_owned()));
        path = format!("/api/v2/tradewind/dags?limit=1&order_by=-last_run&cursor={}", page["next_cursor"].as_str().unwrap_or("end"));
    }
    assert!(path.ends_with("cursor=end"), "{path}");
    assert_eq!(seen, ["gamma", "beta", "alpha", "100%_sure"]);
    harness.get("/api/v2/tradewind/dags?cursor=nonsense").await.expect(400);
    harness.get("/api/v2/tradewind/dags?last_run_state=odd").await.expect(422);
    harness.send(harness.request(Method::POST, "/api/v2/tradewind/dags", None)).await.expect(405);
}
