//! From scheduled to the report.

use std::collections::HashMap;
use std::sync::Arc;

use tradewind_core::state::{AttemptState, RunState, TaskState};
use tradewind_store::Store;
use tradewind_store::step::{
    Admit, ApplyPlan, Candidate, ClaimOutcome, CreateTask, HeldBack, Kill, LoadRun, OwnRuns, PlanOutcome, Prefetch, Report, ReportOutcome,
    Started,
};
use tradewind_store::table::attempt::{AttemptsOf, GetAttempt, KillsOf};
use tradewind_store::table::callback_request::NewCallback;
use tradewind_store::table::dag_run::{GetDagRun, OwnedRuns};
use tradewind_store::table::event_log::NewEvent;
use tradewind_store::table::task_instance::TaskKey;
use tradewind_store::table::xcom::GetXcom;

use crate::backend::{Backend, START, stories};
use crate::fixture::{
    admit, admit_one, at, candidate, claim, claim_one, dag, fresh_id, number, plan, report, running_run, schedule, scheduler, sql,
    state_of, step, task, task_row, worker,
};

stories!(
    the_life_of_a_task_from_plan_to_the_end_of_its_run,
    a_plan_made_from_other_rows_leaves_nothing_behind,
    instances_are_replaced_by_their_expansion,
    sixteen_workers_race_for_an_attempt_and_one_wins,
    a_worker_whose_lease_ended_claims_nothing,
    racing_admissions_never_exceed_a_pool,
    admission_goes_by_the_order_given_and_forgets_what_is_gone,
    a_retry_takes_a_new_try_and_a_reschedule_or_a_false_start_does_not,
    a_killed_attempt_ends_as_cancelled_and_its_report_moves_nothing,
    values_come_along_complete_or_not_at_all_and_a_new_start_clears_them,
    a_run_is_loaded_with_its_skips_and_its_past,
);

async fn the_life_of_a_task_from_plan_to_the_end_of_its_run() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a"), CreateTask { state: None, ..task("b") }]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    backend.clock.advance(7);
    let claimed = claim_one(store, attempt, worker).await;
    assert_eq!((claimed.task.state, claimed.task.try_number, claimed.task.start_date), (Some(TaskState::Running), 1, Some(at(START + 7))));
    assert_eq!((&*claimed.run.run_id, claimed.fileloc.as_str(), claimed.task.hostname.as_deref()), ("one", "/dags/d.py", Some("host")));
    assert!(store.run(Started { attempt_id: attempt, worker, pid: 4711 }).await.unwrap());
    assert_eq!(task_row(store, run, "a").await.pid, Some(4711));
    let end = Report {
        xcoms: vec![("return_value".to_owned(), "[1,2]".to_owned()), ("more".to_owned(), "\"x\"".to_owned())],
        map_length: Some(2),
        ..report(attempt, worker, TaskState::Success, at(START + 9))
    };
    let ReportOutcome::Accepted(reported) = store.run(end.clone()).await.unwrap() else { panic!("the report counts") };
    assert_eq!((reported.changed.change_seq, reported.changed.owner_job, reported.task.map_length), (1, Some(owner.job), Some(2)));
    assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Stale), "repeated");
    let value = store.run(GetXcom { key: TaskKey::new(run, "a", -1), name: "more".to_owned() }).await.unwrap().expect("an XCom");
    assert_eq!(value.value, "\"x\"");

    let stale = ApplyPlan { transitions: vec![step("b", None, Some(TaskState::Success))], ..plan(owner, run, 0) };
    assert_eq!(store.run(stale.clone()).await.unwrap(), PlanOutcome::Stale { change_seq: 1 });
    let last = ApplyPlan {
        known_seq: 1,
        run_end: Some(RunState::Success),
        callbacks: vec![NewCallback {
            unique_key: "k".to_owned(),
            payload: "{\"kind\":\"dag\"}".to_owned(),
            relative_fileloc: "d.py".to_owned(),
        }],
        events: vec![NewEvent { event: "success".to_owned(), dag_id: Some("d".to_owned()), ..NewEvent::default() }],
        alerts: Vec::new(),
        ..stale
    };
    assert_eq!(store.run(last.clone()).await.unwrap(), PlanOutcome::Applied);
    assert_eq!(state_of(store, run, "b").await, Some(TaskState::Success));
    let ended = store.run(GetDagRun { dag_id: "d".to_owned(), run_id: "one".to_owned() }).await.unwrap().expect("the run");
    assert_eq!((ended.state, ended.end_date, ended.owner_job), (RunState::Success, Some(at(START + 7)), None));
    assert_eq!(store.run(last).await.unwrap(), PlanOutcome::Fenced, "an ended run takes no plan");
    assert_eq!(number(store, "SELECT COUNT(*) FROM callback_request").await, 1);
    assert_eq!(number(store, "SELECT COUNT(*) FROM event_log WHERE event = 'success' AND dag_id = 'd'").await, 1);
}

async fn a_plan_made_from_other_rows_leaves_nothing_behind() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let wrong = ApplyPlan {
        created: vec![task("new")],
        transitions: vec![step("a", Some(TaskState::Queued), Some(TaskState::Skipped))],
        ..plan(owner, run, 0)
    };
    assert_eq!(store.run(wrong).await.unwrap(), PlanOutcome::Stale { change_seq: 0 });
    assert_eq!(number(store, "SELECT COUNT(*) FROM task_instance").await, 1);
    let twice = ApplyPlan { created: vec![task("a")], ..plan(owner, run, 0) };
    assert_eq!(store.run(twice).await.unwrap(), PlanOutcome::Stale { change_seq: 0 });
    let other = scheduler(store).await;
    let foreign = ApplyPlan { created: vec![task("new")], ..plan(other, run, 0) };
    assert_eq!(store.run(foreign).await.unwrap(), PlanOutcome::Fenced);
    backend.clock.advance_seconds(10);
    let late = ApplyPlan { created: vec![task("new")], ..plan(owner, run, 0) };
    assert_eq!(store.run(late).await.unwrap(), PlanOutcome::Fenced, "the lease has ended");
}

async fn instances_are_replaced_by_their_expansion() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [CreateTask { state: None, ..task("m") }]).await;
    let expand = ApplyPlan {
        deleted: vec![("m".into(), -1)],
        created: (0..3).map(|map_index| CreateTask { map_index, ..task("m") }).collect(),
        ..plan(owner, run, 0)
    };
    assert_eq!(store.run(expand.clone()).await.unwrap(), PlanOutcome::Applied);
    assert_eq!(store.run(expand).await.unwrap(), PlanOutcome::Stale { change_seq: 0 });
    let loaded = store.run(LoadRun { run_pk: run, past_tasks: vec![] }).await.unwrap().expect("the run");
    assert_eq!(loaded.tasks.iter().map(|task| task.map_index).collect::<Vec<_>>(), [0, 1, 2]);
}

async fn sixteen_workers_race_for_an_attempt_and_one_wins() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 100).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, (0..10).map(|n| task(&format!("t{n}")))).await;
    let admission = admit(store, owner, (0..10).map(|n| candidate(run, format!("t{n}"))).collect()).await;
    let mut workers = Vec::new();
    for number in 0..16 {
        let store = if number % 2 == 0 { store.clone() } else { backend.second().await };
        let (worker, admitted) = (worker(&store).await, admission.admitted.clone());
        workers.push(tokio::spawn(async move {
            let mut won = Vec::new();
            for one in admitted {
                if matches!(store.run(claim(one.attempt_id, worker)).await.unwrap(), ClaimOutcome::Won(_)) {
                    won.push(one.attempt_id);
                }
            }
            won
        }));
    }
    let mut wins = HashMap::new();
    for worker in workers {
        for attempt in worker.await.unwrap() {
            *wins.entry(attempt).or_insert(0) += 1;
        }
    }
    assert_eq!(wins.len(), 10);
    assert!(wins.values().all(|count| *count == 1), "{wins:?}");
}

async fn a_worker_whose_lease_ended_claims_nothing() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    backend.clock.advance_seconds(10);
    assert!(matches!(store.run(claim(attempt, worker)).await.unwrap(), ClaimOutcome::LeaseEnded));
    assert_eq!(state_of(store, run, "a").await, Some(TaskState::Queued));
}

async fn active(store: &Store) -> i64 {
    number(store, "SELECT COUNT(*) FROM task_instance WHERE state IN ('queued', 'running')").await
}

async fn racing_admissions_never_exceed_a_pool() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    sql(store, "INSERT INTO pool (pool, slots) VALUES ('small', 3)").await;
    dag(store, "d", 64, 100).await;
    let mut schedulers = Vec::new();
    for number in 0..16 {
        let owner = scheduler(store).await;
        let run = running_run(store, owner, "d", &format!("r{number}"), at(START + number)).await;
        backend.clock.advance(1);
        store.run(OwnRuns { owner, limit: 1, leave_to_others: None }).await.unwrap();
        let run_state = store.run(tradewind_store::step::StartRuns { owner, limit: 9 }).await.unwrap();
        assert!(run_state.is_some());
        schedule(store, owner, run, (0..4).map(|n| CreateTask { pool: "small".into(), ..task(&format!("t{n}")) })).await;
        schedulers.push((owner, run));
    }
    let mut tasks = Vec::new();
    for (owner, run) in schedulers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move { admit(&store, owner, (0..4).map(|n| candidate(run, format!("t{n}"))).collect()).await }));
    }
    let mut admitted = 0;
    for task in tasks {
        let admission = task.await.unwrap();
        admitted += admission.admitted.len();
        assert!(admission.held.iter().all(|(_, why)| *why == HeldBack::Pool("small".into())), "{:?}", admission.held);
        assert!(admission.gone.is_empty());
    }
    assert_eq!((admitted, active(store).await), (3, 3));
}

async fn admission_goes_by_the_order_given_and_forgets_what_is_gone() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 2).await;
    let owner = scheduler(store).await;
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b", "c"].map(task)).await;
    schedule(store, owner, run, [CreateTask { state: None, ..task("unplanned") }]).await;
    let admission = admit(store, owner, ["c", "unplanned", "a", "b"].map(|name| candidate(run, name)).to_vec()).await;
    let names: Vec<_> = admission.admitted.iter().map(|one| one.key.task_id.to_string()).collect();
    assert_eq!(names, ["c", "a"]);
    assert_eq!(admission.gone, [TaskKey::new(run, "unplanned", -1)]);
    assert_eq!(admission.held, [(TaskKey::new(run, "b", -1), HeldBack::MaxActiveTasks)]);
    assert_eq!(admission.admitted[0].try_number, 1);
    sql(store, "UPDATE dag SET is_paused = 1").await;
    let paused = admit(store, owner, vec![candidate(run, "b")]).await;
    assert_eq!(paused.held, [(TaskKey::new(run, "b", -1), HeldBack::Paused)]);
    let limited = Candidate { max_active_tis_per_dag: Some(1), ..candidate(run, "b") };
    sql(store, "UPDATE dag SET is_paused = 0, max_active_tasks = 16").await;
    let all = store.run(Admit { owner, candidates: vec![limited.clone()], parallelism: 2 }).await.unwrap().unwrap();
    assert_eq!(all.held, [(TaskKey::new(run, "b", -1), HeldBack::Parallelism)]);
    assert_eq!(store.run(Admit { owner, candidates: vec![limited], parallelism: 3 }).await.unwrap().unwrap().admitted.len(), 1);
}

async fn a_retry_takes_a_new_try_and_a_reschedule_or_a_false_start_does_not() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let ends = [
        (TaskState::UpForReschedule, AttemptState::UpForReschedule, 1),
        (TaskState::Scheduled, AttemptState::Cancelled, 1),
        (TaskState::UpForRetry, AttemptState::UpForRetry, 1),
        (TaskState::Success, AttemptState::Success, 2),
    ];
    for (state, attempt_state, try_number) in ends {
        let attempt = admit_one(store, owner, run, "a").await;
        backend.clock.advance(1);
        let claimed = claim_one(store, attempt, worker).await;
        let first_poke = if try_number == 1 { START + 1 } else { START + 4 };
        assert_eq!((claimed.task.try_number, claimed.first_poke_at), (try_number, at(first_poke)));
        let later = Some(at(START + 60));
        let end = Report { retry_at: later, reschedule_at: later, ..report(attempt, worker, state, at(START + 3)) };
        let ReportOutcome::Accepted(reported) = store.run(end).await.unwrap() else { panic!("accepted") };
        assert_eq!(store.run(GetAttempt(attempt)).await.unwrap().expect("the attempt").state, attempt_state);
        if matches!(state, TaskState::UpForReschedule | TaskState::UpForRetry) {
            let known = reported.changed.change_seq;
            let again = ApplyPlan { transitions: vec![step("a", Some(state), Some(TaskState::Scheduled))], ..plan(owner, run, known) };
            assert_eq!(store.run(again).await.unwrap(), PlanOutcome::Applied);
            assert_eq!(task_row(store, run, "a").await.retry_at, None);
        }
    }
    assert_eq!(number(store, "SELECT COUNT(*) FROM task_reschedule").await, 1);
    assert_eq!(store.run(AttemptsOf(TaskKey::new(run, "a", -1))).await.unwrap().len(), 4);
}

async fn a_killed_attempt_ends_as_cancelled_and_its_report_moves_nothing() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, ["a", "b"].map(task)).await;
    let (running, queued) = (admit_one(store, owner, run, "a").await, admit_one(store, owner, run, "b").await);
    claim_one(store, running, worker).await;
    let kill = |name: &str| Kill { task_id: name.into(), map_index: -1, reason: "run_ended" };
    let end = ApplyPlan {
        kills: vec![kill("a"), kill("b")],
        transitions: vec![
            step("a", Some(TaskState::Running), Some(TaskState::Skipped)),
            step("b", Some(TaskState::Queued), Some(TaskState::Skipped)),
        ],
        run_end: Some(RunState::Failed),
        ..plan(owner, run, 0)
    };
    assert_eq!(store.run(end).await.unwrap(), PlanOutcome::Applied);
    assert_eq!(store.run(KillsOf { worker }).await.unwrap(), [(running, "run_ended".to_owned())]);
    assert!(matches!(store.run(claim(queued, worker)).await.unwrap(), ClaimOutcome::Lost));
    let outcome = store.run(report(running, worker, TaskState::Success, at(START + 1))).await.unwrap();
    assert!(matches!(outcome, ReportOutcome::Superseded { restarted: None, state: Some(TaskState::Skipped) }), "{outcome:?}");
    assert_eq!(store.run(GetAttempt(running)).await.unwrap().expect("the attempt").state, AttemptState::Cancelled);
    assert!(store.run(KillsOf { worker }).await.unwrap().is_empty());
    let stranger = report(fresh_id(), worker, TaskState::Success, at(START));
    assert!(matches!(store.run(stranger).await.unwrap(), ReportOutcome::Stale));
}

async fn values_come_along_complete_or_not_at_all_and_a_new_start_clears_them() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    let mapped = (0..2).map(|map_index| CreateTask { map_index, ..task("m") });
    schedule(store, owner, run, mapped.chain(["big", "none", "last"].map(task))).await;
    for (task_id, map_index, value) in [("m", 0, "1".to_owned()), ("m", 1, "2".to_owned()), ("big", -1, format!("\"{}\"", "x".repeat(99)))]
    {
        let one = Candidate { key: TaskKey::new(run, task_id, map_index), ..candidate(run, task_id) };
        let attempt = admit(store, owner, vec![one]).await.admitted[0].attempt_id;
        claim_one(store, attempt, worker).await;
        let end = Report { xcoms: vec![("return_value".to_owned(), value)], ..report(attempt, worker, TaskState::Success, at(START)) };
        assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Accepted(_)));
    }
    let names: Vec<Arc<str>> = vec!["none".into(), "big".into(), "m".into()];
    let prefetched = store.run(Prefetch { run_pk: run, tasks: names, bytes: 50 }).await.unwrap();
    let shown: Vec<_> = prefetched.iter().map(|task| (&*task.task_id, task.values.clone())).collect();
    assert_eq!(shown, [("none", vec![]), ("m", vec![(0, "1".to_owned()), (1, "2".to_owned())])]);
    sql(store, "UPDATE task_instance SET state = 'scheduled' WHERE task_id = 'big'").await;
    let attempt = admit_one(store, owner, run, "big").await;
    claim_one(store, attempt, worker).await;
    assert_eq!(number(store, "SELECT COUNT(*) FROM xcom WHERE task_id = 'big'").await, 0);
}

async fn a_run_is_loaded_with_its_skips_and_its_past() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let first = running_run(store, owner, "d", "one", at(START - 5)).await;
    schedule(store, owner, first, ["a", "b"].map(task)).await;
    let attempt = admit_one(store, owner, first, "a").await;
    claim_one(store, attempt, worker).await;
    let skipping = Report {
        xcoms: vec![("skipmixin_key".to_owned(), "{\"skipped\":[\"b\"]}".to_owned())],
        ..report(attempt, worker, TaskState::Success, at(START))
    };
    store.run(skipping).await.unwrap();
    let second = running_run(store, owner, "d", "two", at(START)).await;
    let past_tasks: Vec<Arc<str>> = vec!["a".into(), "new".into()];
    let loaded = store.run(LoadRun { run_pk: second, past_tasks: past_tasks.clone() }).await.unwrap().expect("the run");
    let previous = loaded.previous.expect("a run before");
    assert_eq!((previous.run_pk, previous.states), (first, vec![("a".into(), -1, Some(TaskState::Success))]));
    assert_eq!(previous.ran_before, ["a".into()] as [Arc<str>; 1]);
    let loaded = store.run(LoadRun { run_pk: first, past_tasks }).await.unwrap().expect("the run");
    assert!(loaded.previous.is_none(), "nothing before the first");
    assert_eq!(loaded.skips, [("a".into(), -1, "{\"skipped\":[\"b\"]}".to_owned())]);
    let mut numbers = store.run(OwnedRuns { job: owner.job, term: owner.term }).await.unwrap();
    numbers.sort_unstable();
    assert_eq!(numbers, [(first, 1, RunState::Running), (second, 0, RunState::Running)]);
}
