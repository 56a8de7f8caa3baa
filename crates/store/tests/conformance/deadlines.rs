//! Deadlines: which runs are looked at, and each miss told once.

use jiff::SignedDuration;
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::step::{AverageDuration, Missed, RunsWithDeadlines, TellMissed};
use tradewind_store::table::callback_request::NewCallback;

use crate::backend::{Backend, START, stories};
use crate::fixture::{at, dag, manual, number, running_run, schedule, scheduler, sql, task, trigger};

stories!(a_miss_is_told_once_whoever_looks, what_is_done_in_time_misses_nothing, an_average_needs_enough_runs);

fn missed(name: &str, task_id: Option<&str>) -> Missed {
    let callback = NewCallback { unique_key: format!("missed/{name}"), payload: "{}".into(), relative_fileloc: "d.py".into() };
    Missed { name: name.into(), due_at: at(START), task_id: task_id.map(str::to_owned), callback: Some(callback) }
}

async fn tell(store: &Store, run_pk: i64, missed: Missed) -> Vec<String> {
    store.run(TellMissed { run_pk, clear_number: 0, missed: vec![missed] }).await.expect("a look")
}

async fn callbacks(store: &Store) -> i64 {
    number(store, "SELECT COUNT(*) FROM callback_request").await
}

async fn a_miss_is_told_once_whoever_looks() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    dag(store, "without", 16, 16).await;
    sql(store, "UPDATE dag SET has_deadlines = 1 WHERE dag_id = 'd'").await;
    let run = trigger(store, "d", manual("one", at(START))).await;
    trigger(store, "without", manual("one", at(START))).await;
    let found = store.run(RunsWithDeadlines { limit: 10 }).await.unwrap();
    assert_eq!(found.iter().map(|run| (run.run_pk, run.missed.len())).collect::<Vec<_>>(), [(run, 0)]);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = backend.second().await;
        racers.spawn(async move { tell(&store, run, missed("deadline/0", None)).await.len() });
    }
    assert_eq!(racers.join_all().await.iter().sum::<usize>(), 1);
    assert_eq!(callbacks(store).await, 1);
    // The callback has run and is gone; the miss is remembered.
    sql(store, "DELETE FROM callback_request").await;
    assert!(tell(store, run, missed("deadline/0", None)).await.is_empty());
    assert_eq!(callbacks(store).await, 0);
    assert_eq!(store.run(RunsWithDeadlines { limit: 10 }).await.unwrap()[0].missed, ["deadline/0"]);
    // A cleared run may miss it again.
    sql(store, "UPDATE dag_run SET clear_number = 1 WHERE dag_id = 'd'").await;
    assert!(store.run(RunsWithDeadlines { limit: 10 }).await.unwrap()[0].missed.is_empty());
    assert!(tell(store, run, missed("deadline/0", None)).await.is_empty(), "the look was at the run before it was cleared");
}

async fn what_is_done_in_time_misses_nothing() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b"].map(task)).await;
    sql(store, format!("UPDATE task_instance SET state = '{}' WHERE task_id = 'a'", TaskState::Success)).await;
    assert!(tell(store, run, missed("sla/a", Some("a"))).await.is_empty());
    assert_eq!(tell(store, run, missed("sla/b", Some("b"))).await, ["sla/b"]);
    assert_eq!(tell(store, run, missed("sla/c", Some("c"))).await, ["sla/c"], "a task without an instance has not begun");
    sql(store, "UPDATE dag_run SET state = 'success'").await;
    assert!(tell(store, run, missed("deadline/0", None)).await.is_empty());
    assert_eq!(callbacks(store).await, 2);
}

async fn an_average_needs_enough_runs() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    for (number, seconds) in [10_i64, 20, 60].into_iter().enumerate() {
        let run_after = at(START + i64::try_from(number).unwrap());
        trigger(store, "d", manual(&format!("r{number}"), run_after)).await;
        let text =
            format!("UPDATE dag_run SET state = 'success', start_date = 0, end_date = {} WHERE run_id = 'r{number}'", seconds * 1_000_000);
        sql(store, text).await;
    }
    let average = |max_runs, min_runs| store.run(AverageDuration { dag_id: "d".into(), max_runs, min_runs });
    assert_eq!(average(10, 3).await.unwrap(), Some(SignedDuration::from_secs(30)));
    assert_eq!(average(2, 1).await.unwrap(), Some(SignedDuration::from_secs(40)), "the newest two");
    assert_eq!(average(10, 4).await.unwrap(), None);
}
