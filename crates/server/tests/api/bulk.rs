use serde_json::json;

use crate::harness::Harness;
use crate::seed;

async fn start() -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    for (run, state) in [("r1", "success"), ("r2", "running")] {
        seed::dag_run(harness.store(), "alpha", run, state).await;
        seed::task(harness.store(), "alpha", run, "a", -1, Some("success")).await;
    }
    harness
}

#[tokio::test]
async fn runs_change_and_go_each_for_itself() {
    let harness = start().await;
    let body = json!({"actions": [
        {"action": "update", "entities": [{"dag_run_id": "r1", "note": "n"}, {"dag_run_id": "zzz", "note": "n"}]},
        {"action": "delete", "entities": ["r1", {"dag_run_id": "r2"}, "zzz"], "action_on_non_existence": "skip"},
        {"action": "create", "entities": [{"dag_run_id": "new"}]},
    ]});
    let outcome = harness.patch("/api/v2/dags/alpha/dagRuns", body).await.expect(200);
    assert_eq!(outcome["update"]["success"], json!(["alpha.r1"]));
    assert_eq!(outcome["update"]["errors"][0]["status_code"], 404);
    assert_eq!(outcome["delete"]["success"], json!(["alpha.r1"]));
    assert_eq!(outcome["delete"]["errors"].as_array().unwrap().len(), 1);
    assert_eq!(outcome["delete"]["errors"][0]["status_code"], 409);
    assert_eq!(outcome["create"]["errors"][0]["status_code"], 400);
    let bad = json!({"actions": [{"action": "update", "entities": [{"note": "n"}]}]});
    assert_eq!(harness.patch("/api/v2/dags/alpha/dagRuns", bad).await.expect(422)["detail"][0]["type"], "missing");
}

#[tokio::test]
async fn task_instances_change_and_go_each_for_itself() {
    let harness = start().await;
    let path = "/api/v2/dags/alpha/dagRuns/r2/taskInstances";
    let body = json!({"actions": [
        {"action": "update", "entities": [{"task_id": "a", "new_state": "failed"}, {"task_id": "zzz", "new_state": "failed"}]},
        {"action": "delete", "entities": [{"task_id": "a", "dag_run_id": "r1"}]},
    ]});
    let outcome = harness.patch(path, body).await.expect(200);
    assert_eq!((&outcome["update"]["success"], &outcome["delete"]["success"]), (&json!(["alpha.r2.a[-1]"]), &json!(["alpha.r1.a[-1]"])));
    assert_eq!(outcome["update"]["errors"][0]["status_code"], 404);
    assert_eq!(harness.get(&format!("{path}/a")).await.expect(200)["state"], "failed");
    harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/a").await.expect(404);
}
