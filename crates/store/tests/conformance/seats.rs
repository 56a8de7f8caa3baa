//! One works, the others wait.

use jiff::SignedDuration;
use tradewind_store::Store;
use tradewind_store::list::figures::{CountActive, CountRunning, ReadRunFigures};
use tradewind_store::list::job::{ReadCluster, ReadPulses};
use tradewind_store::step::{
    CONTROLLER_SEAT, EndJob, Owner, RenewLease, Renewed, SCHEDULER_SEAT, Seat, SeatJobs, StartJob, TakeOver, TakenOver, VacateSeat,
};

use crate::backend::{Backend, START, stories};
use crate::fixture::{LEASE, admit_one, at, claim_one, dag, running_run, schedule, scheduler, task, worker};

stories!(
    one_of_several_takes_the_seat_and_the_next_one_when_its_lease_ends,
    many_at_once_are_one,
    a_seat_is_vacated_and_another_seat_is_another,
    what_is_counted_for_metrics,
    a_loop_that_stands_still_is_not_well,
);

fn me(hostname: &str) -> StartJob {
    StartJob {
        job_type: String::new(),
        hostname: hostname.to_owned(),
        unixname: None,
        pid: Some(7),
        address: None,
        version: None,
        stats: None,
        process: None,
        lease: LEASE,
    }
}

async fn take(store: &Store, seat: Seat, hostname: &str, waiting: Option<Owner>) -> TakenOver {
    store.run(TakeOver { seat, waiting, me: me(hostname) }).await.expect("the database answers")
}

async fn active(store: &Store, seat: Seat, hostname: &str, waiting: Option<Owner>) -> Owner {
    match take(store, seat, hostname, waiting).await {
        TakenOver::Active(lease) => lease.owner,
        TakenOver::Waiting { holder, .. } => panic!("{} has the seat", holder.hostname),
    }
}

async fn waits(store: &Store, seat: Seat, hostname: &str, waiting: Option<Owner>) -> Owner {
    match take(store, seat, hostname, waiting).await {
        TakenOver::Waiting { me, .. } => me,
        TakenOver::Active(lease) => panic!("{:?} took the seat", lease.owner),
    }
}

async fn one_of_several_takes_the_seat_and_the_next_one_when_its_lease_ends() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let first = active(store, SCHEDULER_SEAT, "a", None).await;
    let second = waits(store, SCHEDULER_SEAT, "b", None).await;
    assert_eq!(waits(store, SCHEDULER_SEAT, "b", Some(second)).await, second, "it keeps its row");
    let (_, seen) = store.run(SeatJobs { seat: SCHEDULER_SEAT, lost_within: SignedDuration::ZERO }).await.unwrap();
    let types: Vec<&str> = seen.iter().map(|job| job.job_type.as_str()).collect();
    assert_eq!(types, ["StandbySchedulerJob", "SchedulerJob"]);
    backend.clock.advance_seconds(8);
    let renewed = store.run(RenewLease { owner: first, lease: LEASE, stats: None }).await.unwrap();
    assert!(matches!(renewed, Renewed::Until(_)));
    backend.clock.advance_seconds(9);
    let second = waits(store, SCHEDULER_SEAT, "b", Some(second)).await;
    backend.clock.advance_seconds(1);
    let taken = active(store, SCHEDULER_SEAT, "b", Some(second)).await;
    assert_eq!((taken.job, taken.term), (second.job, second.term + 1));
    assert_eq!(store.run(RenewLease { owner: first, lease: LEASE, stats: None }).await.unwrap(), Renewed::Lost);
    assert!(store.run(EndJob { owner: taken, success: true }).await.unwrap());
    active(store, SCHEDULER_SEAT, "c", None).await;
}

async fn many_at_once_are_one() {
    let backend = Backend::fresh().await;
    let all = futures_util::future::join_all((0..8).map(|n| {
        let store = backend.store.clone();
        async move { matches!(take(&store, SCHEDULER_SEAT, &n.to_string(), None).await, TakenOver::Active(_)) }
    }));
    assert_eq!(all.await.into_iter().filter(|active| *active).count(), 1);
}

async fn a_seat_is_vacated_and_another_seat_is_another() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let scheduler = active(store, SCHEDULER_SEAT, "a", None).await;
    let controller = active(store, CONTROLLER_SEAT, "a", None).await;
    assert_eq!(store.run(VacateSeat(CONTROLLER_SEAT)).await.unwrap(), 1);
    assert_eq!(store.run(RenewLease { owner: controller, lease: LEASE, stats: None }).await.unwrap(), Renewed::Lost);
    assert!(matches!(store.run(RenewLease { owner: scheduler, lease: LEASE, stats: None }).await.unwrap(), Renewed::Until(_)));
    active(store, CONTROLLER_SEAT, "b", None).await;
}

async fn what_is_counted_for_metrics() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a"), task("b")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    claim_one(store, attempt, worker(store).await).await;
    let mut active: Vec<_> =
        store.run(CountActive).await.unwrap().into_iter().map(|one| (one.queue, one.dag_id, one.task_id, one.state, one.count)).collect();
    active.sort();
    let row = |task: &str, state: &str| ("default".to_owned(), "d".to_owned(), task.to_owned(), state.to_owned(), 1);
    assert_eq!(active, [row("a", "running"), row("b", "scheduled")]);
    assert_eq!(store.run(CountRunning).await.unwrap(), 1);
    let figures = store.run(ReadRunFigures(vec![("d".into(), "one".into()), ("d".into(), "none".into())])).await.unwrap();
    assert_eq!(figures.len(), 1);
    assert_eq!((figures[0].run_type.as_str(), figures[0].state.as_str(), figures[0].run_after), ("manual", "running", START));
    assert!(figures[0].first_queued.is_some() && figures[0].first_started.is_some() && figures[0].end_date.is_none());
}

async fn a_loop_that_stands_still_is_not_well() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = scheduler(store).await;
    let second = 1_000_000;
    let well = async |threshold: i64| {
        let pulses = store.run(ReadPulses).await.unwrap();
        let (now, jobs) = store.run(ReadCluster { lost_since: START }).await.unwrap();
        assert_eq!(jobs.len(), 1);
        let job = jobs[0].is_well(now.as_microsecond(), threshold * second);
        assert_eq!(pulses[0].is_well(threshold * second), job);
        job
    };
    assert!(well(30).await);
    backend.clock.advance_seconds(5);
    assert!(well(6).await && !well(5).await, "age is counted by the database's clock");
    let stats = Some(r#"{"stalled_s": 40}"#.to_owned());
    store.run(RenewLease { owner, lease: LEASE, stats }).await.unwrap();
    assert!(!well(30).await && well(41).await, "it beats, and does not work");
    backend.clock.advance_seconds(10);
    assert!(!well(1_000).await, "its lease has ended");
}
