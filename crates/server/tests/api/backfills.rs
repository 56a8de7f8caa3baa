//! Backfills over REST.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

async fn daily() -> Harness {
    let harness = Harness::start().await;
    let mut form = seed::chain("alpha");
    form["timetable"] = json!({"type": "cron_data_interval", "cron": "0 0 * * *", "timezone": "UTC"});
    seed::dag(harness.store(), &form).await;
    let mut by_hand = seed::chain("manual_only");
    by_hand["timetable"] = json!({"type": "null"});
    seed::dag(harness.store(), &by_hand).await;
    let mut past = seed::chain("past");
    past["timetable"] = form["timetable"].clone();
    past["tasks"][0]["depends_on_past"] = json!(true);
    seed::dag(harness.store(), &past).await;
    harness
}

fn body(more: Value) -> Value {
    let mut body = json!({"dag_id": "alpha", "from_date": "2024-01-01T00:00:00Z", "to_date": "2024-01-03T00:00:00Z"});
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_backfill_is_told_made_and_followed() {
    let harness = daily().await;
    let told = harness.post("/api/v2/backfills/dry_run", body(json!({"run_backwards": true}))).await.expect(200);
    let dates: Vec<&str> = told["backfills"].as_array().unwrap().iter().map(|run| run["logical_date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2024-01-03T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z"]);
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM dag_run").await, 0);
    let made = harness.post("/api/v2/backfills", body(json!({"dag_run_conf": {"n": 7}, "max_active_runs": 3}))).await.expect(200);
    assert_eq!((&made["dag_id"], &made["max_active_runs"], &made["is_paused"]), (&json!("alpha"), &json!(3), &json!(false)));
    assert_eq!(
        (&made["dag_run_conf"], &made["reprocess_behavior"], &made["completed_at"]),
        (&json!({"n": 7}), &json!("none"), &Value::Null)
    );
    let runs = harness.get("/api/v2/dags/alpha/dagRuns?order_by=logical_date").await.expect(200);
    let first = &runs["dag_runs"][0];
    assert_eq!((&first["run_type"], &first["triggered_by"]), (&json!("backfill"), &json!("backfill")));
    assert_eq!(first["dag_run_id"], "backfill__2024-01-02T00:00:00+00:00");
    assert_eq!(first["conf"], json!({"n": 7}));
    let path = format!("/api/v2/backfills/{}", made["id"]);
    assert_eq!(harness.get(&path).await.expect(200)["id"], made["id"]);
    assert_eq!(harness.get("/api/v2/backfills?dag_id=alpha&active=true").await.expect(200)["total_entries"], 1);
    assert_eq!(harness.get("/api/v2/backfills?dag_id=past").await.expect(200)["total_entries"], 0);
    let again = harness.post("/api/v2/backfills", body(json!({}))).await.expect(409);
    assert!(again.to_string().contains("already a running backfill"), "{again}");
    let put = async |act: &str| harness.call(Method::PUT, &format!("{path}/{act}"), None).await;
    assert_eq!(put("pause").await.expect(200)["is_paused"], true);
    let why = "/api/v2/tradewind/dags/alpha/dagRuns/backfill__2024-01-02T00:00:00+00:00/dependencies";
    assert!(harness.get(why).await.expect(200).to_string().contains("backfill_paused"));
    assert_eq!(put("unpause").await.expect(200)["is_paused"], false);
    assert_ne!(put("cancel").await.expect(200)["completed_at"], Value::Null);
    for act in ["pause", "unpause", "cancel"] {
        put(act).await.expect(409);
    }
    let progress = harness.get(&format!("/api/v2/tradewind/backfills/{}/progress", made["id"])).await.expect(200);
    assert_eq!((&progress["failed"], &progress["queued"]), (&json!(3), &json!(0)));
    harness.get("/api/v2/backfills/999").await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_a_backfill_is_refused_in_words() {
    let harness = daily().await;
    for (more, status, words) in [
        (json!({"dag_id": "nope"}), 404, "nope"),
        (json!({"dag_id": "manual_only"}), 422, "schedule without a period"),
        (json!({"from_date": "2124-01-01T00:00:00Z", "to_date": "2124-01-02T00:00:00Z"}), 422, "future dates"),
        (json!({"from_date": "2024-02-01T00:00:00Z"}), 422, "is after to_date"),
        (json!({"from_date": "2024-01-01T10:00:00Z", "to_date": "2024-01-01T11:00:00Z"}), 422, "no complete run"),
        (json!({"dag_id": "past"}), 422, "depends_on_past is set"),
        (json!({"dag_id": "past", "reprocess_behavior": "failed", "run_backwards": true}), 422, "in reverse"),
        (json!({"max_active_runs": 0}), 422, "greater_than_equal"),
        (json!({"reprocess_behavior": "all"}), 422, "reprocess_behavior"),
        (json!({"pool": "x"}), 422, "extra_forbidden"),
    ] {
        for path in ["/api/v2/backfills", "/api/v2/backfills/dry_run"] {
            let refused = harness.post(path, body(more.clone())).await.expect(status);
            assert!(refused.to_string().contains(words), "{more}: {refused}");
        }
    }
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM backfill").await, 0);
}
