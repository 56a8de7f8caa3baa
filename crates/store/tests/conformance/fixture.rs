//! What the stories begin with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use tradewind_core::state::TaskState;
use tradewind_store::step::{
    Admission, Admit, ApplyPlan, Candidate, Claim, ClaimOutcome, Claimed, CreateTask, JobLease, NewRun, OwnRuns, Owner, PlanOutcome,
    Report, StartJob, StartRuns, TaskTransition, TriggerOutcome, TriggerRun,
};
use tradewind_store::table::task_instance::{GetTaskInstance, TaskInstance, TaskKey};
use tradewind_store::{Mode, Result, Row, Store, Transaction, Tx, Value, params};
use uuid::Uuid;

/// How long leases last in the stories.
pub const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// Any statement.
pub struct Statement(pub String, pub Vec<Value>);

impl Transaction for Statement {
    type Out = Vec<Row>;
    const NAME: &'static str = "statement";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Row>> {
        tx.rows(self.0.clone(), &self.1).await
    }
}

pub async fn sql(store: &Store, text: impl Into<String>) -> Vec<Row> {
    store.run(Statement(text.into(), Vec::new())).await.expect("the statement runs")
}

/// The only number of an answer.
pub async fn number(store: &Store, text: impl Into<String>) -> i64 {
    sql(store, text).await[0].get(0).expect("a number")
}

pub fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).expect("a time")
}

/// Ids in order, without a clock.
pub fn fresh_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | NEXT.fetch_add(1, Ordering::SeqCst))
}

/// A DAG that is not paused, with these limits.
pub async fn dag(store: &Store, dag_id: &str, max_active_runs: i64, max_active_tasks: i64) {
    let text =
        "INSERT INTO dag (dag_id, dag_display_name, is_paused, fileloc, relative_fileloc, timetable_type, timezone, max_active_tasks,
        max_active_runs) VALUES (?, ?, 0, '/dags/d.py', 'd.py', 'null', 'UTC', ?, ?)";
    let values = params![dag_id, dag_id, max_active_tasks, max_active_runs].to_vec();
    store.run(Statement(text.to_owned(), values)).await.expect("a dag");
}

pub async fn job(store: &Store, job_type: &str) -> JobLease {
    job_of(store, job_type, None).await
}

/// A row of a process with a name.
pub async fn job_of(store: &Store, job_type: &str, process: Option<&str>) -> JobLease {
    let start = StartJob {
        job_type: job_type.to_owned(),
        hostname: "host".to_owned(),
        unixname: Some("user".to_owned()),
        pid: Some(1),
        address: None,
        version: None,
        stats: None,
        process: process.map(str::to_owned),
        lease: LEASE,
    };
    store.run(start).await.expect("a job starts")
}

pub async fn scheduler(store: &Store) -> Owner {
    job(store, "SchedulerJob").await.owner
}

pub async fn worker(store: &Store) -> i64 {
    job(store, "WorkerJob").await.owner.job
}

pub fn manual(run_id: &str, run_after: Timestamp) -> NewRun {
    NewRun {
        run_id: run_id.to_owned(),
        run_type: "manual".to_owned(),
        logical_date: Some(run_after),
        data_interval_start: Some(run_after),
        data_interval_end: Some(run_after),
        run_after,
        conf: "{}".to_owned(),
        triggered_by: "test".to_owned(),
        triggering_user_name: None,
        note: None,
    }
}

/// Triggers a run.
pub async fn trigger(store: &Store, dag_id: &str, run: NewRun) -> i64 {
    match store.run(TriggerRun { dag_id: dag_id.to_owned(), run }).await.expect("a trigger") {
        TriggerOutcome::Created(run) => run.id,
        other => panic!("{other:?}"),
    }
}

/// Triggers a run, owns and starts it.
pub async fn running_run(store: &Store, owner: Owner, dag_id: &str, run_id: &str, run_after: Timestamp) -> i64 {
    let run_pk = trigger(store, dag_id, manual(run_id, run_after)).await;
    store.run(OwnRuns { owner, limit: 1000, leave_to_others: None }).await.unwrap().expect("the term runs");
    store.run(StartRuns { owner, limit: 1000 }).await.unwrap().expect("the term runs");
    run_pk
}

pub fn task(task_id: &str) -> CreateTask {
    CreateTask {
        task_id: task_id.into(),
        map_index: -1,
        state: Some(TaskState::Scheduled),
        try_number: 0,
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

/// A plan that changes nothing yet.
pub fn plan(owner: Owner, run_pk: i64, known_seq: i64) -> ApplyPlan {
    ApplyPlan {
        owner,
        run_pk,
        known_seq,
        deleted: vec![],
        created: vec![],
        transitions: vec![],
        kills: vec![],
        run_end: None,
        callbacks: vec![],
        events: vec![],
        alerts: Vec::new(),
    }
}

pub fn step(task_id: &str, from: Option<TaskState>, to: Option<TaskState>) -> TaskTransition {
    TaskTransition { task_id: task_id.into(), map_index: -1, from, to, try_number: None, start_date: None, end_date: None }
}

/// Creates scheduled task instances.
pub async fn schedule(store: &Store, owner: Owner, run_pk: i64, tasks: impl IntoIterator<Item = CreateTask>) {
    let known_seq = number(store, format!("SELECT change_seq FROM dag_run WHERE id = {run_pk}")).await;
    let plan = ApplyPlan { created: tasks.into_iter().collect(), ..plan(owner, run_pk, known_seq) };
    assert_eq!(store.run(plan).await.unwrap(), PlanOutcome::Applied);
}

pub fn candidate(run_pk: i64, task_id: impl Into<Arc<str>>) -> Candidate {
    Candidate {
        key: TaskKey::new(run_pk, task_id, -1),
        attempt_id: fresh_id(),
        max_active_tis_per_dag: None,
        max_active_tis_per_dagrun: None,
        start: None,
    }
}

pub async fn admit(store: &Store, owner: Owner, candidates: Vec<Candidate>) -> Admission {
    store.run(Admit { owner, candidates, parallelism: 0 }).await.unwrap().expect("the term runs")
}

/// Admits one task instance; its attempt.
pub async fn admit_one(store: &Store, owner: Owner, run_pk: i64, task_id: &str) -> Uuid {
    let admission = admit(store, owner, vec![candidate(run_pk, task_id)]).await;
    assert_eq!(admission.admitted.len(), 1, "{admission:?}");
    admission.admitted[0].attempt_id
}

pub fn claim(attempt_id: Uuid, worker: i64) -> Claim {
    Claim { attempt_id, worker, prefetch: vec![], prefetch_bytes: 0 }
}

pub async fn claim_one(store: &Store, attempt_id: Uuid, worker: i64) -> Claimed {
    match store.run(claim(attempt_id, worker)).await.unwrap() {
        ClaimOutcome::Won(claimed) => *claimed,
        other => panic!("{other:?}"),
    }
}

pub fn report(attempt_id: Uuid, worker: i64, state: TaskState, end_date: Timestamp) -> Report {
    Report {
        attempt_id,
        worker,
        state,
        end_date,
        pid: None,
        retry_at: None,
        reschedule_at: None,
        deferral: None,
        xcoms: vec![],
        map_length: None,
        reason: None,
        callbacks: vec![],
        events: vec![],
        alerts: Vec::new(),
        assets: Default::default(),
    }
}

pub async fn task_row(store: &Store, run_pk: i64, task_id: &str) -> TaskInstance {
    store.run(GetTaskInstance(TaskKey::new(run_pk, task_id, -1))).await.unwrap().expect("the task instance is there")
}

pub async fn state_of(store: &Store, run_pk: i64, task_id: &str) -> Option<TaskState> {
    task_row(store, run_pk, task_id).await.state
}
