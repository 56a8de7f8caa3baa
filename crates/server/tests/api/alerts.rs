use serde_json::{Value, json};
use tradewind_core::alert::{AlertKind, Draft, Facts, Grouping, Target};
use tradewind_server::auth::role::Role;
use tradewind_store::Store;
use tradewind_store::step::{SettleAlert, Settlement, TakeAlerts};
use tradewind_store::table::alert::{Outcomes, WriteAlerts};

use crate::harness::Harness;

const LIST: &str = "/api/v2/tradewind/alerts/deliveries";

pub async fn write(store: &Store, key: &str, channel: &str) {
    let target = Target { channel: channel.into(), recipients: vec!["a@example.com".to_owned(), "b@example.com".to_owned()] };
    let facts = Facts { dag_id: "d".to_owned(), ..Facts::default() };
    let draft = Draft { kind: AlertKind::RunFailure, key: key.to_owned(), targets: vec![target], task: None, facts };
    store.run(WriteAlerts(vec![(None, draft)])).await.unwrap();
}

/// Channels: one that always takes what it gets, and one that never does.
pub fn options() -> tradewind_alert::AlertOptions {
    use tradewind_config::{Config, Environment, Settings};
    let channels = r#"{"true": {"type": "command", "argv": ["/bin/true"]}, "false": {"type": "command", "argv": ["/bin/false"]},
        "hook": {"type": "slack", "url": "https://hooks.example.com/T0KEN"}}"#;
    let home = tempfile::tempdir().unwrap();
    let variables = [("AIRFLOW_HOME", home.path().to_str().unwrap()), ("AIRFLOW__ALERTS__CHANNELS", channels)];
    let environment: Environment = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let settings = Settings::from_config(&Config::load(environment).unwrap()).unwrap();
    tradewind_alert::AlertOptions::from_settings(&settings, "http://localhost", "host").unwrap()
}

/// The first alert that waits fails; one recipient was refused.
async fn fail(store: &Store, channel: &str) {
    let token = "t".to_owned();
    let lease = jiff::SignedDuration::from_secs(60);
    let grouping = Grouping { after: 0, window: jiff::SignedDuration::ZERO };
    let take = TakeAlerts { channel: channel.to_owned(), token: token.clone(), lease, limit: 1, grouping };
    let taken = store.run(take).await.unwrap();
    let settle = SettleAlert {
        id: taken[0].id,
        token,
        settlement: Settlement::Failed,
        subject: Some("subject".to_owned()),
        outcomes: Outcomes::from([("b@example.com".to_owned(), Some("550 unknown".to_owned()))]),
        error: Some("b@example.com: 550 unknown".to_owned()),
        answered: true,
    };
    store.run(settle).await.unwrap();
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_and_page_by_page() {
    let admin = Harness::start().await;
    for (key, channel) in [("1", "ops"), ("2", "email"), ("3", "ops")] {
        write(admin.store(), key, channel).await;
    }
    let ids = |page: &Value| page["deliveries"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect::<Vec<_>>();
    let first = admin.get(&format!("{LIST}?limit=2")).await.expect(200);
    assert_eq!((ids(&first), first["total_entries"].as_i64()), (vec![3, 2], Some(3)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("{LIST}?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!((ids(&second), &second["next_cursor"]), (vec![1], &Value::Null));
    assert_eq!(ids(&admin.get(&format!("{LIST}?channel=email&state=waiting")).await.expect(200)), [2]);
    assert_eq!(ids(&admin.get(&format!("{LIST}?dag_id=other")).await.expect(200)), Vec::<i64>::new());
    admin.get(&format!("{LIST}?cursor=nonsense")).await.expect(400);
    admin.get(&format!("{LIST}/9")).await.expect(404);
}

#[tokio::test]
async fn what_failed_says_why_and_is_tried_again() {
    let admin = Harness::start().await;
    write(admin.store(), "1", "ops").await;
    fail(admin.store(), "ops").await;
    let one = admin.get(&format!("{LIST}/1")).await.expect(200);
    assert_eq!((&one["state"], &one["tries"], &one["subject"]), (&json!("failed"), &json!(1), &json!("subject")));
    let refused = json!({"address": "b@example.com", "state": "refused", "error": "550 unknown"});
    assert_eq!(one["recipients"], json!([{"address": "a@example.com", "state": "waiting", "error": null}, refused]));
    let health = admin.get("/api/v2/monitor/health").await.expect(200);
    assert_eq!((&health["alerts"]["status"], &health["alerts"]["failed_24h"]), (&json!("unhealthy"), &json!(1)));
    admin.signed_in(Role::Viewer).post(&format!("{LIST}/1/retry"), json!({})).await.expect(403);
    let again = admin.post(&format!("{LIST}/1/retry"), json!({})).await.expect(200);
    assert_eq!((&again["state"], &again["recipients"][1]["state"]), (&json!("waiting"), &json!("waiting")));
    let events = admin.get("/api/v2/eventLogs?event=retry_alert").await.expect(200);
    assert_eq!(events["total_entries"], 1);
}

#[tokio::test]
async fn channels_are_tested_and_shown_without_their_secrets() {
    let admin = Harness::with(|server| server.alerts = Some(options())).await;
    let shown = admin.get("/api/v2/tradewind/alerts/channels").await;
    assert!(shown.text.contains("\"hooks.example.com\"") && !shown.text.contains("T0KEN"), "{}", shown.text);
    let test = |channel: &str| json!({ "channel": channel });
    const TEST: &str = "/api/v2/tradewind/alerts/test";
    assert_eq!(admin.post(TEST, test("true")).await.expect(200), json!({"ok": true, "error": null}));
    let failed = admin.post(TEST, test("false")).await.expect(200);
    assert_eq!(failed, json!({"ok": false, "error": "/bin/false: exit status: 1"}));
    admin.post(TEST, test("nobody")).await.expect(404);
    admin.post(TEST, test("email")).await.expect(422);
    admin.signed_in(Role::Viewer).post(TEST, test("true")).await.expect(403);
}

#[tokio::test]
async fn a_server_without_channels_says_so() {
    let admin = Harness::start().await;
    admin.get("/api/v2/tradewind/alerts/channels").await.expect(404);
    admin.post("/api/v2/tradewind/alerts/test", json!({"channel": "ops"})).await.expect(404);
}
