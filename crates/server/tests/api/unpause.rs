use serde_json::json;
use tradewind_core::timetable::Zone;
use tradewind_queue::Change;
use tradewind_queue::unpause::local;
use tradewind_server::auth::Role;

use crate::harness::Harness;
use crate::seed;

const PREVIEW: &str = "/api/v2/tradewind/dags/past/unpausePreview";

async fn start() -> Harness {
    let harness = Harness::start().await;
    let mut form = seed::chain("past");
    form["catchup"] = json!(true);
    form["start_date"] = json!("2022-06-06T17:00:00Z");
    form["tasks"][1]["depends_on_past"] = json!(true);
    seed::dag(harness.store(), &form).await;
    harness
}

#[tokio::test]
async fn a_preview_counts_and_names_what_unpausing_starts() {
    let harness = start().await;
    let told = harness.get(PREVIEW).await.expect(200);
    let now = harness.store().now();
    // A day in Seoul has always 24 hours.
    let days = (now.as_second() - "2022-06-06T17:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second()) / 86_400;
    assert_eq!((told["count"].as_i64(), told["exact"].as_bool(), told["catchup"].as_bool()), (Some(days), Some(true), Some(true)));
    let first = json!({
        "logical_date": "2022-06-06T17:00:00Z", "run_after": "2022-06-07T17:00:00Z", "data_interval_start": "2022-06-06T17:00:00Z",
        "data_interval_end": "2022-06-07T17:00:00Z", "local": "2022-06-07 02:00 KST", "run_after_local": "2022-06-08 02:00 KST",
    });
    assert_eq!((&told["first"], &told["timezone"], &told["max_active_runs"]), (&first, &json!("Asia/Seoul"), &json!(16)));
    let date = |value: &serde_json::Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(date(&told["last"]["run_after"]) <= now && date(&told["from_now"]["next"]["run_after"]) > now);
    assert_eq!(told["past_tasks"], json!(["b"]));
    let sentence = told["sentence"].as_str().unwrap();
    let last = local(date(&told["last"]["logical_date"]), Zone::named("Asia/Seoul").unwrap().rules());
    assert!(sentence.contains("the first for 2022-06-07 02:00 KST") && sentence.contains(&format!("the last for {last}")), "{sentence}");
    harness.get("/api/v2/tradewind/dags/zzz/unpausePreview").await.expect(404);
    harness.with_token(None).get(PREVIEW).await.expect(401);
}

#[tokio::test]
async fn from_now_unpauses_and_leaves_nothing_missed() {
    let harness = start().await;
    let mut changes = harness.changes.subscribe();
    let path = "/api/v2/dags/past?update_mask=is_paused&from_now=true";
    harness.signed_in(Role::Viewer).patch(path, json!({"is_paused": false})).await.expect(403);
    harness.patch(path, json!({"is_paused": true})).await.expect(400);
    harness.patch("/api/v2/dags/past?from_now=perhaps", json!({"is_paused": false})).await.expect(422);
    let dag = harness.patch(path, json!({"is_paused": false})).await.expect(200);
    assert_eq!(dag["is_paused"], false);
    assert!(matches!(changes.try_recv(), Ok(Change::Dag { dag_id }) if dag_id == "past"));
    let left = harness.get(PREVIEW).await.expect(200);
    assert_eq!((&left["count"], &left["first"], &left["is_paused"]), (&json!(0), &json!(null), &json!(false)));
    assert_eq!(
        (&left["next"]["run_after"], &left["next"]["logical_date"]),
        (&dag["next_dagrun_run_after"], &dag["next_dagrun_logical_date"])
    );
    let log = harness.get("/api/v2/eventLogs?event=unpaused").await.expect(200);
    assert!(log["event_logs"][0]["extra"].as_str().unwrap().contains("\"from_now\":true"), "{log}");
    let many = harness.patch("/api/v2/dags?dag_id_pattern=~&from_now=true", json!({"is_paused": false})).await.expect(200);
    assert_eq!(many["dags"][0]["is_paused"], false);
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_says_so() {
    let harness = Harness::start().await;
    let mut form = seed::chain("past");
    form["timetable"] = json!({"type": "cron_trigger", "cron": "61 * * * *"});
    seed::dag(harness.store(), &form).await;
    let told = harness.get(PREVIEW).await.expect(422);
    assert!(told["detail"].as_str().unwrap().contains("timetable of the DAG `past`"), "{told}");
}
