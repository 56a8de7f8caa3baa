//! How the database finds the rows of hot statements: a scan of a table that grows with the history fails the build.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tradewind_core::alert::{AlertKind, Draft, Facts, Grouping, Target};
use tradewind_core::state::{RunState, TaskState};
use tradewind_store::Store;
use tradewind_store::list::dag::{DagFilter, ORDER};
use tradewind_store::list::dag_row::{ListDagRows, RowPage};
use tradewind_store::list::filter::OrderKey;
use tradewind_store::list::grid::ReadGrid;
use tradewind_store::list::history::ReadHistory;
use tradewind_store::list::home::ReadHome;
use tradewind_store::list::keyset::KeysetPage;
use tradewind_store::list::live::ReadNews;
use tradewind_store::step::{
    ApplyPlan, DueDags, HandOver, Kill, LoadRun, NextAlert, NextDue, OwnRuns, Prefetch, ReapLost, ReleaseRuns, Report, Republish,
    SettleAlert, Settlement, StartRuns, Started, TakeAlerts,
};
use tradewind_store::table::alert::WriteAlerts;
use tradewind_store::table::attempt::KillsOf;
use tradewind_store::table::callback_request::NewCallback;
use tradewind_store::table::dag_run::OwnedRuns;
use tradewind_store::table::event_log::NewEvent;

use crate::backend::{Backend, START};
use crate::fixture::{admit_one, at, claim_one, dag, plan, report, running_run, schedule, scheduler, step, task, worker};

/// Tables that grow for ever.
const GROWING: [&str; 6] = ["dag_run", "task_instance", "attempt", "xcom", "event_log", "alert"];

/// Transactions that happen for every task, run or tick.
const HOT: [&str; 27] = [
    "trigger_run",
    "own_runs",
    "start_runs",
    "owned_runs",
    "release_runs",
    "load_run",
    "apply_plan",
    "admit",
    "claim",
    "prefetch",
    "started",
    "report",
    "kills_of",
    "reap_lost",
    "republish",
    "due_dags",
    "next_due",
    "renew_lease",
    // What open pages ask for.
    "list.dag_rows",
    "list.grid",
    "list.home",
    "list.news",
    "list.history",
    "take_alerts",
    "hand_over_alert",
    "settle_alert",
    "next_alert",
];

/// Statements by the name of their transaction, of every test of this process.
static SEEN: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

struct Collector;

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tradewind_store::sql"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert((statement.transaction, statement.sql));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Statement {
    transaction: String,
    sql: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "transaction" => self.transaction = value.to_owned(),
            "sql" => self.sql = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Runs every hot transaction with something to do.
async fn exercise(backend: &Backend) {
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b", "c"].map(task)).await;
    let attempts = [admit_one(store, owner, run, "a").await, admit_one(store, owner, run, "b").await];
    claim_one(store, attempts[0], worker).await;
    store.run(Started { attempt_id: attempts[0], worker, pid: 1 }).await.unwrap();
    let xcoms = ["return_value", "skipmixin_key"].map(|key| (key.to_owned(), "1".to_owned())).to_vec();
    let end = Report { xcoms, reschedule_at: Some(at(START)), ..report(attempts[0], worker, TaskState::UpForReschedule, at(START)) };
    store.run(end).await.unwrap();
    store.run(Prefetch { run_pk: run, tasks: vec!["a".into()], bytes: 10 }).await.unwrap();
    store.run(LoadRun { run_pk: run, past_tasks: vec!["a".into()] }).await.unwrap();
    let all = ApplyPlan {
        deleted: vec![("c".into(), -1)],
        created: vec![task("d")],
        transitions: vec![step("b", Some(TaskState::Queued), Some(TaskState::Skipped))],
        kills: vec![Kill { task_id: "b".into(), map_index: -1, reason: "run_ended" }],
        run_end: Some(RunState::Failed),
        callbacks: vec![NewCallback { unique_key: "k".to_owned(), payload: "{}".to_owned(), relative_fileloc: "f".to_owned() }],
        events: vec![NewEvent::default()],
        alerts: Vec::new(),
        ..plan(owner, run, 1)
    };
    store.run(all).await.unwrap();
    let second = running_run(store, owner, "d", "two", at(START + 1)).await;
    store.run(LoadRun { run_pk: second, past_tasks: vec!["a".into()] }).await.unwrap();
    store.run(OwnRuns { owner, limit: 1, leave_to_others: None }).await.unwrap();
    store.run(StartRuns { owner, limit: 1 }).await.unwrap();
    store.run(OwnedRuns { job: owner.job, term: owner.term }).await.unwrap();
    store.run(KillsOf { worker }).await.unwrap();
    store.run(ReapLost { owner, limit: 1, expired: true, losses: 2, policy: std::sync::Arc::default() }).await.unwrap();
    store.run(Republish { owner, older_than: SignedDuration::ZERO, limit: 1 }).await.unwrap();
    store.run(DueDags { limit: 1 }).await.unwrap();
    store.run(NextDue).await.unwrap();
    store.run(tradewind_store::step::RenewLease { owner, lease: crate::fixture::LEASE, stats: None }).await.unwrap();
    store.run(ReleaseRuns { owner }).await.unwrap();
    look(backend).await;
    exercise_alerts(store).await;
}

/// What the pages ask for, in every order they may ask for it.
async fn look(backend: &Backend) {
    for (_, expression) in ORDER {
        let order = vec![OrderKey { expression, descending: true }];
        let page = RowPage::Cursor(KeysetPage { limit: 1, cursor: None });
        let filter = DagFilter { last_run_state: Some("failed".into()), exclude_stale: true, ..DagFilter::default() };
        backend.store.run(ListDagRows { filter, order, page, username: "u".into(), runs: 16 }).await.unwrap().unwrap();
    }
    let grid = ReadGrid { dag_id: "d".into(), limit: 1, before: Some(i64::MAX), run_types: vec!["manual".into()], states: Vec::new() };
    backend.store.run(grid).await.unwrap();
    let home = ReadHome { since: 0, failures_since: 0, until: i64::MAX, lost_since: 0, failures: 1, errors: 1, next_runs: 1 };
    backend.store.run(home).await.unwrap();
    let (dag, run, task) = ("d".to_owned(), "one".to_owned(), "a".to_owned());
    let news = ReadNews {
        tasks: vec![(dag.clone(), run.clone(), task.clone(), -1)],
        runs: vec![(dag.clone(), run)],
        dags: vec![dag],
        since: Some(0),
        alerts_since: Some(0),
        all_dags: false,
    };
    let found = backend.store.run(news).await.unwrap();
    assert!(!found.tasks.is_empty() && !found.runs.is_empty() && !found.dags.is_empty(), "{found:?}");
    backend.store.run(ReadHistory { run_pk: 1, task_id: task, map_index: -1 }).await.unwrap();
}

/// Single ones, a storm and its digest.
async fn exercise_alerts(store: &Store) {
    let (token, lease) = ("t".to_owned(), SignedDuration::from_secs(5));
    for key in 0..3 {
        let target = Target { channel: "c".into(), recipients: vec![] };
        let facts = Facts { dag_id: "d".to_owned(), ..Facts::default() };
        let draft = Draft { kind: AlertKind::RunLate, key: key.to_string(), targets: vec![target], task: None, facts };
        store.run(WriteAlerts(vec![(None, draft)])).await.unwrap();
    }
    let grouping = Grouping { after: 1, window: SignedDuration::ZERO };
    let take = TakeAlerts { channel: "c".to_owned(), token: token.clone(), lease, limit: 9, grouping };
    let taken = store.run(take).await.unwrap();
    store.run(NextAlert { channel: "c".to_owned() }).await.unwrap();
    store.run(HandOver { id: taken[0].id, token: token.clone(), lease }).await.unwrap();
    let settle = SettleAlert {
        id: taken[0].id,
        token,
        settlement: Settlement::Sent,
        subject: None,
        outcomes: Default::default(),
        error: None,
        answered: true,
    };
    store.run(settle).await.unwrap();
}

#[tokio::test]
async fn hot_statements_scan_no_table_that_grows() {
    tracing::subscriber::set_global_default(Collector).expect("the only collector of this process");
    let backend = Backend::fresh().await;
    exercise(&backend).await;
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let missing: Vec<_> = HOT.iter().filter(|hot| !seen.iter().any(|(transaction, _)| transaction == *hot)).collect();
    assert!(missing.is_empty(), "not exercised: {missing:?}");
    let database = rusqlite::Connection::open(backend.folder.path().join("test.db")).expect("it opens");
    let mut scans = Vec::new();
    for (transaction, sql) in seen.iter().filter(|(transaction, _)| HOT.contains(&transaction.as_str())) {
        let mut explain = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        for position in 1..=explain.parameter_count() {
            explain.raw_bind_parameter(position, rusqlite::types::Null).expect("a place");
        }
        let mut rows = explain.raw_query();
        while let Some(row) = rows.next().expect("a plan") {
            let detail: String = row.get(3).expect("a text");
            let alias = detail.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            if alias.is_some_and(|alias| is_growing(sql, alias)) && !uses_partial_index(&detail) {
                scans.push(format!("{transaction}: {detail}\n{sql}"));
            }
            // Five thousand DAGs are sorted and chosen by the state of their newest runs: the index alone tells it.
            if detail.contains("dag_run_newest")
                && !detail.contains("COVERING")
                && sql.contains("(SELECT r.state FROM dag_run")
                && !sql.contains("r.start_date")
            {
                scans.push(format!("{transaction}: {detail}\n{sql}"));
            }
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n\n"));
}

/// A walk along an index that holds only what is open is bounded by what is open.
fn uses_partial_index(detail: &str) -> bool {
    ["alert_due", "dag_run_open", "dag_run_owner", "task_instance_active", "attempt_queued", "attempt_running"]
        .iter()
        .any(|index| detail.contains(index))
}

/// Whether this name in the statement is a growing table, or stands for one.
fn is_growing(sql: &str, alias: &str) -> bool {
    let words: Vec<_> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    GROWING.contains(&alias)
        || words.windows(3).any(|three| GROWING.contains(&three[0]) && (three[1] == alias || (three[1] == "AS" && three[2] == alias)))
}
