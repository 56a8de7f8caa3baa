use serde_json::{Value, json};

use crate::harness::Harness;

#[tokio::test]
async fn health_needs_no_token_and_names_components_that_never_started() {
    let nobody = Harness::start().await.with_token(None);
    let expected = json!({
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": null, "latest_scheduler_heartbeat": null},
        "triggerer": {"status": null, "latest_triggerer_heartbeat": null},
        "dag_processor": {"status": null, "latest_dag_processor_heartbeat": null},
        "alerts": {"status": "healthy", "waiting": 0, "failed_24h": 0, "oldest_waiting": null},
    });
    assert_eq!(nobody.get("/api/v2/monitor/health").await.expect(200), expected);
}

#[tokio::test]
async fn version_is_that_of_the_product() {
    let nobody = Harness::start().await.with_token(None);
    let version = nobody.get("/api/v2/version").await.expect(200);
    assert_eq!(version, json!({"version": tradewind_server::VERSION, "git_version": null}));
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let nobody = Harness::with(|options| options.instance_name = "A <b>".into()).await.with_token(None);
    let answer = nobody.get("/").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(answer.text.contains("A &lt;b&gt;") && !answer.text.contains("://"), "{}", answer.text);
    assert_eq!(nobody.get("/page.css").await.status, 200);
}

#[tokio::test]
async fn the_document_lists_every_operation() {
    let document = Harness::start().await.get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap();
    let count: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(count, tradewind_server::routes::all().len());
    assert_eq!(document["paths"]["/api/v2/version"]["get"]["security"], Value::Null);
}

#[tokio::test]
async fn the_configuration_is_hidden_unless_exposed() {
    use tradewind_server::{ConfigValue, ExposeConfig};
    let value = |key: &str, text: &str, sensitive| ConfigValue { section: "core".into(), key: key.into(), value: text.into(), sensitive };
    let hidden = Harness::start().await;
    hidden.get("/api/v2/config").await.expect(403);
    let shown = Harness::with(|options| {
        options.expose_config = ExposeConfig::NonSensitive;
        options.config = vec![value("parallelism", "32", false), value("fernet_key", "abc", true)];
    })
    .await;
    let sections = shown.get("/api/v2/config?section=core").await.expect(200);
    assert_eq!(
        sections,
        json!({"sections": [{"name": "core", "options": [{"key": "parallelism", "value": "32"}, {"key": "fernet_key", "value": "< hidden >"}]}]})
    );
    shown.get("/api/v2/config?section=zzz").await.expect(404);
    shown.get("/api/v2/config/section/core/option/parallelism").await.expect(200);
    shown.get("/api/v2/config/section/core/option/zzz").await.expect(404);
}

#[tokio::test]
async fn nothing_is_loaded_as_plugin_or_provider() {
    let harness = Harness::start().await;
    assert_eq!(harness.get("/api/v2/plugins").await.expect(200), json!({"plugins": [], "total_entries": 0}));
    assert_eq!(harness.get("/api/v2/plugins/importErrors").await.expect(200), json!({"import_errors": [], "total_entries": 0}));
    assert_eq!(harness.get("/api/v2/providers").await.expect(200), json!({"providers": [], "total_entries": 0}));
    assert_eq!(harness.get("/api/v2/providers?limit=-1").await.expect(422)["detail"][0]["type"], "greater_than_equal");
}
