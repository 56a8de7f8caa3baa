//! Variables, connections and pools.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tradewind_server::ReadConnectionTypes;
use tradewind_server::auth::Role;

use crate::harness::Harness;

const VARIABLES: &str = "/api/v2/variables";
const CONNECTIONS: &str = "/api/v2/connections";
const POOLS: &str = "/api/v2/pools";

#[tokio::test]
async fn a_variable_is_made_read_changed_and_deleted() {
    let harness = Harness::start().await;
    let made = harness.post(VARIABLES, json!({"key": "team/limits", "value": {"n": [1, "é"]}, "description": "d"})).await.expect(201);
    let expected = json!({
        "key": "team/limits", "value": "{\"n\": [1, \"\\u00e9\"]}", "description": "d", "is_encrypted": false, "team_name": null,
    });
    assert_eq!(made.to_string(), expected.to_string());
    let path = format!("{VARIABLES}/team/limits");
    assert_eq!(harness.get(&path).await.expect(200), made);
    let again = harness.post(VARIABLES, json!({"key": "team/limits", "value": "x"})).await.expect(409);
    assert_eq!(again["detail"], "The Variable with key: `team/limits` already exists");
    let changed =
        harness.patch(&format!("{path}?update_mask=value"), json!({"key": "team/limits", "value": "x", "description": "no"})).await;
    assert_eq!((&changed.expect(200)["value"], &changed.json()["description"]), (&json!("x"), &json!("d")));
    harness.patch(&path, json!({"key": "other", "value": "x"})).await.expect(400);
    harness.delete(&path).await.expect(204);
    assert_eq!(harness.get(&path).await.expect(404)["detail"], "The Variable with key: `team/limits` was not found");
    harness.delete(&path).await.expect(404);
    let bad = harness.post(VARIABLES, json!({"key": "k".repeat(251), "value": 1, "x": 2})).await.expect(422);
    assert_eq!((&bad["detail"][0]["type"], &bad["detail"][1]["type"]), (&json!("string_too_long"), &json!("extra_forbidden")));
}

#[tokio::test]
async fn secrets_are_masked_and_closed_to_lower_roles() {
    let harness = Harness::start().await;
    harness.post(VARIABLES, json!({"key": "db_password", "value": "x"})).await.expect(201);
    harness.post(VARIABLES, json!({"key": "conf", "value": {"token": "x", "n": 1}})).await.expect(201);
    let listed = harness.get(&format!("{VARIABLES}?order_by=-key")).await.expect(200);
    let values: Vec<&Value> = listed["variables"].as_array().unwrap().iter().map(|variable| &variable["value"]).collect();
    assert_eq!((values, &listed["total_entries"]), (vec![&json!("***"), &json!("{\"token\": \"***\", \"n\": 1}")], &json!(2)));
    harness.signed_in(Role::User).get(VARIABLES).await.expect(403);
    harness.signed_in(Role::Op).get(VARIABLES).await.expect(200);
}

#[tokio::test]
async fn bulk_actions_are_kept_whole_or_not_at_all() {
    let harness = Harness::start().await;
    harness.post(VARIABLES, json!({"key": "a", "value": "old"})).await.expect(201);
    let entity = |key: &str, value: &str| json!({"key": key, "value": value});
    let body = json!({"actions": [
        {"action": "create", "entities": [entity("a", "new"), entity("b", "new")]},
        {"action": "update", "entities": [entity("a", "newer"), entity("z", "x")], "action_on_non_existence": "skip"},
        {"action": "delete", "entities": ["b"]},
    ]});
    let outcome = harness.patch(VARIABLES, body).await.expect(200);
    assert_eq!(
        outcome,
        json!({
            "create": {"success": [], "errors": [{"error": "The variables with these keys: {'a'} already exist.", "status_code": 409}]},
            "update": {"success": ["a"], "errors": []},
            "delete": {"success": [], "errors": [{"error": "The variables with these keys: {'b'} were not found.", "status_code": 404}]},
        })
    );
    let overwrite =
        json!({"actions": [{"action": "create", "entities": [entity("a", "1"), entity("b", "2")], "action_on_existence": "overwrite"}]});
    let outcome = harness.patch(VARIABLES, overwrite).await.expect(200);
    assert_eq!((&outcome["create"]["success"], &outcome["delete"]), (&json!(["a", "b"]), &Value::Null));
    assert_eq!(harness.get(&format!("{VARIABLES}/a")).await.expect(200)["value"], "1");
    let bad = json!({"actions": [{"action": "create", "entities": [{"key": "q"}]}, {"action": "paint", "entities": []}]});
    let detail = harness.patch(VARIABLES, bad).await.expect(422)["detail"].clone();
    assert_eq!(detail[0]["loc"], json!(["body", "actions", 1, "action"]));
    let bad = json!({"actions": [{"action": "create", "entities": [{"key": "q"}]}]});
    let detail = harness.patch(VARIABLES, bad).await.expect(422)["detail"].clone();
    assert_eq!(detail[0]["loc"], json!(["body", "actions", 0, "entities", 0, "value"]));
}

#[tokio::test]
async fn a_connection_never_shows_its_password() {
    let harness = Harness::start().await;
    let body = json!({
        "connection_id": "db.main", "conn_type": "postgres", "host": "h", "login": "l", "schema": "s", "port": 5432, "password": "p",
        "extra": "{\"secret_key\": \"x\", \"sslmode\": \"require\"}",
    });
    let made = harness.post(CONNECTIONS, body.clone()).await.expect(201);
    let expected = json!({
        "connection_id": "db.main", "conn_type": "postgres", "description": null, "host": "h", "login": "l", "schema": "s", "port": 5432,
        "password": "***", "extra": "{\"secret_key\": \"***\", \"sslmode\": \"require\"}", "team_name": null,
    });
    assert_eq!(made.to_string(), expected.to_string());
    assert_eq!(harness.post(CONNECTIONS, body).await.expect(409)["detail"]["reason"], "Unique constraint violation");
    let path = format!("{CONNECTIONS}/db.main");
    let patched = harness
        .patch(&format!("{path}?update_mask=host"), json!({"connection_id": "db.main", "conn_type": "mysql", "host": "other"}))
        .await;
    assert_eq!((&patched.expect(200)["host"], &patched.json()["conn_type"]), (&json!("other"), &json!("postgres")));
    // What came back masked stays what it was.
    let whole = json!({"connection_id": "db.main", "conn_type": "postgres", "password": "***", "extra": made["extra"]});
    harness.patch(&path, whole).await.expect(200);
    let kept = harness.store().run(tradewind_store::table::connection::GetConnection { conn_id: "db.main".into() }).await.unwrap().unwrap();
    assert_eq!(kept.password.unwrap().0, "p");
    assert!(kept.extra.unwrap().0.contains("\"secret_key\":\"x\""));
    harness.patch(&path, json!({"connection_id": "x", "conn_type": "y"})).await.expect(400);
    harness.delete(&path).await.expect(204);
    harness.get(&path).await.expect(404);
}

#[tokio::test]
async fn connections_are_checked_and_listed() {
    let harness = Harness::start().await;
    for (body, kind) in [
        (json!({"connection_id": "a b", "conn_type": "x"}), "string_pattern_mismatch"),
        (json!({"connection_id": "a"}), "missing"),
        (json!({"connection_id": "a", "conn_type": "x", "extra": "[1]"}), "value_error"),
        (json!({"connection_id": "a", "conn_type": "x", "port": "p"}), "int_parsing"),
        (json!({"connection_id": "a", "conn_type": "x", "team_name": "t"}), "value_error"),
    ] {
        assert_eq!(harness.post(CONNECTIONS, body.clone()).await.expect(422)["detail"][0]["type"], kind, "{body}");
    }
    let entities = json!([{"connection_id": "b", "conn_type": "http"}, {"connection_id": "a", "conn_type": "http"}]);
    harness.patch(CONNECTIONS, json!({"actions": [{"action": "create", "entities": entities}]})).await.expect(200);
    let listed = harness.get(&format!("{CONNECTIONS}?order_by=connection_id&limit=1")).await.expect(200);
    assert_eq!((&listed["connections"][0]["connection_id"], &listed["total_entries"]), (&json!("a"), &json!(2)));
    harness.post(&format!("{CONNECTIONS}/test"), json!({"connection_id": "a", "conn_type": "http"})).await.expect(403);
}

#[tokio::test]
async fn pools_show_what_is_taken() {
    let harness = Harness::start().await;
    crate::seed::dag(harness.store(), &crate::seed::chain("alpha")).await;
    crate::seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    crate::seed::task(harness.store(), "alpha", "r1", "a", -1, Some("running")).await;
    let pool = harness.get(&format!("{POOLS}/default_pool")).await.expect(200);
    let expected = json!({
        "name": "default_pool", "slots": 128, "description": "Default pool", "include_deferred": false, "occupied_slots": 1,
        "running_slots": 1, "queued_slots": 0, "scheduled_slots": 0, "open_slots": 127, "deferred_slots": 0, "team_name": null,
    });
    assert_eq!(pool.to_string(), expected.to_string());
    let made = harness.post(POOLS, json!({"name": "a/b", "slots": -1})).await.expect(201);
    assert_eq!((&made["open_slots"], &made["slots"]), (&json!(-1), &json!(-1)));
    harness.post(POOLS, json!({"name": "a/b", "slots": 1})).await.expect(409);
    assert_eq!(harness.post(POOLS, json!({"name": "c", "slots": -2})).await.expect(422)["detail"][0]["type"], "greater_than_equal");
    assert_eq!(harness.get(&format!("{POOLS}?order_by=-name")).await.expect(200)["total_entries"], 2);
    harness.signed_in(Role::Viewer).get(POOLS).await.expect(200);
    harness.signed_in(Role::User).post(POOLS, json!({"name": "c", "slots": 1})).await.expect(403);
}

#[tokio::test]
async fn pools_change_by_their_rules() {
    let harness = Harness::start().await;
    harness.post(POOLS, json!({"name": "p", "slots": 2, "description": "d"})).await.expect(201);
    let missing = harness.patch(&format!("{POOLS}/p?update_mask=slots"), json!({"slots": 3})).await.expect(422);
    assert_eq!((&missing["detail"][0]["loc"][1], &missing["detail"][1]["loc"][1]), (&json!("pool"), &json!("include_deferred")));
    let whole = json!({"pool": "p", "slots": 3, "include_deferred": true});
    let changed = harness.patch(&format!("{POOLS}/p?update_mask=slots"), whole).await.expect(200);
    assert_eq!((&changed["slots"], &changed["include_deferred"], &changed["description"]), (&json!(3), &json!(false), &json!("d")));
    let renamed = harness.patch(&format!("{POOLS}/p"), json!({"pool": "q", "slots": 3, "include_deferred": false})).await.expect(200);
    assert_eq!(renamed["name"], "q");
    harness.get(&format!("{POOLS}/p")).await.expect(404);
    assert_eq!(harness.patch(&format!("{POOLS}/default_pool"), json!({"slots": 5})).await.expect(200)["slots"], 5);
    harness.patch(&format!("{POOLS}/default_pool"), json!({"description": "x"})).await.expect(400);
    harness.delete(&format!("{POOLS}/default_pool")).await.expect(400);
    harness.delete(&format!("{POOLS}/q")).await.expect(204);
    let body = json!({"actions": [{"action": "delete", "entities": ["default_pool"]}]});
    assert_eq!(harness.patch(POOLS, body).await.expect(200)["delete"]["errors"][0]["status_code"], 400);
}

#[tokio::test]
async fn provider_packages_are_asked_once_for_the_forms_of_connections() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let form = json!({
        "connection_type": "acme", "hook_name": "Acme", "package_name": "p", "hidden_fields": ["port"], "relabeling": {"login": "User"}, "placeholders": {},
        "fields": [{"name": "colour", "label": "Colour", "type": "string", "description": null, "secret": true, "options": ["red"]}],
    });
    let kept = form.clone();
    let read: ReadConnectionTypes = Arc::new(move || {
        let (kept, before) = (kept.clone(), count.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move { if before == 0 { Err("no python".into()) } else { Ok(vec![serde_json::from_value(kept).unwrap()]) } })
    });
    let harness = Harness::with(|options| options.connection_types = Some(read)).await;
    let path = "/api/v2/tradewind/connectionTypes";
    assert_eq!(harness.get(path).await.expect(200), json!({"connection_types": [], "total_entries": 0}));
    for _ in 0..2 {
        assert_eq!(harness.get(path).await.expect(200), json!({"connection_types": [form], "total_entries": 1}));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}
