//! Workers that die and hints that get lost.

use jiff::SignedDuration;
use tradewind_core::state::{AttemptState, TaskState};
use tradewind_store::step::{
    ClaimOutcome, EndGone, Glance, GoneJob, NamedProcesses, OwnRuns, ReapLost, RenewLease, Renewed, ReportOutcome, Republish,
};
use tradewind_store::table::attempt::GetAttempt;

use crate::backend::{Backend, START, stories};
use crate::fixture::{
    LEASE, admit_one, at, claim, claim_one, dag, job, job_of, report, running_run, schedule, scheduler, sql, state_of, task, task_row,
    worker,
};

stories!(
    a_lost_worker_spends_no_retry_and_the_third_one_fails_the_task,
    a_cleared_task_whose_worker_died_begins_anew,
    a_lost_hint_is_published_again_under_the_same_id,
    what_a_process_had_that_is_gone_is_free_at_once,
);

async fn a_lost_worker_spends_no_retry_and_the_third_one_fails_the_task() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let ends = [(TaskState::Scheduled, 1), (TaskState::Scheduled, 2), (TaskState::Failed, 2)];
    for (number, (state, max_tries)) in ends.into_iter().enumerate() {
        let worker = worker(store).await;
        let attempt = admit_one(store, owner, run, "a").await;
        assert_eq!(task_row(store, run, "a").await.try_number, u32::try_from(number).unwrap() + 1);
        claim_one(store, attempt, worker).await;
        let reap = ReapLost { owner, limit: 10, expired: true, losses: 2, policy: std::sync::Arc::default() };
        assert!(store.run(reap.clone()).await.unwrap().expect("the term runs").is_empty(), "the worker lives");
        backend.clock.advance_seconds(8);
        let renewed = RenewLease { owner, lease: LEASE, stats: None };
        store.run(renewed.clone()).await.unwrap();
        backend.clock.advance_seconds(2);
        let lost = store.run(reap.clone()).await.unwrap().expect("the term runs");
        assert_eq!(lost.len(), 1);
        assert_eq!((lost[0].attempt_id, lost[0].task.state, lost[0].task.max_tries), (attempt, Some(state), max_tries));
        assert_eq!(lost[0].changed.change_seq, i64::try_from(number).unwrap() + 1);
        let late = store.run(report(attempt, worker, TaskState::Success, at(START))).await.unwrap();
        assert!(matches!(late, ReportOutcome::Stale), "a report after the loss is void");
        assert_eq!(store.run(GetAttempt(attempt)).await.unwrap().expect("the attempt").state, AttemptState::Lost);
        store.run(renewed).await.unwrap();
    }
    let reason = store.run(GetAttempt(task_row(store, run, "a").await.attempt_id.expect("an attempt"))).await.unwrap().expect("it").reason;
    assert_eq!(reason.as_deref(), Some("its worker was lost 3 times"));
}

async fn a_cleared_task_whose_worker_died_begins_anew() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, job(store, "WorkerJob").await.owner);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b"].map(task)).await;
    let attempts = [admit_one(store, owner, run, "a").await, admit_one(store, owner, run, "b").await];
    for attempt in attempts {
        claim_one(store, attempt, worker.job).await;
    }
    sql(store, "UPDATE task_instance SET state = 'restarting' WHERE task_id = 'a'").await;
    sql(store, "UPDATE task_instance SET state = 'success' WHERE task_id = 'b'").await;
    sql(store, format!("UPDATE job SET state = 'failed' WHERE id = {}", worker.job)).await;
    let lost = store
        .run(ReapLost { owner, limit: 10, expired: true, losses: 2, policy: std::sync::Arc::default() })
        .await
        .unwrap()
        .expect("the term runs");
    assert_eq!(lost.len(), 1, "b had been marked");
    assert_eq!((lost[0].task.state, lost[0].task.attempt_id), (None, None));
    assert_eq!(state_of(store, run, "b").await, Some(TaskState::Success));
}

async fn a_lost_hint_is_published_again_under_the_same_id() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    let again = Republish { owner, older_than: SignedDuration::from_secs(5), limit: 10 };
    assert!(store.run(again).await.unwrap().expect("the term runs").is_empty());
    backend.clock.advance_seconds(5);
    let unclaimed = store.run(again).await.unwrap().expect("the term runs");
    assert_eq!(unclaimed.iter().map(|one| one.attempt_id).collect::<Vec<_>>(), [attempt]);
    assert!(store.run(again).await.unwrap().expect("the term runs").is_empty(), "not twice in the same while");
    assert!(matches!(store.run(claim(attempt, worker)).await.unwrap(), ClaimOutcome::Won(_)));
    backend.clock.advance_seconds(4);
    assert!(store.run(again).await.unwrap().expect("the term runs").is_empty());
}

async fn what_a_process_had_that_is_gone_is_free_at_once() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (gone, worker) = (job_of(store, "SchedulerJob", Some("m/1")).await.owner, job_of(store, "WorkerJob", Some("m/1")).await.owner.job);
    let (other, elsewhere) = (job_of(store, "SchedulerJob", Some("m/2")).await.owner, job(store, "WorkerJob").await.owner.job);
    let run = running_run(store, gone, "d", "one", at(START)).await;
    schedule(store, gone, run, ["a", "b"].map(task)).await;
    let attempts = [admit_one(store, gone, run, "a").await, admit_one(store, gone, run, "b").await];
    claim_one(store, attempts[0], worker).await;
    claim_one(store, attempts[1], elsewhere).await;
    let named = store.run(NamedProcesses).await.unwrap();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), [("m/1".to_owned(), vec![worker]), ("m/2".to_owned(), Vec::new())]);
    let reap = ReapLost { owner: other, limit: 10, expired: false, losses: 2, policy: std::sync::Arc::default() };

    let end = |with_workers| EndGone { process: "m/1".to_owned(), with_workers };
    let ended = store.run(end(false)).await.unwrap();
    assert_eq!(ended.iter().map(|job| job.id).collect::<Vec<_>>(), [gone.job]);
    assert_eq!(store.run(RenewLease { owner: gone, lease: LEASE, stats: None }).await.unwrap(), Renewed::Lost);
    assert!(store.run(Glance { owner: other, since: at(START) }).await.unwrap().unowned, "whoever looks sees that its runs are free");
    let owned = store.run(OwnRuns { owner: other, limit: 9, leave_to_others: Some(LEASE) }).await.unwrap().expect("the term runs");
    assert_eq!(owned.iter().map(|owned| owned.run_pk).collect::<Vec<_>>(), [run]);
    assert!(store.run(reap.clone()).await.unwrap().expect("the term runs").is_empty(), "its attempts may still run");

    assert_eq!(store.run(end(true)).await.unwrap(), [GoneJob { id: worker, job_type: "WorkerJob".to_owned() }]);
    assert!(store.run(end(true)).await.unwrap().is_empty(), "the gone are told once");
    let lost = store.run(reap).await.unwrap().expect("the term runs");
    assert_eq!(lost.iter().map(|lost| lost.attempt_id).collect::<Vec<_>>(), [attempts[0]], "the other worker's go on");
    assert!(store.run(NamedProcesses).await.unwrap().into_keys().eq(["m/2".to_owned()]));
}
