use axum::http::{Method, header};
use serde_json::{Value, json};
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    harness
}

#[tokio::test]
async fn the_source_comes_as_json_or_text() {
    let harness = start().await;
    let source = harness.get("/api/v2/dagSources/alpha").await.expect(200);
    let expected = json!({"content": "# the source\n", "dag_id": "alpha", "version_number": 1, "dag_display_name": "alpha"});
    assert_eq!(source, expected);
    let ask = |accept: &'static str| {
        let mut request = harness.request(Method::GET, "/api/v2/dagSources/alpha", None);
        request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
        harness.send(request)
    };
    assert_eq!(ask("text/plain").await.text, "# the source\n");
    let refused = ask("image/png").await.expect(406);
    assert_eq!(refused, json!({"detail": "Only application/json or text/plain is supported"}));
    harness.get("/api/v2/dagSources/alpha?version_number=9").await.expect(404);
    harness.get("/api/v2/dagSources/zzz").await.expect(404);
}

#[tokio::test]
async fn versions_are_listed_for_one_dag_or_all() {
    let harness = start().await;
    seed::dag(harness.store(), &seed::chain("beta")).await;
    let one = harness.get("/api/v2/dags/alpha/dagVersions").await.expect(200);
    assert_eq!((&one["total_entries"], &one["dag_versions"][0]["dag_id"]), (&json!(1), &json!("alpha")));
    assert_eq!(harness.get("/api/v2/dags/~/dagVersions").await.expect(200)["total_entries"], 2);
    let version = harness.get("/api/v2/dags/alpha/dagVersions/1").await.expect(200);
    assert_eq!((&version["version_number"], &version["bundle_name"]), (&json!(1), &json!("dags-folder")));
    harness.get("/api/v2/dags/alpha/dagVersions/2").await.expect(404);
    assert_eq!(harness.get("/api/v2/dags/alpha/dagVersions/x").await.expect(422)["detail"][0]["loc"], json!(["path", "version_number"]));
    harness.get("/api/v2/dags/zzz/dagVersions").await.expect(404);
}

#[tokio::test]
async fn tags_and_statistics() {
    let harness = start().await;
    assert_eq!(harness.get("/api/v2/dagTags").await.expect(200), json!({"tags": ["etl", "night"], "total_entries": 2}));
    assert_eq!(harness.get("/api/v2/dagTags?order_by=-name&limit=1").await.expect(200)["tags"], json!(["night"]));
    harness.get("/api/v2/dagTags?order_by=x").await.expect(400);
    seed::dag_run(harness.store(), "alpha", "r1", "failed").await;
    let stats = harness.get("/api/v2/dagStats?dag_ids=alpha").await.expect(200);
    let states = json!([
        {"state": "queued", "count": 0}, {"state": "running", "count": 0}, {"state": "success", "count": 0}, {"state": "failed", "count": 1},
    ]);
    assert_eq!(stats, json!({"dags": [{"dag_id": "alpha", "dag_display_name": "alpha", "stats": states}], "total_entries": 1}));
}

#[tokio::test]
async fn import_errors_and_warnings() {
    let harness = start().await;
    let sql =
        "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, timestamp) VALUES ('bad.py', '/dags/bad.py', 'SyntaxError', ?)";
    seed::run(harness.store(), sql, params![1_700_000_000_000_000_i64]).await;
    let expected = json!({
        "import_error_id": 1, "timestamp": "2023-11-14T22:13:20Z", "filename": "bad.py", "bundle_name": "dags-folder", "stack_trace": "SyntaxError",
    });
    assert_eq!(harness.get("/api/v2/importErrors").await.expect(200), json!({"import_errors": [expected], "total_entries": 1}));
    assert_eq!(harness.get("/api/v2/importErrors/1").await.expect(200), expected);
    harness.get("/api/v2/importErrors/2").await.expect(404);
    harness.get("/api/v2/importErrors/x").await.expect(422);
    assert_eq!(harness.get("/api/v2/importErrors?filename_pattern=good").await.expect(200)["total_entries"], 0);
    let sql = "INSERT INTO dag_warning (dag_id, warning_type, message, timestamp) VALUES ('alpha', 'non-existent pool', 'no pool p', 0)";
    seed::run(harness.store(), sql, vec![]).await;
    let warnings = harness.get("/api/v2/dagWarnings?dag_id=alpha&warning_type=non-existent%20pool").await.expect(200);
    assert_eq!((&warnings["total_entries"], &warnings["dag_warnings"][0]["message"]), (&json!(1), &json!("no pool p")));
    harness.get("/api/v2/dagWarnings?warning_type=x").await.expect(422);
}

#[tokio::test]
async fn a_file_is_parsed_again_once_per_request() {
    let harness = start().await;
    let token = harness.get("/api/v2/dags/alpha").await.expect(200)["file_token"].as_str().unwrap().to_owned();
    let mut changes = harness.changes.subscribe();
    let ask = |token: String| harness.request(Method::PUT, &format!("/api/v2/parseDagFile/{token}"), None);
    assert_eq!(harness.send(ask(token.clone())).await.expect(201), Value::Null);
    assert!(matches!(changes.try_recv(), Ok(tradewind_queue::Change::Processor)));
    harness.send(ask(token)).await.expect(409);
    harness.send(ask("nonsense".into())).await.expect(404);
}
