//! What a running attempt asks and leaves.

use jiff::Timestamp;
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::call::{
    CountRunsLike, DropXcom, ListRunsLike, PreviousRun, PreviousTask, PutXcom, RunsLike, SetMapLabel, SetRendered, TaskStates, TasksLike,
    XcomValues,
};
use tradewind_store::table::task_instance::TaskKey;
use uuid::Uuid;

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim_one, dag, report, running_run, schedule, scheduler, sql, task, task_row, worker};

stories!(values_are_found_in_the_run_or_in_the_newest_before_it, a_fenced_attempt_leaves_nothing, tasks_ask_about_other_runs,);

/// A run with the task `a` running; the attempt.
async fn running_task(store: &Store, run_id: &str, date: Timestamp) -> (i64, Uuid, i64) {
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", run_id, date).await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    claim_one(store, attempt, worker).await;
    (run, attempt, worker)
}

fn put(attempt_id: Uuid, value: &str) -> PutXcom {
    PutXcom { attempt_id, key: "k".to_owned(), value: value.to_owned() }
}

fn find(run_id: &str, include_prior_dates: bool) -> XcomValues {
    let (dag_id, task_id, key) = ("d".to_owned(), "a".to_owned(), "k".to_owned());
    XcomValues { dag_id, run_id: run_id.to_owned(), task_id, key, include_prior_dates }
}

async fn values_are_found_in_the_run_or_in_the_newest_before_it() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (_, first, _) = running_task(store, "first", at(START - 3)).await;
    let (_, second, _) = running_task(store, "second", at(START - 2)).await;
    running_task(store, "third", at(START - 1)).await;
    assert!(store.run(put(first, "1")).await.unwrap());
    assert!(store.run(put(second, "2")).await.unwrap());
    let found = async |what: XcomValues| store.run(what).await.unwrap();
    assert_eq!(found(find("first", true)).await, [(-1, "1".to_owned())]);
    assert_eq!(found(find("third", false)).await, []);
    assert_eq!(found(find("third", true)).await, [(-1, "2".to_owned())]);
    assert!(store.run(DropXcom { attempt_id: second, key: "k".to_owned() }).await.unwrap());
    assert_eq!(found(find("third", true)).await, [(-1, "1".to_owned())]);
    assert_eq!(found(find("no such run", true)).await, []);
}

async fn a_fenced_attempt_leaves_nothing() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (run, attempt, worker) = running_task(store, "one", at(START)).await;
    let rendered = SetRendered { attempt_id: attempt, fields: "{\"bash_command\":\"ls\"}".to_owned() };
    let label = SetMapLabel { attempt_id: attempt, label: "first".to_owned() };
    assert!(store.run(rendered.clone()).await.unwrap() && store.run(label.clone()).await.unwrap());
    let kept = &sql(store, "SELECT fields FROM rendered_fields WHERE task_id = 'a'").await[0];
    assert_eq!(kept.get::<String>(0).unwrap(), rendered.fields);
    assert_eq!(task_row(store, run, "a").await.rendered_map_index.as_deref(), Some("first"));
    store.run(report(attempt, worker, TaskState::Success, at(START))).await.unwrap();
    assert!(!store.run(put(attempt, "1")).await.unwrap());
    assert!(!store.run(rendered).await.unwrap());
    assert!(!store.run(label).await.unwrap());
    assert_eq!(store.run(find("one", false)).await.unwrap(), []);
}

async fn tasks_ask_about_other_runs() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (first, ..) = running_task(store, "first", at(START - 3)).await;
    let (second, ..) = running_task(store, "second", at(START - 2)).await;
    sql(store, format!("UPDATE dag_run SET state = 'success' WHERE id = {first}")).await;
    sql(store, format!("UPDATE task_instance SET state = 'success' WHERE run_pk = {first}")).await;
    let previous = async |state: Option<&str>| {
        let ask = PreviousRun { dag_id: "d".to_owned(), before: at(START), state: state.map(str::to_owned) };
        store.run(ask).await.unwrap().map(|run| run.run_id.to_string())
    };
    assert_eq!(previous(None).await.as_deref(), Some("second"));
    assert_eq!(previous(Some("success")).await.as_deref(), Some("first"));
    assert_eq!(previous(Some("failed")).await, None);
    let runs = |run_ids, logical_dates| RunsLike { dag_id: "d".to_owned(), run_ids, logical_dates };
    let count = async |runs, states| store.run(CountRunsLike { runs, states }).await.unwrap();
    assert_eq!(count(runs(None, None), None).await, 2);
    assert_eq!(count(runs(None, Some(vec![at(START - 2)])), None).await, 1);
    assert_eq!(count(runs(Some(vec!["first".to_owned()]), None), Some(vec!["running".to_owned()])).await, 0);
    let listed = async |states, limit| {
        let found = store.run(ListRunsLike { runs: runs(None, None), states, limit }).await.unwrap();
        found.iter().map(|run| run.run_id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None, 10).await.len(), 2);
    assert_eq!(listed(None, 1).await.len(), 1);
    assert_eq!(listed(Some(vec!["deleted".to_owned()]), 10).await.len(), 0);
    let task_ids = Some(vec!["a".to_owned(), "b".to_owned()]);
    let tasks = TasksLike { runs: runs(None, Some(vec![at(START - 3)])), task_ids, map_index: Some(-1) };
    let found = store.run(TaskStates(tasks)).await.unwrap();
    assert_eq!(found, [("first".into(), "a".into(), -1, Some(TaskState::Success))]);
    let before = PreviousTask { key: TaskKey::new(second, "a", -1), state: Some("success".to_owned()) };
    let (task, run_id) = store.run(before.clone()).await.unwrap().expect("a task before");
    assert_eq!((&*run_id, task.run_pk), ("first", first));
    assert!(store.run(PreviousTask { state: Some("failed".to_owned()), ..before }).await.unwrap().is_none());
}
