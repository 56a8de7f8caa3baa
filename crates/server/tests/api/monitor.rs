use serde_json::{Value, json};
use tradewind_store::params;

use crate::harness::Harness;

#[tokio::test]
async fn health_needs_no_token_and_names_components_that_never_started() {
    let nobody = Harness::start().await.with_token(None);
    let expected = json!({
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "unhealthy", "latest_scheduler_heartbeat": null},
        "triggerer": {"status": null, "latest_triggerer_heartbeat": null},
        "dag_processor": {"status": null, "latest_dag_processor_heartbeat": null},
        "alerts": {"status": "healthy", "waiting": 0, "failed_24h": 0, "oldest_waiting": null},
    });
    assert_eq!(nobody.get("/api/v2/monitor/health").await.expect(200), expected);
    assert_eq!(nobody.get("/health").await.expect(200), expected);
}

/// A process with a lease of a minute that beat `age` seconds ago.
async fn process(harness: &Harness, job_type: &str, age: i64, stats: Option<&str>) {
    let now = harness.store().now().as_microsecond();
    let job = "INSERT INTO job (job_type, state, lease_until, hostname, pid, start_date, latest_heartbeat, stats) VALUES (?, 'running', ?, 'h', 7, ?, ?, ?)";
    let values = params![job_type, now + 60_000_000, now, now - age * 1_000_000, stats.map(str::to_owned)];
    crate::seed::run(harness.store(), job, values).await;
}

#[tokio::test]
async fn a_component_is_healthy_while_one_of_it_does_its_work() {
    let harness = Harness::with(|options| options.thresholds.processor = 10_000_000).await;
    process(&harness, "SchedulerJob", 1, Some(r#"{"stalled_s": 31}"#)).await;
    process(&harness, "DagProcessorJob", 15, None).await;
    process(&harness, "TriggererJob", 15, None).await;
    let states = async || {
        let health = harness.get("/api/v2/monitor/health").await.expect(200);
        ["scheduler", "dag_processor", "triggerer"].map(|part| health[part]["status"].as_str().unwrap().to_owned())
    };
    assert_eq!(states().await, ["unhealthy", "unhealthy", "healthy"]);
    process(&harness, "SchedulerJob", 0, Some(r#"{"stalled_s": 0}"#)).await;
    process(&harness, "DagProcessorJob", 0, None).await;
    assert_eq!(states().await, ["healthy"; 3]);
}

#[tokio::test]
async fn the_cluster_tells_what_each_process_says_of_itself() {
    let harness = Harness::start().await;
    let stats = r#"{"runs": 4, "waiting": 2, "queue": 9, "usual_turn_us": 1500, "longest_turn_us": 20000, "errors": 1, "stalled_s": 0}"#;
    process(&harness, "SchedulerJob", 1, Some(stats)).await;
    process(&harness, "StandbySchedulerJob", 0, None).await;
    process(&harness, "WorkerJob", 0, Some(r#"{"queues": ["default"], "concurrency": 32, "running": 3}"#)).await;
    let cluster = harness.get("/api/v2/tradewind/cluster").await.expect(200);
    assert_eq!(cluster["total_entries"], 3);
    let member = |kind: &str, role: &str| {
        let found = cluster["members"].as_array().unwrap().iter().find(|one| one["kind"] == kind && one["role"] == role);
        found.unwrap_or_else(|| panic!("{kind} {role}: {cluster:#}")).clone()
    };
    let scheduler = member("scheduler", "active");
    for (field, value) in
        [("runs", json!(4)), ("waiting", json!(2)), ("queue", json!(9)), ("loop_ms", json!(1.5)), ("longest_loop_ms", json!(20.0))]
    {
        assert_eq!(scheduler[field], value, "{field}");
    }
    assert_eq!((&scheduler["healthy"], &scheduler["pid"], &scheduler["term"]), (&json!(true), &json!(7), &json!(1)));
    assert_eq!(member("scheduler", "standby")["job_type"], "StandbySchedulerJob");
    assert_eq!(member("worker", "active")["queues"], json!(["default"]));
}

#[tokio::test]
async fn metrics_are_open_or_want_a_token_or_are_off() {
    use tradewind_server::MetricsAccess;
    tradewind_metrics::install(&tradewind_metrics::Options { prefix: "airflow".into(), prometheus: true, ..Default::default() }).unwrap();
    tradewind_metrics::names::TI_SUCCESSES.count(1, &[]);
    let with = async |access| Harness::with(|options| options.metrics = access).await;
    let answer = with(MetricsAccess::Open).await.with_token(None).get("/metrics").await;
    assert_eq!(answer.headers["content-type"], tradewind_metrics::CONTENT_TYPE);
    assert!(answer.text.contains("airflow_ti_successes_total{} 1") && answer.text.ends_with("# EOF\n"), "{}", answer.text);
    let guarded = with(MetricsAccess::Token).await;
    assert_eq!(guarded.get("/metrics").await.status, 200);
    let nobody = guarded.with_token(None);
    assert_eq!(nobody.send(nobody.request(axum::http::Method::GET, "/metrics", None)).await.status, 401);
    let off = with(MetricsAccess::Off).await;
    assert_eq!(off.send(off.request(axum::http::Method::GET, "/metrics", None)).await.status, 404);
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
