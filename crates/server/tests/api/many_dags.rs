//! The list of DAGs when there are many, each with many runs.

use std::collections::BTreeSet;

use crate::harness::Harness;
use crate::seed;

const DAGS: usize = 700;

async fn many() -> Harness {
    let harness = Harness::start().await;
    let dags = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 699) \
        INSERT INTO dag (dag_id, dag_display_name, is_paused, fileloc, relative_fileloc, timetable_type, timezone, max_active_tasks, max_active_runs) \
        SELECT printf('dag_%05d', i), printf('Dag %05d', i), i % 2, '/d.py', 'd.py', 'null', 'UTC', 16, 16 FROM n";
    seed::run(harness.store(), dags, vec![]).await;
    let tags = "INSERT INTO dag_tag (dag_id, name) SELECT dag_id, 'all' FROM dag";
    seed::run(harness.store(), tags, vec![]).await;
    let runs = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19) \
        INSERT INTO dag_run (dag_id, run_id, run_type, state, run_after, updated_at, end_date) \
        SELECT d.dag_id, printf('r%03d', i), 'scheduled', CASE WHEN i % 4 = 0 THEN 'failed' ELSE 'success' END, i, 0, i FROM dag d CROSS JOIN n";
    seed::run(harness.store(), runs, vec![]).await;
    harness
}

#[tokio::test]
async fn every_page_is_whole_and_all_pages_together_are_all_dags() {
    let harness = many().await;
    let mut seen = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page =
            harness.get(&format!("/api/v2/tradewind/dags?limit=100&tags=all&order_by=last_run_state&cursor={cursor}")).await.expect(200);
        assert_eq!(page["total_entries"], DAGS);
        for dag in page["dags"].as_array().unwrap() {
            let runs = dag["last_runs"].as_array().unwrap();
            assert_eq!((runs.len(), &runs[15]["run_id"], &dag["run_counts"]["failed"]), (16, &"r019".into(), &5.into()));
            assert!(seen.insert(dag["dag_id"].as_str().unwrap().to_owned()), "{} came twice", dag["dag_id"]);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen.len(), DAGS);
}
