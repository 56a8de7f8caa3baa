//! Leases, ownership, new runs, their start.

use jiff::Timestamp;
use tradewind_store::Store;
use tradewind_store::step::{
    CreateScheduledRun, DeadJobs, EndJob, Existing, NewRun, NewTerm, NextRun, OwnRuns, Owner, ReleaseRuns, RenewLease, Renewed,
    ScheduleOutcome, StartRuns, TriggerOutcome, TriggerRun,
};

use crate::backend::{Backend, START, stories};
use crate::fixture::{LEASE, at, dag, manual, number, scheduler, sql, trigger};

stories!(
    a_lease_that_ended_cannot_be_renewed_and_a_new_term_owns_nothing,
    runs_of_a_dead_scheduler_are_adopted_and_those_of_a_live_one_are_not,
    one_tick_makes_one_run_whoever_tries,
    a_tick_whose_run_exists_still_moves_the_schedule_on,
    a_trigger_says_which_key_is_taken,
    runs_start_in_order_under_the_limit_of_their_dag,
    no_run_overtakes_an_earlier_one_of_another_owner,
    a_later_run_gives_way_to_a_cleared_one_that_it_may_wait_for,
);

async fn own(store: &Store, owner: Owner) -> Vec<i64> {
    let mut owned: Vec<_> = store
        .run(OwnRuns { owner, limit: 100, leave_to_others: None })
        .await
        .unwrap()
        .expect("the term runs")
        .iter()
        .map(|run| run.run_pk)
        .collect();
    owned.sort_unstable();
    owned
}

async fn start(store: &Store, owner: Owner) -> Vec<i64> {
    let started = store.run(StartRuns { owner, limit: 100 }).await.unwrap().expect("the term runs");
    let mut started: Vec<_> = started.iter().map(|run| run.run_pk).collect();
    started.sort_unstable();
    started
}

async fn a_lease_that_ended_cannot_be_renewed_and_a_new_term_owns_nothing() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = trigger(store, "d", manual("one", at(START))).await;
    assert_eq!(own(store, owner).await, [run]);
    let renew = RenewLease { owner, lease: LEASE, stats: None };
    backend.clock.advance_seconds(9);
    assert_eq!(store.run(renew.clone()).await.unwrap(), Renewed::Until(at(START + 19_000_000)));
    backend.clock.advance_seconds(10);
    assert_eq!(store.run(renew.clone()).await.unwrap(), Renewed::Lost);
    assert_eq!(store.run(OwnRuns { owner, limit: 1, leave_to_others: None }).await.unwrap(), None, "the term is over");
    let next = store.run(NewTerm { owner, lease: LEASE }).await.unwrap().expect("a new term").owner;
    assert_eq!(next, Owner { job: owner.job, term: 2 });
    assert_eq!(store.run(renew).await.unwrap(), Renewed::Lost, "the old term stays over");
    assert_eq!(start(store, next).await, [0_i64; 0], "runs of the old term are not its own");
    assert_eq!(own(store, next).await, [run], "but may be taken");
    assert_eq!(store.run(NewTerm { owner, lease: LEASE }).await.unwrap(), None, "a term is begun once");
}

async fn runs_of_a_dead_scheduler_are_adopted_and_those_of_a_live_one_are_not() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (first, second) = (scheduler(store).await, scheduler(store).await);
    let run = trigger(store, "d", manual("one", at(START))).await;
    assert_eq!(own(store, first).await, [run]);
    assert_eq!(own(store, second).await, [0_i64; 0]);
    backend.clock.advance_seconds(6);
    assert_ne!(store.run(RenewLease { owner: second, lease: LEASE, stats: None }).await.unwrap(), Renewed::Lost);
    backend.clock.advance_seconds(4);
    assert_eq!(own(store, second).await, [run]);
    let dead = store.run(DeadJobs).await.unwrap();
    assert_eq!(dead.iter().map(|job| job.id).collect::<Vec<_>>(), [first.job]);
    assert!(store.run(DeadJobs).await.unwrap().is_empty(), "the dead are told once");
    assert_eq!(store.run(ReleaseRuns { owner: second }).await.unwrap(), 1);
    assert!(store.run(EndJob { owner: second, success: true }).await.unwrap());
    assert!(!store.run(EndJob { owner: second, success: true }).await.unwrap());
    assert_eq!(store.run(OwnRuns { owner: second, limit: 1, leave_to_others: None }).await.unwrap(), None);
}

fn tick(owner: Owner, schedule_seq: i64, run_id: &str, date: Timestamp, next: Timestamp) -> CreateScheduledRun {
    let run = NewRun { run_type: "scheduled".to_owned(), ..manual(run_id, date) };
    let next =
        NextRun { logical_date: Some(next), interval_start: Some(next), interval_end: Some(next), run_after: Some(next), unknown: false };
    CreateScheduledRun { owner, dag_id: "d".to_owned(), schedule_seq, run: Some(run), next, max_open: None }
}

async fn one_tick_makes_one_run_whoever_tries() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let (store, owner) = (store.clone(), scheduler(store).await);
        tasks.push(tokio::spawn(async move { store.run(tick(owner, 0, "scheduled__a", at(START), at(START + 1))).await.unwrap() }));
    }
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    let created = outcomes.iter().filter(|outcome| matches!(outcome, ScheduleOutcome::Created { schedule_seq: 1, .. })).count();
    let stale = outcomes.iter().filter(|outcome| matches!(outcome, ScheduleOutcome::Stale { schedule_seq: 1 })).count();
    assert_eq!((created, stale), (1, 15));
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_run").await, 1);
    assert_eq!(number(store, "SELECT next_run_after FROM dag").await, START + 1);
}

async fn a_tick_whose_run_exists_still_moves_the_schedule_on() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    trigger(store, "d", manual("by hand", at(START))).await;
    let outcome = store.run(tick(owner, 0, "scheduled__a", at(START), at(START + 5))).await.unwrap();
    assert_eq!(outcome, ScheduleOutcome::Exists { schedule_seq: 1 }, "the logical date is taken");
    assert_eq!(number(store, "SELECT next_run_after FROM dag").await, START + 5);
    let full = CreateScheduledRun { max_open: Some(1), ..tick(owner, 1, "scheduled__b", at(START + 5), at(START + 6)) };
    assert_eq!(store.run(full).await.unwrap(), ScheduleOutcome::Full { open: 1 });
    let move_only = CreateScheduledRun { run: None, ..tick(owner, 1, "", at(START), at(START + 7)) };
    assert_eq!(store.run(move_only).await.unwrap(), ScheduleOutcome::Moved { schedule_seq: 2 });
    sql(store, "UPDATE dag SET is_paused = 1").await;
    assert_eq!(store.run(tick(owner, 2, "scheduled__c", at(START + 7), at(START + 8))).await.unwrap(), ScheduleOutcome::Gone);
}

async fn a_trigger_says_which_key_is_taken() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    trigger(store, "d", manual("one", at(START))).await;
    let again = |run: NewRun, dag_id: &str| store.run(TriggerRun { dag_id: dag_id.to_owned(), run });
    assert_eq!(again(manual("one", at(START + 1)), "d").await.unwrap(), TriggerOutcome::Exists(Existing::RunId));
    assert_eq!(again(manual("two", at(START)), "d").await.unwrap(), TriggerOutcome::Exists(Existing::LogicalDate));
    assert_eq!(again(manual("one", at(START)), "e").await.unwrap(), TriggerOutcome::NoDag);
    let undated = NewRun { logical_date: None, ..manual("three", at(START)) };
    assert!(matches!(again(undated.clone(), "d").await.unwrap(), TriggerOutcome::Created(_)));
    let undated = NewRun { run_id: "four".to_owned(), ..undated };
    assert!(matches!(again(undated, "d").await.unwrap(), TriggerOutcome::Created(_)), "runs without a date do not collide");
    sql(store, "UPDATE dag SET is_stale = 1").await;
    assert_eq!(again(manual("five", at(START + 2)), "d").await.unwrap(), TriggerOutcome::StaleDag);
}

async fn runs_start_in_order_under_the_limit_of_their_dag() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 2, 16).await;
    dag(store, "other", 1, 16).await;
    let owner = scheduler(store).await;
    let mut runs = Vec::new();
    for (name, after) in [("c", 3), ("a", 1), ("b", 2), ("later", 3_600_000_000)] {
        runs.push(trigger(store, "d", manual(name, at(START + after))).await);
    }
    let other = trigger(store, "other", manual("x", at(START + 9))).await;
    own(store, owner).await;
    backend.clock.advance(10);
    assert_eq!(start(store, owner).await, [runs[1], runs[2], other], "the two earliest, and the other DAG is not held up");
    assert_eq!(start(store, owner).await, [0_i64; 0]);
    sql(store, format!("UPDATE dag_run SET state = 'success' WHERE id = {}", runs[1])).await;
    sql(store, "UPDATE dag SET is_paused = 1 WHERE dag_id = 'd'").await;
    assert_eq!(start(store, owner).await, [0_i64; 0], "a paused DAG starts nothing");
    sql(store, "UPDATE dag SET is_paused = 0 WHERE dag_id = 'd'").await;
    assert_eq!(start(store, owner).await, [runs[0]]);
    sql(store, "UPDATE dag_run SET state = 'success' WHERE state = 'running'").await;
    assert_eq!(start(store, owner).await, [0_i64; 0], "the last is not due yet");
    backend.clock.advance_seconds(5);
    assert_eq!(start(store, owner).await, [0_i64; 0]);
}

async fn no_run_overtakes_an_earlier_one_of_another_owner() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 1, 16).await;
    let (one, two) = (scheduler(store).await, scheduler(store).await);
    let early = trigger(store, "d", manual("early", at(START))).await;
    assert_eq!(own(store, one).await, [early]);
    let late = trigger(store, "d", manual("late", at(START + 1))).await;
    assert_eq!(own(store, two).await, [late]);
    backend.clock.advance(5);
    assert_eq!(start(store, two).await, [0_i64; 0]);
    assert_eq!(start(store, one).await, [early]);
}

/// The DAG's only version has a task `a` with this in its form.
async fn version(store: &Store, dag_id: &str, task: &str) {
    let form = format!(r#"{{"tasks": [{{"task_id": "a"{task}}}]}}"#);
    sql(store, format!("INSERT INTO dag_form (content_hash, form) VALUES ('{dag_id}', '{form}')")).await;
    let insert = "INSERT INTO dag_version (uuid, dag_id, version_number, content_hash, source_hash, created_at)";
    sql(store, format!("{insert} VALUES ('{dag_id}', '{dag_id}', 1, '{dag_id}', 's', 0)")).await;
    sql(store, format!("UPDATE dag SET version_id = (SELECT id FROM dag_version WHERE dag_id = '{dag_id}') WHERE dag_id = '{dag_id}'"))
        .await;
}

async fn a_later_run_gives_way_to_a_cleared_one_that_it_may_wait_for() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = scheduler(store).await;
    for (dag_id, task) in [("waits", r#", "depends_on_past": true"#), ("free", "")] {
        dag(store, dag_id, 1, 16).await;
        version(store, dag_id, task).await;
        let mut runs = Vec::new();
        for (name, date) in [("first", START - 3), ("second", START - 2), ("third", START - 1)] {
            runs.push(trigger(store, dag_id, manual(name, at(date))).await);
        }
        own(store, owner).await;
        assert_eq!(start(store, owner).await, runs[..1]);
        sql(store, format!("UPDATE dag_run SET state = 'failed' WHERE id = {}", runs[0])).await;
        assert_eq!(start(store, owner).await, runs[1..2], "the limit is one");
        sql(store, format!("UPDATE dag_run SET state = 'queued', clear_number = 1 WHERE id IN ({}, {})", runs[0], runs[2])).await;
        let busy = "INSERT INTO task_instance (run_pk, task_id, dag_id, state, updated_at)";
        sql(store, format!("{busy} VALUES ({}, 'a', '{dag_id}', 'running', 0)", runs[1])).await;
        assert_eq!(start(store, owner).await, [0_i64; 0], "what is under way ends first");
        sql(store, format!("UPDATE task_instance SET state = NULL WHERE run_pk = {}", runs[1])).await;
        let expected: &[i64] = if dag_id == "waits" { &runs[..1] } else { &[] };
        assert_eq!(start(store, owner).await, expected, "{dag_id}");
        assert_eq!(start(store, owner).await, [0_i64; 0], "the limit is kept");
    }
}
