//! What users do to task instances and runs.

use tradewind_core::state::{AttemptState, RunState, TaskState};
use tradewind_store::Store;
use tradewind_store::step::{
    ApplyPlan, ClaimOutcome, ClearTask, ClearTasks, Cleared, MarkRun, MarkTask, MarkTasks, PlanOutcome, ReportOutcome,
};
use tradewind_store::table::attempt::{GetAttempt, KillsOf};
use tradewind_store::table::dag_run::GetDagRun;

use crate::backend::{Backend, START, stories};
use crate::fixture::{
    admit_one, at, claim, claim_one, dag, plan, report, running_run, schedule, scheduler, sql, state_of, step, task, task_row, worker,
};

stories!(
    a_cleared_task_that_runs_starts_again_only_when_its_process_is_gone,
    a_finished_run_is_queued_again_by_a_clear,
    a_marked_run_ends_at_once_unless_a_teardown_is_left,
);

async fn clear(store: &Store, run_pk: i64, tasks: &[&str]) -> Cleared {
    let tasks = tasks.iter().map(|task_id| ClearTask { run_pk, task_id: (*task_id).to_owned(), map_index: -1, retries: 2 }).collect();
    let clear =
        ClearTasks { tasks, runs: vec![], reset_runs: true, latest_version: false, note: None, user: "ann".to_owned(), events: vec![] };
    store.run(clear).await.expect("a clear")
}

async fn attempt_state(store: &Store, attempt: uuid::Uuid) -> AttemptState {
    store.run(GetAttempt(attempt)).await.unwrap().expect("the attempt").state
}

async fn a_cleared_task_that_runs_starts_again_only_when_its_process_is_gone() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["running", "queued", "marked"].map(task)).await;
    let running = admit_one(store, owner, run, "running").await;
    let queued = admit_one(store, owner, run, "queued").await;
    let marked = admit_one(store, owner, run, "marked").await;
    for attempt in [running, marked] {
        claim_one(store, attempt, worker).await;
    }
    let mark = MarkTask { run_pk: run, task_id: "marked".to_owned(), map_index: -1 };
    let told = store.run(MarkTasks { tasks: vec![mark], state: TaskState::Success, events: vec![] }).await.unwrap();
    assert_eq!(told.iter().map(|run| run.change_seq).collect::<Vec<_>>(), [1]);
    assert_eq!(state_of(store, run, "marked").await, Some(TaskState::Success));

    let cleared = clear(store, run, &["running", "queued", "marked"]).await;
    assert_eq!((cleared.tasks, cleared.runs[0].change_seq, cleared.runs[0].state), (3, 2, RunState::Running));
    assert_eq!(state_of(store, run, "queued").await, None);
    assert_eq!(attempt_state(store, queued).await, AttemptState::Cancelled);
    assert!(matches!(store.run(claim(queued, worker)).await.unwrap(), ClaimOutcome::Lost), "its hint comes too late");
    for (name, attempt) in [("running", running), ("marked", marked)] {
        assert_eq!(state_of(store, run, name).await, Some(TaskState::Restarting), "the process of {name} still runs");
        assert_eq!(task_row(store, run, name).await.max_tries, 3);
        let outcome = store.run(report(attempt, worker, TaskState::Success, at(START))).await.unwrap();
        let ReportOutcome::Superseded { restarted: Some(restarted), state: None } = outcome else { panic!("{outcome:?}") };
        assert_eq!((restarted.task.state, restarted.task.attempt_id), (None, None));
        assert_eq!(attempt_state(store, attempt).await, AttemptState::Cancelled);
    }
    let again = ApplyPlan { transitions: vec![step("running", None, Some(TaskState::Scheduled))], ..plan(owner, run, 4) };
    assert_eq!(store.run(again).await.unwrap(), PlanOutcome::Applied);
    admit_one(store, owner, run, "running").await;
    assert_eq!(task_row(store, run, "running").await.try_number, 2);
}

async fn a_finished_run_is_queued_again_by_a_clear() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a"), task("b")]).await;
    sql(store, "UPDATE task_instance SET state = 'failed', try_number = 1").await;
    sql(
        store,
        "INSERT INTO task_reschedule (run_pk, task_id, map_index, try_number, start_date, end_date, reschedule_date)
        SELECT run_pk, task_id, map_index, 1, 0, 0, 0 FROM task_instance",
    )
    .await;
    let end = ApplyPlan { run_end: Some(RunState::Failed), ..plan(owner, run, 0) };
    assert_eq!(store.run(end).await.unwrap(), PlanOutcome::Applied);
    let cleared = clear(store, run, &["a"]).await;
    assert_eq!((cleared.runs[0].state, cleared.runs[0].owner_job), (RunState::Queued, None));
    let found = store.run(GetDagRun { dag_id: "d".to_owned(), run_id: "one".to_owned() }).await.unwrap().expect("the run");
    assert_eq!((found.clear_number, found.start_date, found.end_date), (1, None, None));
    assert_eq!((state_of(store, run, "a").await, state_of(store, run, "b").await), (None, Some(TaskState::Failed)));
    let left = sql(store, "SELECT task_id FROM task_reschedule").await;
    assert_eq!(left.iter().map(|row| row.get::<String>(0).unwrap()).collect::<Vec<_>>(), ["b"]);
}

async fn a_marked_run_ends_at_once_unless_a_teardown_is_left() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b", "cleanup"].map(task)).await;
    let running = admit_one(store, owner, run, "a").await;
    claim_one(store, running, worker).await;
    let mark = |teardowns: &[&str]| MarkRun {
        run_pk: run,
        state: RunState::Failed,
        teardowns: teardowns.iter().map(|id| (*id).to_owned()).collect(),
        events: vec![],
    };
    let marked = store.run(mark(&["cleanup"])).await.unwrap().expect("the run");
    assert_eq!((marked.changed.state, marked.tasks.len()), (RunState::Running, 2));
    assert_eq!(state_of(store, run, "a").await, Some(TaskState::Failed));
    assert_eq!(state_of(store, run, "b").await, Some(TaskState::Skipped));
    assert_eq!(state_of(store, run, "cleanup").await, Some(TaskState::Scheduled));
    assert_eq!(store.run(KillsOf { worker }).await.unwrap(), [(running, "state_changed".to_owned())]);
    let marked = store.run(mark(&[])).await.unwrap().expect("the run");
    assert_eq!((marked.changed.state, marked.changed.change_seq), (RunState::Failed, 2));
    assert_eq!(state_of(store, run, "cleanup").await, Some(TaskState::Skipped));
    assert!(store.run(MarkRun { run_pk: 99, ..mark(&[]) }).await.unwrap().is_none());
}
