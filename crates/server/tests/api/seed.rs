//! Rows for tests.

use serde_json::{Value, json};
use tradewind_core::form::content_hash;
use tradewind_server::auth::{Role, password};
use tradewind_store::{Mode, Result, Store, Transaction, Tx, params};

/// Statements of a test, with their values.
struct Seed(Vec<(&'static str, Vec<tradewind_store::Value>)>);

impl Transaction for Seed {
    type Out = ();
    const NAME: &'static str = "test.seed";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (sql, values) in &self.0 {
            tx.exec(*sql, values).await?;
        }
        Ok(())
    }
}

pub async fn run(store: &Store, sql: &'static str, values: impl Into<Vec<tradewind_store::Value>>) {
    store.run(Seed(vec![(sql, values.into())])).await.unwrap();
}

pub async fn user(store: &Store, name: &str, role: Role, password: &str) {
    // One hash serves all users of a test: it takes tens of milliseconds.
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let hash = HASH.get_or_init(|| password::hash(password).unwrap()).clone();
    run(store, "INSERT INTO app_user (username, role, password_hash, created_at) VALUES (?, ?, ?, 0)", params![name, role.name(), hash])
        .await;
}

/// A form of tasks `a >> b >> c`, with what `change` adds.
pub fn chain(dag_id: &str) -> Value {
    let task = |id: &str, downstream: &[&str]| {
        json!({
            "task_id": id, "task_type": "PythonOperator", "operator_name": "@task", "task_module": "airflow.operators.python",
            "downstream": downstream, "retries": 2, "task_display_name": format!("Step {id}"),
        })
    };
    json!({
        "format": 1, "dag_id": dag_id, "fileloc": format!("/dags/{dag_id}.py"), "relative_fileloc": format!("{dag_id}.py"),
        "catchup": false, "start_date": "2024-01-01T00:00:00Z", "tags": ["etl", "night"], "dagrun_timeout": 5400.0, "timezone": "Asia/Seoul",
        "timetable": {"type": "cron_data_interval", "cron": "0 2 * * *", "timezone": "Asia/Seoul"},
        "params": {"n": {"value": 3, "schema": {"type": "integer"}}},
        "tasks": [task("a", &["b"]), task("b", &["c"]), task("c", &[])],
    })
}

/// A DAG with this form as its version 1.
pub async fn dag(store: &Store, form: &Value) {
    let id = form["dag_id"].as_str().unwrap();
    let file = form["relative_fileloc"].as_str().unwrap();
    let kind = form["timetable"]["type"].as_str().unwrap_or("null");
    let hash = content_hash(form);
    let uuid = format!("0193a000-0000-7000-8000-{:012x}", id.bytes().map(u64::from).sum::<u64>());
    let version = "INSERT INTO dag_version (uuid, dag_id, version_number, content_hash, source_hash, created_at) VALUES (?, ?, 1, ?, ?, 1700000000000000)";
    let dag = "INSERT INTO dag (dag_id, dag_display_name, is_paused, fileloc, relative_fileloc, owners, timetable_summary, timetable_type, timezone, \
        version_id, max_active_tasks, max_active_runs, last_parsed, parse_duration, next_run_after) \
        VALUES (?, ?, 1, ?, ?, 'ann, bob', '0 2 * * *', ?, 'Asia/Seoul', (SELECT max(id) FROM dag_version), 16, 16, 1700000000500000, 250000, 1700000400000000)";
    let mut statements = vec![
        ("INSERT OR IGNORE INTO dag_form (content_hash, form) VALUES (?, ?)", params![&hash, form.to_string()].to_vec()),
        ("INSERT OR IGNORE INTO dag_source (source_hash, source) VALUES (?, ?)", params![format!("s{hash}"), "# the source\n"].to_vec()),
        (version, params![uuid, id, &hash, format!("s{hash}")].to_vec()),
        (dag, params![id, id, form["fileloc"].as_str().unwrap(), file, kind].to_vec()),
        ("INSERT OR IGNORE INTO dag_file (relative_fileloc, fileloc) VALUES (?, ?)", params![file, file].to_vec()),
    ];
    for tag in form["tags"].as_array().into_iter().flatten() {
        statements.push(("INSERT INTO dag_tag (dag_id, name) VALUES (?, ?)", params![id, tag.as_str().unwrap()].to_vec()));
    }
    store.run(Seed(statements)).await.unwrap();
}

/// A manual run in this state.
pub async fn dag_run(store: &Store, dag_id: &str, run_id: &str, state: &str) {
    let sql = "INSERT INTO dag_run (dag_id, run_id, run_type, state, run_after, queued_at, start_date, version_id, updated_at, conf) \
        VALUES (?, ?, 'manual', ?, 1700000000000000, 1700000000000000, 1700000001000000, (SELECT version_id FROM dag WHERE dag_id = ?), 0, '{\"k\":1}')";
    run(store, sql, params![dag_id, run_id, state, dag_id]).await;
}

/// A task instance in this state, with its attempt when it has been queued.
pub async fn task(store: &Store, dag_id: &str, run_id: &str, task_id: &str, map_index: i32, state: Option<&str>) {
    let queued = matches!(state, Some(state) if !matches!(state, "scheduled" | "upstream_failed"));
    let id = queued.then(|| uuid::Uuid::now_v7().to_string());
    let started = queued.then_some(1_700_000_002_000_000_i64);
    let ended = matches!(state, Some("success" | "failed" | "skipped" | "up_for_retry")).then_some(1_700_000_003_500_000_i64);
    let tries = i64::from(queued);
    let sql = "INSERT INTO task_instance (run_pk, task_id, map_index, dag_id, state, attempt_id, try_number, max_tries, operator, start_date, end_date, \
        queued_at, hostname, updated_at) VALUES ((SELECT id FROM dag_run WHERE dag_id = ? AND run_id = ?), ?, ?, ?, ?, ?, ?, 2, 'PythonOperator', ?, ?, ?, 'host', 0)";
    run(store, sql, params![dag_id, run_id, task_id, map_index, dag_id, state, &id, tries, started, ended, started]).await;
    if let Some(id) = id {
        let sql = "INSERT INTO attempt (id, run_pk, task_id, map_index, try_number, max_tries, state, queue, pool, pool_slots, queued_by, queued_at, published_at, \
            start_date, end_date) VALUES (?, (SELECT id FROM dag_run WHERE dag_id = ? AND run_id = ?), ?, ?, 1, 2, ?, 'default', 'default_pool', 1, 1, 1, 1, ?, ?)";
        let known = ["queued", "running", "success", "failed", "skipped", "up_for_retry", "deferred"];
        let attempt = state.filter(|state| known.contains(state)).unwrap_or("running");
        run(store, sql, params![id, dag_id, run_id, task_id, map_index, attempt, started, ended]).await;
    }
}

struct Count(&'static str);

impl Transaction for Count {
    type Out = i64;
    const NAME: &'static str = "test.count";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        tx.row(self.0, params![]).await?.map_or(Ok(0), |row| row.get(0_usize))
    }
}

/// The number a statement counts.
pub async fn count(store: &Store, sql: &'static str) -> i64 {
    store.run(Count(sql)).await.unwrap()
}
