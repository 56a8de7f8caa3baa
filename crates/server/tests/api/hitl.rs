//! Questions that tasks ask people.

use serde_json::json;
use tradewind_server::auth::Role;
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

pub const QUESTION: &str = "/api/v2/dags/alpha/dagRuns/r1/taskInstances/ask/-1/hitlDetails";

/// A task that waits for an answer, as its attempt has left it.
pub async fn question(harness: &Harness, task_id: &str, assigned: &str) {
    let store = harness.store();
    seed::task(store, "alpha", "r1", task_id, -1, Some("awaiting_input")).await;
    let sql = "INSERT INTO hitl_detail (run_pk, task_id, map_index, try_number, subject, body, options, defaults, multiple, params, assigned_users, \
        created_at, params_input) VALUES ((SELECT id FROM dag_run WHERE run_id = 'r1'), ?, -1, 1, 'Ship it?', 'The build is green.', '[\"Approve\",\"Reject\"]', \
        NULL, 0, '{\"n\":{\"value\":1,\"has_value\":true,\"description\":null,\"schema\":{\"type\":\"integer\",\"minimum\":1}}}', ?, 1700000000000000, '{}')";
    seed::run(store, sql, params![task_id, assigned].to_vec()).await;
    let wait = "INSERT INTO deferral (run_pk, task_id, map_index, try_number, attempt_id, kwargs, method, method_kwargs, is_encrypted, created_at) \
        SELECT run_pk, task_id, map_index, try_number, attempt_id, '{}', 'execute_complete', '{}', 0, 1 FROM task_instance WHERE task_id = ?";
    seed::run(store, wait, params![task_id].to_vec()).await;
}

async fn asked(assigned: &str) -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    question(&harness, "ask", assigned).await;
    harness
}

#[tokio::test]
async fn an_answer_counts_once_and_its_task_goes_on() {
    let harness = asked("[]").await;
    let found = harness.get(QUESTION).await.expect(200);
    assert_eq!((&found["subject"], &found["response_received"]), (&json!("Ship it?"), &json!(false)));
    assert_eq!(found["task_instance"]["state"], "awaiting_input");
    for (body, word) in [
        (json!({"chosen_options": ["Maybe"]}), "Maybe"),
        (json!({"chosen_options": ["Approve", "Reject"]}), "Only one"),
        (json!({"chosen_options": ["Approve"], "params_input": {"n": 0}}), "minimum"),
        (json!({"chosen_options": ["Approve"], "params_input": {"m": 1}}), "not asked for"),
        (json!({"chosen_options": []}), "one option at least"),
    ] {
        let refused = harness.patch(QUESTION, body.clone()).await.expect(422);
        assert!(refused.to_string().contains(word), "{refused}");
    }
    let body = json!({"chosen_options": ["Approve"], "params_input": {"n": 3}});
    let told = harness.patch(QUESTION, body.clone()).await.expect(200);
    assert_eq!(
        (&told["chosen_options"], &told["params_input"], &told["responded_by"]["name"]),
        (&json!(["Approve"]), &json!({"n": 3}), &json!("admin"))
    );
    harness.patch(QUESTION, body.clone()).await.expect(409);
    let task = harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/ask").await.expect(200);
    assert_eq!(task["state"], "scheduled");
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM deferral WHERE event LIKE '%Approve%'").await, 1);
    assert_eq!(seed::count(harness.store(), "SELECT COUNT(*) FROM event_log WHERE event = 'update_hitl_detail'").await, 1);
    let open = harness.get("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false").await.expect(200);
    let done = harness.get("/api/v2/dags/alpha/dagRuns/r1/hitlDetails?subject_search=Ship&state=scheduled").await.expect(200);
    assert_eq!((&open["total_entries"], &done["total_entries"]), (&json!(0), &json!(1)));
    harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/a/-1/hitlDetails").await.expect(404);
}

#[tokio::test]
async fn only_those_who_are_asked_answer() {
    let harness = asked(r#"[{"id": "user", "name": "Somebody"}]"#).await;
    let body = json!({"chosen_options": ["Reject"]});
    harness.signed_in(Role::Op).patch(QUESTION, body.clone()).await.expect(403);
    let told = harness.signed_in(Role::User).patch(QUESTION, body).await.expect(200);
    assert_eq!(told["chosen_options"], json!(["Reject"]));
}
