//! The grid of a DAG: groups, mapped tasks, versions, pages.

use serde_json::{Value, json};
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

/// `start >> g.first >> g.many (mapped)`, defined from the end.
fn form(dag_id: &str) -> Value {
    let task = |id: &str, more: Value| {
        let mut task = json!({"task_id": id, "task_type": "PythonOperator", "operator_name": "@task", "task_module": "m"});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    json!({
        "format": 1, "dag_id": dag_id, "fileloc": "/dags/g.py", "relative_fileloc": "g.py", "catchup": false,
        "groups": [{"group_id": "g", "display_name": "The group"}],
        "tasks": [
            task("g.many", json!({"group": "g", "label": "many", "mapped": {"length": {"literal": 3}}})),
            task("g.first", json!({"group": "g", "label": "first", "downstream": ["g.many"], "is_teardown": false})),
            task("start", json!({"downstream": ["g.first"], "is_setup": true, "task_display_name": "Begin here"})),
        ],
    })
}

async fn run_at(harness: &Harness, run_id: &str, run_after: i64) {
    seed::dag_run(harness.store(), "d", run_id, "success").await;
    let sql = "UPDATE dag_run SET run_after = ? WHERE run_id = ?";
    seed::run(harness.store(), sql, params![run_after * 1_000_000, run_id]).await;
}

fn run_ids(grid: &Value) -> Vec<&str> {
    grid["runs"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn rows_follow_the_graph_and_groups_stand_before_their_members() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &form("d")).await;
    let grid = harness.get("/api/v2/tradewind/dags/d/grid").await.expect(200);
    assert_eq!((&grid["version"], &grid["has_older"], &grid["runs"]), (&json!(1), &json!(false), &json!([])));
    let rows = json!([
        {"id": "start", "label": "Begin here", "kind": "task", "parent": null, "depth": 0, "mapped": false, "operator": "@task",
            "setup": true, "teardown": false, "removed": false},
        {"id": "g", "label": "The group", "kind": "group", "parent": null, "depth": 0, "mapped": false, "operator": null,
            "setup": false, "teardown": false, "removed": false},
        {"id": "g.first", "label": "first", "kind": "task", "parent": "g", "depth": 1, "mapped": false, "operator": "@task",
            "setup": false, "teardown": false, "removed": false},
        {"id": "g.many", "label": "many", "kind": "task", "parent": "g", "depth": 1, "mapped": true, "operator": "@task",
            "setup": false, "teardown": false, "removed": false},
    ]);
    assert_eq!(grid["tasks"], rows);
    harness.get("/api/v2/tradewind/dags/zzz/grid").await.expect(404);
    harness.get("/api/v2/tradewind/dags/d/grid?limit=0").await.expect(422);
    harness.get("/api/v2/tradewind/dags/d/grid?state=odd").await.expect(422);
}

#[tokio::test]
async fn cells_of_mapped_tasks_are_counts_and_the_telling_state() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &form("d")).await;
    run_at(&harness, "r", 1).await;
    seed::task(harness.store(), "d", "r", "start", -1, Some("success")).await;
    seed::run(harness.store(), "UPDATE task_instance SET note = 'look' WHERE task_id = 'start'", vec![]).await;
    seed::task(harness.store(), "d", "r", "g.first", -1, None).await;
    for (index, state) in [Some("success"), Some("success"), Some("failed"), Some("running"), None].into_iter().enumerate() {
        seed::task(harness.store(), "d", "r", "g.many", i32::try_from(index).unwrap(), state).await;
    }
    let grid = harness.get("/api/v2/tradewind/dags/d/grid").await.expect(200);
    let run = &grid["runs"][0];
    assert_eq!((&run["version_number"], &run["run_type"]), (&json!(1), &json!("manual")));
    let start = json!({"state": "success", "try_number": 1, "start_date": "2023-11-14T22:13:22Z", "end_date": "2023-11-14T22:13:23.500000Z", "note": "look"});
    assert_eq!(run["states"]["start"], start);
    assert_eq!(run["states"]["g.first"], json!({"state": null, "try_number": 0, "start_date": null, "end_date": null}));
    let many = &run["states"]["g.many"];
    assert_eq!((&many["state"], &many["end_date"]), (&json!("failed"), &Value::Null));
    assert_eq!(many["counts"], json!({"none": 1, "failed": 1, "running": 1, "success": 2}));
}

#[tokio::test]
async fn packed_cells_say_the_same_in_letters_and_numbers() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &form("d")).await;
    run_at(&harness, "r", 1).await;
    seed::task(harness.store(), "d", "r", "start", -1, Some("success")).await;
    seed::run(harness.store(), "UPDATE task_instance SET note = 'look', try_number = 3 WHERE task_id = 'start'", vec![]).await;
    seed::task(harness.store(), "d", "r", "g.first", -1, None).await;
    for (index, state) in [Some("success"), Some("failed")].into_iter().enumerate() {
        seed::task(harness.store(), "d", "r", "g.many", i32::try_from(index).unwrap(), state).await;
    }
    run_at(&harness, "empty", 2).await;
    let plain = harness.get("/api/v2/tradewind/dags/d/grid").await.expect(200);
    let packed = harness.get("/api/v2/tradewind/dags/d/grid/packed").await.expect(200);
    for part in ["tasks", "version", "has_older", "timezone"] {
        assert_eq!(packed[part], plain[part]);
    }
    let (run, of) = (&packed["runs"][0], &plain["runs"][0]);
    for part in ["run_id", "state", "run_after", "start_date", "end_date", "version_number"] {
        assert_eq!(run[part], of[part]);
    }
    let letters: Vec<&Value> = run["cells"].as_str().unwrap().chars().map(|letter| &packed["letters"][letter.to_string()]).collect();
    assert_eq!(letters, [&json!("success"), &Value::Null, &json!("failed")]);
    assert_eq!((&run["tries"], &run["notes"]), (&json!([3, 0, 1]), &json!({"start": "look"})));
    assert_eq!(run["counts"], json!({"g.many": {"success": 1, "failed": 1}}));
    let at = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let cell = &of["states"]["start"];
    assert_eq!(
        run["starts"],
        json!([at(&cell["start_date"]) - at(&of["start_date"]), null, at(&cell["start_date"]) - at(&of["start_date"])])
    );
    assert_eq!(
        run["took"],
        json!([at(&cell["end_date"]) - at(&cell["start_date"]), null, at(&cell["end_date"]) - at(&cell["start_date"])])
    );
    assert_eq!((&packed["runs"][1]["cells"], &packed["runs"][1]["starts"]), (&json!("..."), &json!([null, null, null])));
    harness.get("/api/v2/tradewind/dags/zzz/grid/packed").await.expect(404);
}

#[tokio::test]
async fn runs_of_one_instant_stay_on_one_page() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &form("d")).await;
    for (run_id, at) in [("r1", 1), ("r2", 2), ("r3", 2), ("r4", 2), ("r5", 3)] {
        run_at(&harness, run_id, at).await;
    }
    let first = harness.get("/api/v2/tradewind/dags/d/grid?limit=1").await.expect(200);
    assert_eq!((run_ids(&first), &first["has_older"]), (vec!["r5"], &json!(true)));
    let before = first["runs"][0]["run_after"].as_str().unwrap();
    let second = harness.get(&format!("/api/v2/tradewind/dags/d/grid?limit=2&before={before}")).await.expect(200);
    assert_eq!((run_ids(&second), &second["has_older"]), (vec!["r2", "r3", "r4"], &json!(true)));
    let before = second["runs"][0]["run_after"].as_str().unwrap();
    let third = harness.get(&format!("/api/v2/tradewind/dags/d/grid?limit=2&before={before}")).await.expect(200);
    assert_eq!((run_ids(&third), &third["has_older"]), (vec!["r1"], &json!(false)));
    let none = harness.get("/api/v2/tradewind/dags/d/grid?run_type=scheduled").await.expect(200);
    assert_eq!(run_ids(&none), Vec::<&str>::new());
}

#[tokio::test]
async fn tasks_that_only_old_runs_have_come_last() {
    let harness = Harness::start().await;
    let mut old = form("d");
    old["tasks"].as_array_mut().unwrap().push(json!({"task_id": "retired", "task_type": "T", "task_module": "m"}));
    seed::dag(harness.store(), &old).await;
    run_at(&harness, "r", 1).await;
    seed::task(harness.store(), "d", "r", "retired", -1, Some("success")).await;
    seed::task(harness.store(), "d", "r", "of no version", -1, Some("removed")).await;
    let newer = form("d");
    let hash = tradewind_core::form::content_hash(&newer);
    seed::run(harness.store(), "INSERT INTO dag_form (content_hash, form) VALUES (?, ?)", params![&hash, newer.to_string()]).await;
    let version =
        "INSERT INTO dag_version (uuid, dag_id, version_number, content_hash, source_hash, created_at) VALUES ('two', 'd', 2, ?, 's', 2)";
    seed::run(harness.store(), version, params![&hash]).await;
    seed::run(harness.store(), "UPDATE dag SET version_id = (SELECT max(id) FROM dag_version)", vec![]).await;
    let grid = harness.get("/api/v2/tradewind/dags/d/grid").await.expect(200);
    assert_eq!((&grid["version"], &grid["runs"][0]["version_number"]), (&json!(2), &json!(1)));
    let rows: Vec<_> =
        grid["tasks"].as_array().unwrap().iter().map(|row| (row["id"].as_str().unwrap(), row["removed"].as_bool().unwrap())).collect();
    assert_eq!(rows[3..], [("g.many", false), ("retired", true), ("of no version", true)]);
}
