//! The runs to come, in zones with and without changes of the clock.

use serde_json::{Value, json};

use crate::harness::Harness;
use crate::seed;

async fn with_cron(cron: &str, zone: &str) -> Harness {
    let harness = Harness::start().await;
    let mut form = seed::chain("d");
    form["timezone"] = json!(zone);
    form["timetable"] = json!({"type": "cron_data_interval", "cron": cron, "timezone": zone});
    seed::dag(harness.store(), &form).await;
    harness
}

fn column<'a>(body: &'a Value, name: &str) -> Vec<&'a Value> {
    body["runs"].as_array().unwrap().iter().map(|run| &run[name]).collect()
}

#[tokio::test]
async fn seoul_runs_at_the_same_hour_all_year() {
    let harness = with_cron("0 2 * * *", "Asia/Seoul").await;
    let body = harness.get("/api/v2/tradewind/dags/d/schedule?count=2&from=2026-03-07T00:00:00Z").await.expect(200);
    assert_eq!((&body["timezone"], &body["summary"], &body["catchup"]), (&json!("Asia/Seoul"), &json!("0 2 * * *"), &json!(false)));
    let first = json!({
        "run_after": "2026-03-07T17:00:00Z", "logical_date": "2026-03-06T17:00:00Z", "data_interval_start": "2026-03-06T17:00:00Z",
        "data_interval_end": "2026-03-07T17:00:00Z", "utc_offset": "+09:00", "mark": null, "mark_text": null,
    });
    assert_eq!(body["runs"][0], first);
    assert_eq!(column(&body, "run_after"), ["2026-03-07T17:00:00Z", "2026-03-08T17:00:00Z"]);
}

#[tokio::test]
async fn new_york_marks_both_changes_of_the_clock() {
    let harness = with_cron("30 2 * * *", "America/New_York").await;
    let spring = harness.get("/api/v2/tradewind/dags/d/schedule?count=2&from=2026-03-08T05:00:00Z").await.expect(200);
    assert_eq!(column(&spring, "mark"), [&json!("gap"), &Value::Null]);
    assert_eq!(column(&spring, "utc_offset"), ["-04:00", "-04:00"]);
    assert!(spring["runs"][0]["mark_text"].as_str().unwrap().contains("02:30 does not exist on 2026-03-08"));
    let harness = with_cron("30 1 * * *", "America/New_York").await;
    let autumn = harness.get("/api/v2/tradewind/dags/d/schedule?count=1&from=2026-11-01T00:00:00Z").await.expect(200);
    assert_eq!((&autumn["runs"][0]["mark"], &autumn["runs"][0]["utc_offset"]), (&json!("repeat"), &json!("-05:00")));
}

#[tokio::test]
async fn bounds_are_checked_and_dags_without_a_clock_have_no_runs() {
    let harness = with_cron("* * * * *", "UTC").await;
    let many = harness.get("/api/v2/tradewind/dags/d/schedule?count=5000").await.expect(200);
    assert_eq!(many["runs"].as_array().unwrap().len(), 1_000);
    harness.get("/api/v2/tradewind/dags/d/schedule?count=0").await.expect(422);
    harness.get("/api/v2/tradewind/dags/d/schedule?from=yesterday").await.expect(422);
    harness.get("/api/v2/tradewind/dags/zzz/schedule").await.expect(404);
    let mut form = seed::chain("by-hand");
    form["timetable"] = json!({"type": "null"});
    seed::dag(harness.store(), &form).await;
    let none = harness.get("/api/v2/tradewind/dags/by-hand/schedule").await.expect(200);
    assert_eq!((&none["runs"], &none["timezone"]), (&json!([]), &json!("Asia/Seoul")));
}
