use serde_json::Value;

use crate::harness::Harness;
use crate::seed;

fn ids<'a>(body: &'a Value, list: &str, key: &str) -> Vec<&'a str> {
    body[list].as_array().unwrap().iter().map(|row| row[key].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_of_runs_is_walked_to_its_end_and_back() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    for number in 0..5 {
        seed::dag_run(harness.store(), "alpha", &format!("r{number}"), "success").await;
    }
    // Some have ended and some have no end: both kinds of sort value.
    seed::run(harness.store(), "UPDATE dag_run SET end_date = id % 2 WHERE id > 2", vec![]).await;
    let page = |cursor: String| {
        let harness = &harness;
        async move { harness.get(&format!("/api/v2/dags/alpha/dagRuns?order_by=-end_date&limit=2&cursor={cursor}")).await.expect(200) }
    };
    let first = page(String::new()).await;
    assert_eq!((ids(&first, "dag_runs", "dag_run_id"), &first["previous_cursor"]), (vec!["r4", "r2"], &Value::Null));
    assert_eq!((first["total_entries"].as_i64(), first["total_entries_limit"].as_i64()), (Some(5), Some(50_000)));
    let second = page(first["next_cursor"].as_str().unwrap().into()).await;
    assert_eq!(ids(&second, "dag_runs", "dag_run_id"), ["r3", "r1"]);
    let third = page(second["next_cursor"].as_str().unwrap().into()).await;
    assert_eq!((ids(&third, "dag_runs", "dag_run_id"), &third["next_cursor"]), (vec!["r0"], &Value::Null));
    let back = third["previous_cursor"].as_str().unwrap();
    assert!(back.starts_with('~'));
    let back = page(back.into()).await;
    assert_eq!(ids(&back, "dag_runs", "dag_run_id"), ["r3", "r1"]);
    let start = page(back["previous_cursor"].as_str().unwrap().into()).await;
    assert_eq!((ids(&start, "dag_runs", "dag_run_id"), &start["previous_cursor"]), (vec!["r4", "r2"], &Value::Null));
    harness.get("/api/v2/dags/alpha/dagRuns?cursor=nonsense").await.expect(400);
    let other = first["next_cursor"].as_str().unwrap();
    harness.get(&format!("/api/v2/dags/alpha/dagRuns?order_by=state&order_by=id&order_by=end_date&cursor={other}")).await.expect(400);
}

#[tokio::test]
async fn task_instances_are_walked_the_same_way() {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    for task in ["a", "b", "c"] {
        seed::task(harness.store(), "alpha", "r1", task, -1, None).await;
    }
    let path = "/api/v2/dags/alpha/dagRuns/r1/taskInstances?limit=2&cursor=";
    let first = harness.get(path).await.expect(200);
    assert_eq!(ids(&first, "task_instances", "task_id"), ["a", "b"]);
    let second = harness.get(&format!("{path}{}", first["next_cursor"].as_str().unwrap())).await.expect(200);
    assert_eq!(ids(&second, "task_instances", "task_id"), ["c"]);
}
