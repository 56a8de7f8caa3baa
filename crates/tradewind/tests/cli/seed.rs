//! DAGs and runs put into the database of a home, as a DAG processor and a scheduler would.

use serde_json::{Value, json};
use tradewind_core::state::TaskState;
use tradewind_store::step::{ApplyPlan, CreateTask, OwnRuns, ParsedDag, ParsedFile, RecordParse, StartJob, StartRuns};
use tradewind_store::table::import_error::NewImportError;
use tradewind_store::{Options, Store};

use crate::home::Home;

/// Runs something on the store of a home.
pub fn with_store<T>(home: &Home, work: impl AsyncFnOnce(&Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:///{}/tradewind.db", home.path().display());
        let store = Store::open(&url, Options::default()).await.unwrap();
        let out = work(&store).await;
        store.close().await;
        out
    })
}

/// `extract -> load -> report`, at 02:00 in Seoul, with a param.
pub fn etl(dag_id: &str) -> Value {
    json!({
        "format": 1, "dag_id": dag_id, "fileloc": "/dags/etl.py", "relative_fileloc": "etl.py", "catchup": false, "timezone": "Asia/Seoul",
        "timetable": {"type": "cron_trigger", "cron": "0 2 * * *", "timezone": "Asia/Seoul"},
        "start_date": "2024-01-01T00:00:00Z", "tags": ["daily"], "description": "Moves data",
        "params": {"n": {"value": 3, "has_value": true, "schema": {"type": "integer"}}},
        "tasks": [
            {"task_id": "extract", "task_type": "PythonOperator", "task_module": "m", "owner": "ada", "downstream": ["load"], "retries": 2},
            {"task_id": "load", "task_type": "PythonOperator", "task_module": "m", "owner": "ada", "downstream": ["report"]},
            {"task_id": "report", "task_type": "BashOperator", "task_module": "m", "owner": "ada"}
        ]
    })
}

/// Records a file with these DAGs, not paused.
pub fn dags(home: &Home, forms: Vec<Value>, errors: Vec<NewImportError>) {
    let file = ParsedFile {
        relative_fileloc: "etl.py".to_owned(),
        fileloc: "/dags/etl.py".to_owned(),
        source: "# etl".to_owned(),
        source_hash: "hash".to_owned(),
        mtime: None,
        size: None,
        parse_duration: 12_500,
    };
    let dags = forms.into_iter().map(|form| ParsedDag::read(form).unwrap()).collect();
    let record = RecordParse { file, dags, errors, paused_at_creation: false };
    with_store(home, async |store| store.run(record).await.unwrap());
}

/// Starts the open runs and gives their tasks these states.
pub fn states(home: &Home, states: &[(&str, i32, Option<TaskState>)]) {
    with_store(home, async |store| {
        let start = StartJob {
            job_type: "SchedulerJob".to_owned(),
            hostname: "elsewhere".to_owned(),
            unixname: None,
            pid: Some(1),
            address: None,
            version: None,
            stats: None,
            process: None,
            lease: jiff::SignedDuration::from_secs(600),
        };
        let owner = store.run(start).await.unwrap().owner;
        let owned = store.run(OwnRuns { owner, limit: 10, leave_to_others: None }).await.unwrap().unwrap();
        store.run(StartRuns { owner, limit: 10 }).await.unwrap().unwrap();
        for run in owned {
            let created = states.iter().map(|(task_id, map_index, state)| task(task_id, *map_index, *state)).collect();
            let plan = ApplyPlan {
                owner,
                run_pk: run.run_pk,
                known_seq: run.change_seq,
                deleted: vec![],
                created,
                transitions: vec![],
                kills: vec![],
                run_end: None,
                callbacks: vec![],
                events: vec![],
                alerts: Vec::new(),
            };
            store.run(plan).await.unwrap();
        }
    });
}

fn task(task_id: &str, map_index: i32, state: Option<TaskState>) -> CreateTask {
    CreateTask {
        task_id: task_id.into(),
        map_index,
        state,
        try_number: 1,
        max_tries: 0,
        operator: "PythonOperator".into(),
        pool: "default_pool".into(),
        pool_slots: 1,
        queue: "default".into(),
        executor: None,
        priority_weight: 1,
        start_date: None,
        end_date: None,
    }
}
