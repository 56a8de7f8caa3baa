//! Backfills: their runs, what is run again, their own limit, their end.

use std::collections::HashMap;

use jiff::Timestamp;
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::step::{BackfillDate, BackfillOutcome, CreateBackfill, LoadRun, OwnRuns, Owner, Reprocess, StartRuns};
use tradewind_store::table::backfill::{
    Backfill, BackfillAct, BackfillChanged, BackfillProgress, BackfillsDone, ChangeBackfill, CompleteBackfills, GetBackfillProgress,
};

use crate::backend::{Backend, START, stories};
use crate::fixture::{at, dag, manual, number, plan, running_run, schedule, scheduler, sql, task, trigger};

stories!(
    its_runs_are_made_with_it_and_one_is_active_at_a_time,
    what_is_there_is_left_or_run_again,
    its_runs_start_in_its_order_under_its_own_limit,
    a_paused_one_starts_nothing_and_a_cancelled_one_ends_what_waits,
    it_ends_when_its_last_run_has,
    its_first_run_depends_on_nothing_before_it,
    many_create_it_at_once_and_one_does,
);

const HOUR: i64 = 3_600_000_000;

fn hour(number: i64) -> Timestamp {
    at(START - 100 * HOUR + number * HOUR)
}

fn wanted(hours: &[i64], reprocess: Reprocess) -> CreateBackfill {
    let date = |number: &i64| BackfillDate {
        logical_date: hour(*number),
        interval: (hour(*number), hour(number + 1)),
        run_after: hour(number + 1),
    };
    CreateBackfill {
        dag_id: "d".into(),
        from_date: hour(0),
        to_date: hour(50),
        conf: "{\"n\": 7}".into(),
        reprocess,
        max_active_runs: 2,
        run_backwards: false,
        latest_version: true,
        user: "ann".into(),
        dates: hours.iter().map(date).collect(),
        retries: HashMap::from([("t".to_owned(), 3)]),
        dry_run: false,
    }
}

async fn create(store: &Store, wanted: CreateBackfill) -> Backfill {
    match store.run(wanted).await.expect("a backfill") {
        BackfillOutcome::Created(made) => *made,
        other => panic!("{other:?}"),
    }
}

async fn runs(store: &Store) -> Vec<(String, String, String, i64)> {
    let rows = sql(store, "SELECT run_id, run_type, state, backfill_order FROM dag_run ORDER BY logical_date").await;
    rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap(), row.get(3).unwrap())).collect()
}

async fn start(store: &Store, owner: Owner) -> Vec<i64> {
    store.run(OwnRuns { owner, limit: 100, leave_to_others: None }).await.unwrap().expect("the term runs");
    let started = store.run(StartRuns { owner, limit: 100 }).await.unwrap().expect("the term runs");
    let mut orders = Vec::new();
    for run in started {
        orders.push(number(store, format!("SELECT backfill_order FROM dag_run WHERE id = {}", run.run_pk)).await);
    }
    orders.sort_unstable();
    orders
}

async fn end_runs(store: &Store, state: &str) {
    sql(store, format!("UPDATE dag_run SET state = '{state}', end_date = 1 WHERE state = 'running'")).await;
}

async fn progress(store: &Store, id: i64) -> BackfillProgress {
    store.run(GetBackfillProgress { id }).await.unwrap()
}

async fn its_runs_are_made_with_it_and_one_is_active_at_a_time() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let dry = CreateBackfill { dry_run: true, ..wanted(&[0, 1, 2], Reprocess::None) };
    assert_eq!(store.run(dry).await.unwrap(), BackfillOutcome::Planned(vec![hour(0), hour(1), hour(2)]));
    assert_eq!(number(store, "SELECT (SELECT COUNT(*) FROM backfill) + (SELECT COUNT(*) FROM dag_run)").await, 0, "it only tells");
    let made = create(store, wanted(&[0, 1, 2], Reprocess::None)).await;
    assert_eq!((made.dag_id.as_str(), made.max_active_runs, made.is_paused, made.completed_at), ("d", 2, false, None));
    let found = runs(store).await;
    assert_eq!(found.iter().map(|run| run.3).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(found.iter().all(|run| run.0.starts_with("backfill__") && run.1 == "backfill" && run.2 == "queued"), "{found:?}");
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_run WHERE conf = '{\"n\": 7}' AND triggered_by = 'backfill'").await, 3);
    assert_eq!(progress(store, made.id).await, BackfillProgress { queued: 3, ..BackfillProgress::default() });
    let again = store.run(wanted(&[5], Reprocess::None)).await.unwrap();
    assert_eq!(again, BackfillOutcome::Active { id: made.id });
    let other = CreateBackfill { dag_id: "zzz".into(), ..wanted(&[0], Reprocess::None) };
    assert_eq!(store.run(other).await.unwrap(), BackfillOutcome::NoDag);
    assert_eq!(number(store, "SELECT COUNT(*) FROM event_log WHERE event = 'create_backfill' AND owner = 'ann'").await, 1);
}

async fn what_is_there_is_left_or_run_again() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let failed = running_run(store, owner, "d", "failed", hour(0)).await;
    schedule(store, owner, failed, [task("t")]).await;
    sql(store, "UPDATE dag_run SET state = 'failed', end_date = 1 WHERE run_id = 'failed'").await;
    sql(store, "UPDATE task_instance SET state = 'failed', try_number = 2").await;
    trigger(store, "d", manual("success", hour(1))).await;
    sql(store, "UPDATE dag_run SET state = 'success' WHERE run_id = 'success'").await;
    trigger(store, "d", manual("waits", hour(2))).await;
    let dry = |reprocess| CreateBackfill { dry_run: true, ..wanted(&[0, 1, 2, 3], reprocess) };
    for (reprocess, expected) in [(Reprocess::None, vec![3]), (Reprocess::Failed, vec![0, 3]), (Reprocess::Completed, vec![0, 1, 3])] {
        let expected = BackfillOutcome::Planned(expected.into_iter().map(hour).collect());
        assert_eq!(store.run(dry(reprocess)).await.unwrap(), expected);
    }
    let made = create(store, wanted(&[0, 1, 2, 3], Reprocess::Failed)).await;
    let found: Vec<_> = runs(store).await.into_iter().map(|run| (run.0, run.1, run.2, run.3)).collect();
    let row = |id: &str, kind: &str, state: &str, order| (id.to_owned(), kind.to_owned(), state.to_owned(), order);
    assert_eq!(
        found[..3],
        [row("failed", "backfill", "queued", 1), row("success", "manual", "success", 0), row("waits", "manual", "queued", 0)]
    );
    assert_eq!(found[3].3, 4);
    let task = sql(store, "SELECT state, try_number, max_tries FROM task_instance").await.remove(0);
    let (state, tries, most): (Option<TaskState>, i64, i64) = (task.get(0).unwrap(), task.get(1).unwrap(), task.get(2).unwrap());
    assert_eq!((state, tries, most), (None, 2, 5), "cleared, with its retries anew");
    let reasons = sql(store, "SELECT exception_reason FROM backfill_dag_run ORDER BY sort_ordinal").await;
    let reasons: Vec<Option<String>> = reasons.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(reasons, [None, Some("already exists".into()), Some("in flight".into()), None]);
    assert_eq!(progress(store, made.id).await, BackfillProgress { queued: 2, skipped: 2, ..BackfillProgress::default() });
}

async fn its_runs_start_in_its_order_under_its_own_limit() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 1, 16).await;
    let owner = scheduler(store).await;
    // The DAG's own limit is taken by another run.
    running_run(store, owner, "d", "own", at(START)).await;
    let backwards = CreateBackfill { run_backwards: true, ..wanted(&[4, 3, 2, 1], Reprocess::None) };
    let made = create(store, backwards).await;
    assert_eq!(start(store, owner).await, [1, 2], "the newest first, two at once");
    assert_eq!(start(store, owner).await, [0_i64; 0]);
    trigger(store, "d", manual("second", at(START - 1))).await;
    assert_eq!(start(store, owner).await, [0_i64; 0], "the DAG has its one run");
    end_runs(store, "success").await;
    assert_eq!(start(store, owner).await, [0, 3, 4]);
    assert_eq!(progress(store, made.id).await, BackfillProgress { running: 2, success: 2, ..BackfillProgress::default() });
}

async fn a_paused_one_starts_nothing_and_a_cancelled_one_ends_what_waits() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let made = create(store, wanted(&[0, 1, 2], Reprocess::None)).await;
    let change = |act| ChangeBackfill { id: made.id, act, user: "bob".into() };
    let BackfillChanged::Done(paused, _) = store.run(change(BackfillAct::Pause)).await.unwrap() else { panic!("it is paused") };
    assert!(paused.is_paused);
    assert_eq!(start(store, owner).await, [0_i64; 0]);
    store.run(change(BackfillAct::Unpause)).await.unwrap();
    assert_eq!(start(store, owner).await, [1, 2]);
    let BackfillChanged::Done(cancelled, ended) = store.run(change(BackfillAct::Cancel)).await.unwrap() else { panic!("it is cancelled") };
    assert!(cancelled.completed_at.is_some());
    assert_eq!(ended.len(), 1);
    assert_eq!(progress(store, made.id).await, BackfillProgress { running: 2, failed: 1, ..BackfillProgress::default() });
    assert_eq!(store.run(change(BackfillAct::Unpause)).await.unwrap(), BackfillChanged::Completed);
    let nobody = ChangeBackfill { id: made.id + 1, act: BackfillAct::Pause, user: "bob".into() };
    assert_eq!(store.run(nobody).await.unwrap(), BackfillChanged::NoBackfill);
    // A run of it that is cleared afterwards is held back by nothing.
    end_runs(store, "failed").await;
    sql(store, "UPDATE dag_run SET state = 'queued' WHERE backfill_order = 3").await;
    assert_eq!(start(store, owner).await, [3]);
}

async fn it_ends_when_its_last_run_has() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let made = create(store, wanted(&[0, 1], Reprocess::None)).await;
    assert!(!store.run(BackfillsDone).await.unwrap());
    start(store, owner).await;
    assert!(!store.run(BackfillsDone).await.unwrap());
    end_runs(store, "success").await;
    assert!(store.run(BackfillsDone).await.unwrap());
    assert_eq!(store.run(CompleteBackfills).await.unwrap(), ["d"]);
    assert_eq!(store.run(CompleteBackfills).await.unwrap(), [""; 0]);
    assert_eq!(number(store, format!("SELECT COUNT(*) FROM backfill WHERE id = {} AND completed_at IS NOT NULL", made.id)).await, 1);
    // The next one may come.
    let next = create(store, wanted(&[0, 1], Reprocess::Completed)).await;
    assert_eq!(progress(store, next.id).await.queued, 2);
    assert_eq!(progress(store, made.id).await.skipped, 2, "its runs are the next one's now");
}

async fn its_first_run_depends_on_nothing_before_it() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    running_run(store, owner, "d", "before", hour(0)).await;
    create(store, wanted(&[1, 2], Reprocess::None)).await;
    start(store, owner).await;
    for (order, expected) in [(1, None), (2, Some("backfill__"))] {
        let run_pk = number(store, format!("SELECT id FROM dag_run WHERE backfill_order = {order}")).await;
        let loaded = store.run(LoadRun { run_pk, past_tasks: vec!["t".into()] }).await.unwrap().expect("the run");
        let previous = loaded.previous.map(|previous| previous.run_id.to_string());
        assert_eq!(previous.is_some(), expected.is_some(), "{previous:?}");
        assert!(previous.unwrap_or_default().starts_with(expected.unwrap_or_default()));
    }
    // Its runs end like any others.
    let run_pk = number(store, "SELECT id FROM dag_run WHERE backfill_order = 1").await;
    let end = tradewind_store::step::ApplyPlan { run_end: Some(tradewind_core::state::RunState::Success), ..plan(owner, run_pk, 0) };
    assert_eq!(store.run(end).await.unwrap(), tradewind_store::step::PlanOutcome::Applied);
}

async fn many_create_it_at_once_and_one_does() {
    let backend = Backend::fresh().await;
    dag(&backend.store, "d", 16, 16).await;
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = backend.second().await;
        racers.spawn(async move { store.run(wanted(&[0, 1, 2], Reprocess::None)).await.expect("an outcome") });
    }
    let outcomes = racers.join_all().await;
    let created = outcomes.iter().filter(|outcome| matches!(outcome, BackfillOutcome::Created(_))).count();
    assert_eq!(created, 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, BackfillOutcome::Created(_) | BackfillOutcome::Active { .. })));
    assert_eq!(number(&backend.store, "SELECT COUNT(*) FROM dag_run").await, 3);
}
