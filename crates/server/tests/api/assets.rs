//! Assets, their events, and what is queued.

use serde_json::{Value, json};
use tradewind_server::auth::Role;
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

/// Two assets: `orders`, which task `a` of DAG `alpha` writes and `beta` waits for, with an event that run `r1` took and one that is queued; and one
/// that nobody names any more.
pub async fn write(harness: &Harness) {
    let statements: [&'static str; 10] = [
        "INSERT INTO asset (key_hash, name, uri, group_name, extra, created_at, updated_at) VALUES ('h1', 'orders', 's3://shop/orders', 'asset', '{\"k\":1}', 1, 2)",
        "INSERT INTO asset (key_hash, name, uri, group_name, extra, created_at, updated_at) VALUES ('h2', 'old', 's3://shop/old', 'asset', '{}', 1, 2)",
        "INSERT INTO asset_alias (key_hash, name, group_name) VALUES ('l1', 'daily', 'asset')",
        "INSERT INTO asset_alias_asset (alias_id, asset_id) VALUES (1, 1)",
        "INSERT INTO asset_use (dag_id, kind, task_id, created_at, updated_at, asset_id) VALUES ('alpha', 'outlet', 'a', 1, 2, 1)",
        "INSERT INTO asset_use (dag_id, kind, task_id, created_at, updated_at, ref_name) VALUES ('alpha', 'inlet', 'b', 1, 2, 'orders')",
        "INSERT INTO asset_use (dag_id, kind, created_at, updated_at, ref_uri) VALUES ('beta', 'schedule', 1, 2, 's3://shop/orders')",
        "INSERT INTO asset_event (unique_key, asset_id, timestamp, extra, source_dag_id, source_run_id, source_task_id, source_map_index) \
            VALUES ('e1', 1, 1700000000000000, '{\"n\":1}', 'alpha', 'r0', 'a', -1), ('e2', 1, 1700000001000000, '{}', NULL, NULL, NULL, -1)",
        "INSERT INTO dag_run_asset_event (dag_id, event_id, run_pk) VALUES ('alpha', 1, (SELECT id FROM dag_run WHERE run_id = 'r1'))",
        "INSERT INTO asset_due (dag_id, event_id, asset_id) VALUES ('beta', 2, 1)",
    ];
    for sql in statements {
        seed::run(harness.store(), sql, vec![]).await;
    }
    let queue = "INSERT INTO asset_queue (dag_id, asset_id, created_at) VALUES ('beta', 1, ?)";
    seed::run(harness.store(), queue, params![1_700_000_001_000_000_i64].to_vec()).await;
}

async fn seeded() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    let mut beta = seed::chain("beta");
    beta["timetable"] =
        json!({"type": "asset", "condition": {"all": [{"asset_ref": {"uri": "s3://shop/orders"}}, {"alias": {"name": "weekly"}}]}});
    seed::dag(harness.store(), &beta).await;
    seed::run(harness.store(), "UPDATE dag SET is_paused = 0", vec![]).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    write(&harness).await;
    harness
}

fn named(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_asset_shows_who_makes_it_and_who_waits_for_it() {
    let harness = seeded().await;
    let asset = harness.get("/api/v2/assets/1").await.expect(200);
    assert_eq!((&asset["name"], &asset["extra"], &asset["group"]), (&json!("orders"), &json!({"k": 1}), &json!("asset")));
    assert_eq!(named(&asset["producing_tasks"], "task_id"), ["a"]);
    assert_eq!(
        (named(&asset["consuming_tasks"], "dag_id"), named(&asset["scheduled_dags"], "dag_id")),
        (vec!["alpha".into()], vec!["beta".into()])
    );
    assert_eq!((named(&asset["aliases"], "name"), &asset["last_asset_event"]["id"]), (vec!["daily".to_owned()], &json!(2)));
    for (query, names) in [
        ("", vec!["orders"]),
        ("?only_active=false&order_by=-name", vec!["orders", "old"]),
        ("?only_active=false&uri_pattern=SHOP/OLD", vec!["old"]),
        ("?dag_ids=alpha", vec!["orders"]),
        ("?dag_ids=beta", vec![]),
        ("?name_prefix_pattern=ord&limit=1", vec!["orders"]),
    ] {
        let listed = harness.get(&format!("/api/v2/assets{query}")).await.expect(200);
        assert_eq!(named(&listed["assets"], "name"), names, "{query}");
    }
    harness.get("/api/v2/assets/99").await.expect(404);
    harness.get("/api/v2/assets/first").await.expect(422);
    let alias = harness.get("/api/v2/assets/aliases/1").await.expect(200);
    assert_eq!(alias, json!({"id": 1, "name": "daily", "group": "asset"}));
    assert_eq!(harness.get("/api/v2/assets/aliases?name_pattern=x").await.expect(200)["total_entries"], 0);
    harness.get("/api/v2/assets/aliases/2").await.expect(404);
    let dags = harness.get("/api/v2/dags?has_asset_schedule=true").await.expect(200);
    assert_eq!(named(&dags["dags"], "dag_id"), ["beta"]);
    let dags = harness.get("/api/v2/dags?asset_dependency=SHOP/ord").await.expect(200);
    assert_eq!(named(&dags["dags"], "dag_id"), ["alpha", "beta"]);
    let details = harness.get("/api/v2/dags/beta/details").await.expect(200);
    assert_eq!(details["asset_expression"]["all"][1]["alias"]["name"], "weekly");
}

#[tokio::test]
async fn events_say_where_they_come_from_and_what_took_them() {
    let harness = seeded().await;
    let listed = harness.get("/api/v2/assets/events?order_by=-timestamp").await.expect(200);
    assert_eq!((&listed["total_entries"], &listed["asset_events"][0]["id"]), (&json!(2), &json!(2)));
    let first = &listed["asset_events"][1];
    assert_eq!((&first["source_task_id"], &first["extra"], &first["uri"]), (&json!("a"), &json!({"n": 1}), &json!("s3://shop/orders")));
    assert_eq!(named(&first["created_dagruns"], "run_id"), ["r1"]);
    for (query, count) in [
        ("source_dag_id=alpha", 1),
        ("asset_id=2", 0),
        ("name_pattern=ord", 2),
        ("timestamp_gt=2023-11-14T22:13:20Z", 1),
        ("source_task_id=b", 0),
    ] {
        assert_eq!(harness.get(&format!("/api/v2/assets/events?{query}")).await.expect(200)["total_entries"], count, "{query}");
    }
    let took = harness.get("/api/v2/dags/alpha/dagRuns/r1/upstreamAssetEvents").await.expect(200);
    assert_eq!((&took["total_entries"], &took["asset_events"][0]["id"]), (&json!(1), &json!(1)));
    harness.get("/api/v2/dags/alpha/dagRuns/none/upstreamAssetEvents").await.expect(404);
}

#[tokio::test]
async fn an_event_by_hand_queues_its_asset() {
    let harness = seeded().await;
    let body = json!({"asset_id": 1, "extra": {"n": 2}});
    harness.signed_in(Role::User).post("/api/v2/assets/events", body.clone()).await.expect(403);
    let event = harness.post("/api/v2/assets/events", body).await.expect(200);
    assert_eq!((&event["extra"], &event["source_map_index"]), (&json!({"n": 2, "from_rest_api": true}), &json!(-1)));
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM asset_due WHERE dag_id = 'beta'").await, 2);
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM asset_queue").await, 1);
    harness.post("/api/v2/assets/events", json!({"asset_id": 9, "extra": {}})).await.expect(404);
    harness.post("/api/v2/assets/events", json!({"extra": {}})).await.expect(422);
    harness.post("/api/v2/assets/events", json!({"asset_id": 1, "extra": {}, "who": 1})).await.expect(422);
    let refused = harness.post("/api/v2/assets/events", json!({"asset_id": 1, "extra": {}, "partition_key": "x"})).await.expect(400);
    assert!(refused.to_string().contains("partition"), "{refused}");
}

#[tokio::test]
async fn what_is_queued_is_shown_and_forgotten() {
    let harness = seeded().await;
    for path in ["/api/v2/assets/1/queuedEvents", "/api/v2/dags/beta/assets/queuedEvents"] {
        let queued = harness.get(path).await.expect(200);
        let event = json!({"dag_id": "beta", "dag_display_name": "beta", "asset_id": 1, "created_at": "2023-11-14T22:13:21Z"});
        assert_eq!(queued, json!({"queued_events": [event], "total_entries": 1}));
        assert_eq!(harness.get(&format!("{path}?before=2023-11-14T22:13:21Z")).await.expect(200)["total_entries"], 0);
    }
    let both = "/api/v2/dags/beta/assets/1/queuedEvents";
    assert_eq!(harness.get(both).await.expect(200)["asset_id"], 1);
    harness.get("/api/v2/dags/alpha/assets/1/queuedEvents").await.expect(404);
    harness.delete("/api/v2/dags/none/assets/queuedEvents").await.expect(404);
    harness.delete(both).await.expect(204);
    let told = harness.delete(both).await.expect(404);
    assert!(told.to_string().contains("dag_id: `beta` and asset_id: `1`"), "{told}");
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM asset_due").await, 0);
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM event_log WHERE event = 'delete_dag_asset_queued_event'").await, 1);
}

#[tokio::test]
async fn the_only_dag_that_makes_an_asset_is_started() {
    let harness = seeded().await;
    let run = harness.post("/api/v2/assets/1/materialize", json!({"note": "why"})).await.expect(200);
    assert_eq!((&run["dag_id"], &run["run_type"], &run["logical_date"]), (&json!("alpha"), &json!("asset_materialization"), &Value::Null));
    assert!(run["dag_run_id"].as_str().unwrap().starts_with("asset_materialization__"));
    harness.post("/api/v2/assets/1/materialize", json!({"dag_run_id": "scheduled__x"})).await.expect(400);
    harness.post("/api/v2/assets/2/materialize", json!({})).await.expect(404);
    seed::run(
        harness.store(),
        "INSERT INTO asset_use (dag_id, kind, task_id, created_at, updated_at, asset_id) VALUES ('beta', 'outlet', 'a', 1, 2, 1)",
        vec![],
    )
    .await;
    let told = harness.post("/api/v2/assets/1/materialize", json!({})).await.expect(409);
    assert!(told.to_string().contains("alpha, beta"), "{told}");
}
