//! Each operation that answers JSON, asked once: the harness holds what comes against the OpenAPI document.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};
use tradewind_server::{ConfigValue, ExposeConfig};
use tradewind_store::params;

use crate::harness::{Harness, PASSWORD};
use crate::seed;

const RUN: &str = "/api/v2/dags/alpha/dagRuns/r1";

async fn seeded() -> Harness {
    let harness = Harness::with(|options| {
        options.expose_config = ExposeConfig::Yes;
        options.alerts = Some(crate::alerts::options());
        options.config = vec![ConfigValue { section: "core".into(), key: "dags_folder".into(), value: "/dags".into(), sensitive: false }];
    })
    .await;
    let mut form = seed::chain("alpha");
    form["groups"] = json!([{"group_id": "g"}]);
    form["tasks"][2]["group"] = json!("g");
    seed::dag(harness.store(), &form).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("success")).await;
    seed::task(harness.store(), "alpha", "r1", "b", 0, Some("failed")).await;
    seed::task(harness.store(), "alpha", "r1", "c", -1, None).await;
    let error =
        "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, line, timestamp) VALUES ('x.py', '/dags/x.py', 'no', 7, 1)";
    seed::run(harness.store(), error, vec![]).await;
    let warning = "INSERT INTO dag_warning (dag_id, warning_type, message, timestamp) VALUES ('alpha', 'non-existent pool', 'no pool', 1)";
    seed::run(harness.store(), warning, vec![]).await;
    let lease = harness.store().now().as_microsecond() + 60_000_000;
    let job = "INSERT INTO job (job_type, state, lease_until, hostname, start_date, latest_heartbeat) VALUES ('SchedulerJob', 'running', ?, 'h', 1, 1)";
    seed::run(harness.store(), job, params![lease]).await;
    crate::alerts::write(harness.store(), "1", "ops").await;
    crate::hitl::question(&harness, "ask", "[]").await;
    crate::assets::write(&harness).await;
    harness
}

/// What can be read, with the parameters that change the form of the answer.
const READ: &[&str] = &[
    "/api/v2/version",
    "/api/v2/monitor/health",
    "/health",
    "/api/v2/config",
    "/api/v2/config/section/core/option/dags_folder",
    "/api/v2/plugins",
    "/api/v2/plugins/importErrors",
    "/api/v2/providers",
    "/api/v2/jobs?is_alive=true",
    "/api/v2/dags?limit=1&order_by=-dag_id",
    "/api/v2/dags/alpha",
    "/api/v2/dags/alpha/details",
    "/api/v2/dags/alpha/tasks",
    "/api/v2/dags/alpha/tasks/a",
    "/api/v2/assets?only_active=false",
    "/api/v2/assets/1",
    "/api/v2/assets/aliases",
    "/api/v2/assets/aliases/1",
    "/api/v2/assets/events?order_by=-timestamp",
    "/api/v2/assets/1/queuedEvents",
    "/api/v2/dags/beta/assets/queuedEvents",
    "/api/v2/tradewind/dags/alpha/assets",
    "/api/v2/dags/beta/assets/1/queuedEvents",
    "/api/v2/dags/alpha/dagRuns/r1/upstreamAssetEvents",
    "/api/v2/dags/alpha/dagVersions",
    "/api/v2/dags/alpha/dagVersions/1",
    "/api/v2/dagSources/alpha",
    "/api/v2/dagTags",
    "/api/v2/dagStats?dag_ids=alpha",
    "/api/v2/dagWarnings",
    "/api/v2/importErrors",
    "/api/v2/importErrors/1",
    "/api/v2/dags/~/dagRuns?state=running&run_after_gte=2020-01-01T00:00:00Z",
    "/api/v2/dags/alpha/dagRuns?cursor=&limit=1",
    "/api/v2/dags/alpha/dagRuns/r1",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances?state=none&state=success",
    "/api/v2/dags/~/dagRuns/~/taskInstances?cursor=&limit=1",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/0",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/listMapped",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/tries",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/tries/1",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/0/tries",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/0/tries/1",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/links",
    "/api/v2/dags/alpha/dagRuns/r1/hitlDetails",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/ask/-1/hitlDetails",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/ask/-1/hitlDetails/tries/1",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/c/dependencies",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/b/0/dependencies",
    "/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/logs/1?full_content=true",
    "/api/v2/tradewind/dags/alpha/dagRuns/r1/dependencies",
    "/api/v2/tradewind/dags/alpha/dagRuns/r1/taskInstances/a/logs/1/lines?tail=5",
    "/api/v2/tradewind/dags/alpha/dagRuns/r1/taskInstances/a/logs/1/search?q=a",
    "/api/v2/tradewind/dags/alpha/dagRuns/r1/taskInstances/a/logs/1/first_error",
    "/api/v2/eventLogs",
    "/api/v2/eventLogs/1",
    "/api/v2/tradewind/cluster",
    "/api/v2/tradewind/alerts/channels",
    "/api/v2/tradewind/connectionTypes",
    "/api/v2/tradewind/alerts/deliveries?state=waiting&limit=1",
    "/api/v2/tradewind/alerts/deliveries/1",
    "/api/v2/tradewind/ui/config",
    "/api/v2/tradewind/home",
    "/api/v2/tradewind/dags",
    "/api/v2/tradewind/dags/alpha/grid",
    "/api/v2/tradewind/dags/alpha/grid/packed",
    "/api/v2/tradewind/dags/alpha/schedule?count=3&from=2026-01-01T00:00:00Z",
    "/api/v2/tradewind/dags/alpha/dagRuns/r1/taskInstances/b/history?map_index=0",
    "/api/v2/tradewind/dags/alpha/unpausePreview",
];

/// What changes something, in an order that leaves each something to do.
fn changes() -> Vec<(Method, String, Value)> {
    [changes_of_admin(), changes_of_work(), changes_of_runs()].concat()
}

fn path(rest: &str) -> String {
    format!("{RUN}{rest}")
}

fn update(entity: Value) -> Value {
    json!({ "actions": [{ "action": "update", "entities": [entity], "action_on_non_existence": "skip" }] })
}

fn changes_of_admin() -> Vec<(Method, String, Value)> {
    let login = json!({ "username": "admin", "password": PASSWORD });
    let connection = json!({ "connection_id": "c1", "conn_type": "http", "port": 80, "password": "x", "extra": "{\"a\": 1}" });
    let (post, patch) = (Method::POST, Method::PATCH);
    vec![
        (post.clone(), "/auth/token".into(), login.clone()),
        (post.clone(), "/auth/token/cli".into(), login.clone()),
        (post.clone(), "/auth/session".into(), login),
        (post.clone(), "/api/v2/variables".into(), json!({ "key": "v1", "value": { "a": 1 }, "description": "d" })),
        (patch.clone(), "/api/v2/variables/v1".into(), json!({ "key": "v1", "value": 7 })),
        (patch.clone(), "/api/v2/variables".into(), update(json!({ "key": "v1", "value": "x" }))),
        (Method::GET, "/api/v2/variables".into(), Value::Null),
        (Method::GET, "/api/v2/variables/v1".into(), Value::Null),
        (post.clone(), "/api/v2/connections".into(), connection.clone()),
        (patch.clone(), "/api/v2/connections/c1?update_mask=host".into(), connection.clone()),
        (patch.clone(), "/api/v2/connections".into(), update(connection)),
        (Method::GET, "/api/v2/connections".into(), Value::Null),
        (Method::GET, "/api/v2/connections/c1".into(), Value::Null),
        (post.clone(), "/api/v2/pools".into(), json!({ "name": "p1", "slots": 3 })),
        (patch.clone(), "/api/v2/pools/p1".into(), json!({ "pool": "p1", "slots": 4, "include_deferred": true })),
        (patch.clone(), "/api/v2/pools".into(), update(json!({ "name": "p1", "slots": 5 }))),
        (Method::GET, "/api/v2/pools".into(), Value::Null),
        (Method::GET, "/api/v2/pools/p1".into(), Value::Null),
    ]
}

fn changes_of_work() -> Vec<(Method, String, Value)> {
    let (post, patch) = (Method::POST, Method::PATCH);
    vec![
        (patch.clone(), path("/taskInstances/ask/-1/hitlDetails"), json!({ "chosen_options": ["Approve"] })),
        (post.clone(), "/api/v2/assets/events".into(), json!({ "asset_id": 1, "extra": { "a": 1 } })),
        (post.clone(), "/api/v2/assets/1/materialize".into(), json!({ "note": "by hand" })),
        (post.clone(), path("/taskInstances/a/xcomEntries"), json!({ "key": "k", "value": [1, "x"] })),
        (patch.clone(), path("/taskInstances/a/xcomEntries/k"), json!({ "value": { "a": null } })),
        (Method::GET, path("/taskInstances/a/xcomEntries?xcom_key=k"), Value::Null),
        (Method::GET, path("/taskInstances/a/xcomEntries/k?deserialize=true"), Value::Null),
        (patch.clone(), "/api/v2/dags/alpha?update_mask=is_paused".into(), json!({ "is_paused": false })),
        (patch.clone(), "/api/v2/dags?dag_id_pattern=~".into(), json!({ "is_paused": true })),
        (post.clone(), "/api/v2/dags/alpha/dagRuns".into(), json!({ "logical_date": null, "conf": { "n": 7 }, "note": "by hand" })),
        (post.clone(), "/api/v2/dags/~/dagRuns/list".into(), json!({ "page_limit": 5, "states": ["running"] })),
        (post.clone(), "/api/v2/dags/~/dagRuns/~/taskInstances/list".into(), json!({ "page_limit": 5, "state": ["success", null] })),
        (patch.clone(), "/api/v2/dags/alpha/dagRuns".into(), update(json!({ "dag_run_id": "r1", "note": "n" }))),
        (patch.clone(), path("/taskInstances"), update(json!({ "task_id": "a", "note": "n" }))),
        (patch.clone(), path("/taskInstances/a/dry_run?map_index=-1"), json!({ "new_state": "failed", "include_downstream": true })),
        (patch.clone(), path("/taskInstances/a"), json!({ "new_state": "failed", "note": "why" })),
        (patch.clone(), path("/taskInstances/b/0/dry_run"), json!({ "new_state": "success" })),
        (patch.clone(), path("/taskInstances/b/0"), json!({ "new_state": "success" })),
        (patch.clone(), path("/taskGroupInstances/g/dry_run"), json!({ "new_state": "success" })),
        (patch.clone(), path("/taskGroupInstances/g"), json!({ "new_state": "success" })),
    ]
}

fn changes_of_runs() -> Vec<(Method, String, Value)> {
    let post = Method::POST;
    let backfill = json!({ "dag_id": "alpha", "from_date": "2024-01-01T00:00:00Z", "to_date": "2024-01-03T00:00:00Z" });
    vec![
        (
            post.clone(),
            "/api/v2/dags/alpha/clearTaskInstances".into(),
            json!({ "dag_run_id": "r1", "task_ids": ["a", ["b", 0]], "only_failed": false }),
        ),
        (post.clone(), path("/clear"), json!({ "dry_run": true })),
        (post.clone(), path("/clear"), json!({ "dry_run": false })),
        (
            post.clone(),
            "/api/v2/dags/alpha/clearDagRuns".into(),
            json!({ "dry_run": true, "only_new": true, "dag_runs": [{ "dag_run_id": "r1" }] }),
        ),
        (post.clone(), "/api/v2/dags/alpha/clearDagRuns".into(), json!({ "dry_run": false, "dag_runs": [{ "dag_run_id": "r1" }] })),
        (post.clone(), "/api/v2/backfills/dry_run".into(), backfill.clone()),
        (post.clone(), "/api/v2/backfills".into(), backfill),
        (Method::GET, "/api/v2/backfills?active=true".into(), Value::Null),
        (Method::GET, "/api/v2/backfills/1".into(), Value::Null),
        (Method::GET, "/api/v2/tradewind/backfills/1/progress".into(), Value::Null),
        (Method::PUT, "/api/v2/backfills/1/pause".into(), Value::Null),
        (Method::PUT, "/api/v2/backfills/1/unpause".into(), Value::Null),
        (Method::PUT, "/api/v2/backfills/1/cancel".into(), Value::Null),
        (Method::PATCH, RUN.into(), json!({ "state": "failed", "note": "enough" })),
        (Method::DELETE, path("/taskInstances/a"), Value::Null),
        (Method::POST, "/api/v2/tradewind/alerts/deliveries/1/retry".into(), Value::Null),
        (Method::POST, "/api/v2/tradewind/alerts/test".into(), json!({ "channel": "true" })),
    ]
}

/// Operations that promise JSON and never succeed here.
const NEVER: [&str; 1] = ["test_connection"];

/// Asks, and tells which operation that was.
async fn ask(harness: &Harness, method: Method, path: &str, body: &Value) -> String {
    let answer = harness.call(method.clone(), path, (!body.is_null()).then_some(body)).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
    let bare = path.split('?').next().unwrap_or_default();
    harness.contract().await.find(&method, bare).unwrap_or_else(|| panic!("no operation for {method} {path}")).id().to_owned()
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    let harness = seeded().await;
    let mut asked = BTreeSet::new();
    let token = harness.get("/api/v2/dags/alpha").await.expect(200)["file_token"].as_str().unwrap().to_owned();
    for (method, path, body) in changes() {
        asked.insert(ask(&harness, method, &path, &body).await);
    }
    // The last change took it away, and the reads look at it.
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("success")).await;
    for path in READ {
        asked.insert(ask(&harness, Method::GET, path, &Value::Null).await);
    }
    asked.insert(ask(&harness, Method::PUT, &format!("/api/v2/parseDagFile/{token}"), &Value::Null).await);
    let contract = harness.contract().await;
    let left: Vec<&str> = contract
        .operations()
        .filter(|operation| operation.answers_json() && !NEVER.contains(&operation.id()) && !asked.contains(operation.id()))
        .map(|operation| operation.id())
        .collect();
    assert!(left.is_empty(), "ask these here too: {left:?}");
}
