//! Measures the store: `cargo run --release -p tradewind-store --example store_bench [runs]`.
//!
//! A cycle is what a task costs the database: claim, report, the plan that schedules the next task, its admission. Chains of tasks run
//! through it with 1, 8 and 64 callers at once, on a fresh file and on one with a history. References on the same disk: a single-row
//! commit by itself, and with 64 callers, which shows what group commit gives.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tradewind_core::state::{RunState, TaskState};
use tradewind_store::step::{
    Admit, ApplyPlan, Candidate, Claim, ClaimOutcome, CreateTask, NewRun, OwnRuns, Owner, PlanOutcome, Report, ReportOutcome, StartJob,
    StartRuns, TaskTransition, TriggerOutcome, TriggerRun,
};
use tradewind_store::table::task_instance::TaskKey;
use tradewind_store::{DatabaseUrl, Mode, Options, Result, Store, Transaction, Tx, params};
use uuid::Uuid;

const TASKS: usize = 40;

#[tokio::main]
async fn main() -> Result<()> {
    let chains = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(64);
    println!("{:<60} {:>12} {:>12} {:>12}", "what", "per second", "each, us", "of CPU, us");
    let fresh = Bench::new(0).await?;
    fresh.single_rows(1, 2_000).await?;
    fresh.single_rows(64, 20_000).await?;
    fresh.chains("fresh", 1, chains.min(16)).await?;
    fresh.steps(chains.min(16)).await?;
    fresh.chains("fresh", 8, chains).await?;
    fresh.chains("fresh", 64, chains).await?;
    fresh.wide(1_000).await?;
    let old = Bench::new(200_000).await?;
    old.chains("200,000 old task instances", 1, chains.min(16)).await?;
    old.chains("200,000 old task instances", 64, chains).await?;
    Ok(())
}

/// A statement of the benchmark's own.
struct Execute(String);

impl Transaction for Execute {
    type Out = u64;
    const NAME: &'static str = "execute";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        tx.exec(self.0.clone(), params![]).await
    }
}

#[derive(Clone)]
struct Bench {
    store: Store,
    owner: Owner,
    worker: i64,
    _folder: std::sync::Arc<tempfile::TempDir>,
}

impl Bench {
    async fn new(history: usize) -> Result<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&DatabaseUrl::of_sqlite(&folder.path().join("bench.db")), Options::default()).await?;
        store.migrate().await?;
        let dag =
            "INSERT INTO dag (dag_id, dag_display_name, is_paused, fileloc, relative_fileloc, timetable_type, timezone, max_active_tasks,
            max_active_runs) VALUES ('d', 'd', 0, '/dags/d.py', 'd.py', 'null', 'UTC', 100000, 100000)";
        store.run(Execute(dag.to_owned())).await?;
        store.run(Execute("UPDATE pool SET slots = 100000".to_owned())).await?;
        if history > 0 {
            past(&store, history).await?;
        }
        let job = |job_type: &str| StartJob {
            job_type: job_type.to_owned(),
            hostname: "bench".to_owned(),
            unixname: None,
            pid: None,
            address: None,
            version: None,
            stats: None,
            process: None,
            lease: SignedDuration::from_hours(1),
        };
        let owner = store.run(job("SchedulerJob")).await?.owner;
        let worker = store.run(job("WorkerJob")).await?.owner.job;
        Ok(Self { store, owner, worker, _folder: std::sync::Arc::new(folder) })
    }

    async fn single_rows(&self, callers: usize, count: usize) -> Result<()> {
        let began = Began::now();
        let mut tasks = Vec::new();
        for caller in 0..callers {
            let store = self.store.clone();
            tasks.push(tokio::spawn(async move {
                for _ in 0..count / callers {
                    store
                        .run(Execute(format!(
                            "INSERT INTO meta (key, value) VALUES ('{caller}', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1"
                        )))
                        .await?;
                }
                Ok(())
            }));
        }
        finish(tasks).await?;
        print(&format!("one row, one commit asked, {callers} callers"), count, &began);
        Ok(())
    }

    /// `chains` runs of 40 tasks, one after the other in each of `callers`.
    async fn chains(&self, what: &str, callers: usize, chains: usize) -> Result<()> {
        let began = Began::now();
        let mut tasks = Vec::new();
        for caller in 0..callers {
            let bench = self.clone();
            let share = chains / callers + usize::from(caller < chains % callers);
            tasks.push(tokio::spawn(async move {
                for _ in 0..share {
                    bench.chain().await?;
                }
                Ok(())
            }));
        }
        finish(tasks).await?;
        print(&format!("cycle of a task, {callers} callers, {what}"), chains * TASKS, &began);
        Ok(())
    }

    /// What each step of a cycle costs, one caller.
    async fn steps(&self, chains: usize) -> Result<()> {
        let mut spent = [Duration::ZERO; 4];
        for _ in 0..chains {
            let run_pk = self.start_run().await?;
            let names: Vec<_> = (0..TASKS).map(|number| format!("task_{number}")).collect();
            let created = names.iter().enumerate().map(|(number, name)| task(name, number == 0)).collect();
            self.apply(ApplyPlan { created, ..self.plan(run_pk, 0) }).await;
            for (number, name) in names.iter().enumerate() {
                let began = cpu();
                let attempt_id = self.admit(run_pk, std::slice::from_ref(name)).await?[0];
                let admitted = cpu();
                self.store.run(Claim { attempt_id, worker: self.worker, prefetch: vec![], prefetch_bytes: 0 }).await?;
                let claimed = cpu();
                self.store.run(self.report(attempt_id)).await?;
                let reported = cpu();
                let next = names.get(number + 1);
                let transitions = next.iter().map(|name| scheduled(name)).collect();
                let known = i64::try_from(number + 1).unwrap_or(0);
                self.apply(ApplyPlan { transitions, run_end: next.is_none().then_some(RunState::Success), ..self.plan(run_pk, known) })
                    .await;
                for (sum, step) in spent.iter_mut().zip([admitted - began, claimed - admitted, reported - claimed, cpu() - reported]) {
                    *sum += step;
                }
            }
        }
        for (name, sum) in ["admit", "claim", "report", "plan"].iter().zip(spent) {
            let each = sum.as_secs_f64() * 1e6 / f64::from(u32::try_from(chains * TASKS).unwrap_or(u32::MAX));
            println!("{:<60} {:>12} {:>12} {each:>12.1}", format!("  of it: {name}"), "", "");
        }
        Ok(())
    }

    async fn start_run(&self) -> Result<i64> {
        let run_id = Uuid::now_v7().to_string();
        let now = self.store.now();
        let run = NewRun {
            run_id,
            run_type: "manual".to_owned(),
            logical_date: None,
            data_interval_start: None,
            data_interval_end: None,
            run_after: now,
            conf: "{}".to_owned(),
            triggered_by: "test".to_owned(),
            triggering_user_name: None,
            note: None,
        };
        let TriggerOutcome::Created(run) = self.store.run(TriggerRun { dag_id: "d".to_owned(), run }).await? else { panic!("a new run") };
        // Another caller's statements may own and start it first.
        self.store.run(OwnRuns { owner: self.owner, limit: 100, leave_to_others: None }).await?;
        self.store.run(StartRuns { owner: self.owner, limit: 100 }).await?;
        Ok(run.id)
    }

    async fn chain(&self) -> Result<()> {
        let run_pk = self.start_run().await?;
        let names: Vec<_> = (0..TASKS).map(|number| format!("task_{number}")).collect();
        let created = names.iter().enumerate().map(|(number, name)| task(name, number == 0)).collect();
        self.apply(ApplyPlan { created, ..self.plan(run_pk, 0) }).await;
        for (number, name) in names.iter().enumerate() {
            let attempt_id = self.admit(run_pk, std::slice::from_ref(name)).await?[0];
            let claim = Claim { attempt_id, worker: self.worker, prefetch: vec![], prefetch_bytes: 0 };
            let ClaimOutcome::Won(_) = self.store.run(claim).await? else { panic!("nobody else claims it") };
            let ReportOutcome::Accepted(reported) = self.store.run(self.report(attempt_id)).await? else { panic!("it runs") };
            let next = names.get(number + 1);
            let transitions = next.iter().map(|name| scheduled(name)).collect();
            let run_end = next.is_none().then_some(RunState::Success);
            self.apply(ApplyPlan { transitions, run_end, ..self.plan(run_pk, reported.changed.change_seq) }).await;
        }
        Ok(())
    }

    /// A run of many tasks at once: created by one plan, admitted by one transaction, reported by 64 callers.
    async fn wide(&self, width: usize) -> Result<()> {
        let run_pk = self.start_run().await?;
        let names: Vec<_> = (0..width).map(|number| format!("task_{number}")).collect();
        let began = Began::now();
        let created = names.iter().map(|name| task(name, true)).collect();
        self.apply(ApplyPlan { created, ..self.plan(run_pk, 0) }).await;
        print("instance created by one plan of many", width, &began);
        let began = Began::now();
        let attempts = self.admit(run_pk, &names).await?;
        print("instance admitted with many", width, &began);
        let began = Began::now();
        let mut tasks = Vec::new();
        for some in attempts.chunks(width.div_ceil(64)) {
            let (bench, some) = (self.clone(), some.to_vec());
            tasks.push(tokio::spawn(async move {
                for attempt_id in some {
                    let claim = Claim { attempt_id, worker: bench.worker, prefetch: vec![], prefetch_bytes: 0 };
                    bench.store.run(claim).await?;
                    bench.store.run(bench.report(attempt_id)).await?;
                }
                Ok(())
            }));
        }
        finish(tasks).await?;
        print("claim and report, 64 callers", width, &began);
        let known = i64::try_from(width).unwrap_or(0);
        let transitions: Vec<_> =
            names.iter().map(|name| TaskTransition { from: Some(TaskState::Success), to: None, ..scheduled(name) }).collect();
        let began = Began::now();
        self.apply(ApplyPlan { transitions, ..self.plan(run_pk, known) }).await;
        print("transition of one plan of many", width, &began);
        Ok(())
    }

    fn plan(&self, run_pk: i64, known_seq: i64) -> ApplyPlan {
        ApplyPlan {
            owner: self.owner,
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

    async fn apply(&self, plan: ApplyPlan) {
        let outcome = self.store.run(plan).await;
        assert!(matches!(outcome, Ok(PlanOutcome::Applied)), "{outcome:?}");
    }

    async fn admit(&self, run_pk: i64, names: &[String]) -> Result<Vec<Uuid>> {
        let candidates = names.iter().map(|name| Candidate {
            key: TaskKey::new(run_pk, name.as_str(), -1),
            attempt_id: Uuid::now_v7(),
            max_active_tis_per_dag: None,
            max_active_tis_per_dagrun: None,
            start: None,
        });
        let admission = self.store.run(Admit { owner: self.owner, candidates: candidates.collect(), parallelism: 0 }).await?;
        Ok(admission.expect("the term runs").admitted.iter().map(|one| one.attempt_id).collect())
    }

    fn report(&self, attempt_id: Uuid) -> Report {
        Report {
            attempt_id,
            worker: self.worker,
            state: TaskState::Success,
            end_date: Timestamp::UNIX_EPOCH,
            pid: None,
            retry_at: None,
            reschedule_at: None,
            deferral: None,
            xcoms: vec![("return_value".to_owned(), "{\"rows\": 1000, \"path\": \"s3://bucket/key\"}".to_owned())],
            map_length: None,
            reason: None,
            callbacks: vec![],
            events: vec![],
            alerts: Vec::new(),
            assets: Default::default(),
        }
    }
}

fn task(name: &str, is_scheduled: bool) -> CreateTask {
    CreateTask {
        task_id: name.into(),
        map_index: -1,
        state: is_scheduled.then_some(TaskState::Scheduled),
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

fn scheduled(name: &str) -> TaskTransition {
    let to = Some(TaskState::Scheduled);
    TaskTransition { task_id: name.into(), map_index: -1, from: None, to, try_number: None, start_date: None, end_date: None }
}

/// Runs of 40 tasks that have ended.
async fn past(store: &Store, instances: usize) -> Result<()> {
    let runs = instances / TASKS;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
    let texts = [
        format!(
            "{numbers}{runs}) INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, run_after, updated_at)
            SELECT 'd', 'old_' || i, 'scheduled', 'success', i * 3600000000, i * 3600000000, 0 FROM n"
        ),
        format!(
            "{numbers}{TASKS}) INSERT INTO task_instance (run_pk, task_id, dag_id, state, attempt_id, try_number, updated_at)
            SELECT r.id, 'task_' || i, 'd', 'success', r.id || '-' || i, 1, 0 FROM dag_run r, n"
        ),
        "INSERT INTO attempt (id, run_pk, task_id, map_index, try_number, max_tries, state, queue, pool, pool_slots, queued_by, queued_at, published_at)
            SELECT attempt_id, run_pk, task_id, -1, 1, 0, 'success', 'default', 'default_pool', 1, 1, 0, 0 FROM task_instance"
            .to_owned(),
        "INSERT INTO xcom (run_pk, task_id, map_index, key, value, timestamp)
            SELECT run_pk, task_id, -1, 'return_value', '{\"rows\": 1000}', 0 FROM task_instance"
            .to_owned(),
    ];
    for text in texts {
        store.run(Execute(text)).await?;
    }
    Ok(())
}

async fn finish(tasks: Vec<tokio::task::JoinHandle<Result<()>>>) -> Result<()> {
    for task in tasks {
        task.await.expect("no caller panics")?;
    }
    Ok(())
}

/// Wall and CPU time: on a machine that others use, only the second says what the store costs.
struct Began {
    wall: Instant,
    cpu: Duration,
}

impl Began {
    fn now() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }
}

fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("time does not run backwards")
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn print(what: &str, count: usize, began: &Began) {
    let (wall, cpu) = (began.wall.elapsed().as_secs_f64(), (cpu() - began.cpu).as_secs_f64());
    let each = |seconds: f64| seconds * 1e6 / count as f64;
    println!("{what:<60} {:>12.0} {:>12.1} {:>12.1}", count as f64 / wall, each(wall), each(cpu));
}
