//! Deferred task instances: who runs their triggers, and how they go on.

use jiff::SignedDuration;
use tradewind_core::state::{AttemptState, TaskState};
use tradewind_store::list::wait::ListWaits;
use tradewind_store::step::{
    Admit, Candidate, ClaimDeferrals, ClearTask, ClearTasks, DeferralsDue, DeferralsWait, EndJob, ExpireDeferrals, FireDeferral, Fired,
    GetWait, HeldDeferrals, Owner, Report, ReportOutcome, SweepDeferrals, WaitFor,
};
use tradewind_store::table::attempt::GetAttempt;
use tradewind_store::table::connection::RotateFernet;
use tradewind_store::table::deferral::{Event, GetDeferral, NewDeferral, Waiting};
use tradewind_store::table::hitl_detail::{AnswerHitl, AskHitl, GetHitl, HitlAnswered};
use tradewind_store::table::pool::SetPool;
use tradewind_store::table::task_instance::TaskKey;
use tradewind_store::{Clock, Fernet, Options, Store};
use uuid::Uuid;

use crate::backend::{Backend, START, stories};
use crate::fixture::{
    admit, admit_one, at, candidate, claim_one, dag, job, number, report, running_run, schedule, scheduler, sql, state_of, task, task_row,
    worker,
};

stories!(
    a_deferred_task_goes_on_in_the_same_try_with_its_event_and_values,
    triggers_are_shared_and_taken_over_from_the_dead,
    an_event_counts_once_and_only_for_a_task_that_waits,
    a_trigger_may_end_its_task,
    a_wait_ends_in_time_or_is_swept,
    a_task_may_begin_deferred_and_takes_a_slot_only_where_that_counts,
    arguments_of_triggers_are_encrypted,
    a_question_is_answered_once_or_by_its_defaults,
);

fn wait(timeout: Option<SignedDuration>) -> NewDeferral {
    NewDeferral {
        classpath: Some("a.b.Trigger".to_owned()),
        kwargs: r#"{"moment": 1}"#.into(),
        method: "done".to_owned(),
        method_kwargs: "{}".into(),
        timeout,
    }
}

/// Runs a task until it defers; its attempt.
async fn defer(store: &Store, owner: Owner, run: i64, task_id: &str, worker: i64, timeout: Option<SignedDuration>) -> Uuid {
    let attempt = admit_one(store, owner, run, task_id).await;
    claim_one(store, attempt, worker).await;
    let end = Report { deferral: Some(wait(timeout)), ..report(attempt, worker, TaskState::Deferred, at(START)) };
    assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Accepted(_)));
    attempt
}

async fn triggerer(store: &Store) -> Owner {
    job(store, "TriggererJob").await.owner
}

async fn take(store: &Store, triggerer: Owner, limit: u32) -> Vec<Waiting> {
    store.run(ClaimDeferrals { triggerer: triggerer.job, limit }).await.unwrap().expect("its lease runs")
}

fn fired(waiting: &Waiting, triggerer: Owner, payload: &str) -> FireDeferral {
    let event = Event::Fired { payload: payload.to_owned() };
    FireDeferral { id: waiting.id, triggerer: Some(triggerer.job), fired: Fired::GoOn(event) }
}

struct Scene {
    backend: Backend,
    owner: Owner,
    worker: i64,
    run: i64,
}

impl Scene {
    async fn new(tasks: &[&str]) -> Self {
        let backend = Backend::fresh().await;
        let store = &backend.store;
        dag(store, "d", 16, 16).await;
        let (owner, worker) = (scheduler(store).await, worker(store).await);
        let run = running_run(store, owner, "d", "one", at(START)).await;
        schedule(store, owner, run, tasks.iter().map(|id| task(id))).await;
        Self { backend, owner, worker, run }
    }

    fn store(&self) -> &Store {
        &self.backend.store
    }
}

async fn a_deferred_task_goes_on_in_the_same_try_with_its_event_and_values() {
    let scene = Scene::new(&["a"]).await;
    let (store, run) = (scene.store(), scene.run);
    let attempt = admit_one(store, scene.owner, run, "a").await;
    let first = claim_one(store, attempt, scene.worker).await;
    assert_eq!(first.resume, None);
    let xcoms = vec![("found".to_owned(), "7".to_owned())];
    let end = Report { deferral: Some(wait(None)), xcoms, ..report(attempt, scene.worker, TaskState::Deferred, at(START)) };
    let ReportOutcome::Accepted(deferred) = store.run(end).await.unwrap() else { panic!("accepted") };
    assert_eq!((deferred.task.state, deferred.changed.change_seq), (Some(TaskState::Deferred), 1));
    assert_eq!(store.run(GetAttempt(attempt)).await.unwrap().unwrap().state, AttemptState::Deferred);
    let begun = task_row(store, run, "a").await.start_date;

    let triggerer = triggerer(store).await;
    assert!(store.run(DeferralsWait).await.unwrap());
    let taken = take(store, triggerer, 10).await.remove(0);
    assert!(!store.run(DeferralsWait).await.unwrap());
    assert_eq!((taken.classpath.as_str(), taken.attempt_id, &*taken.task.task_id), ("a.b.Trigger", attempt, "a"));
    assert_eq!(taken.kwargs.as_ref().map(|kwargs| kwargs.0.as_str()), Some(r#"{"moment": 1}"#));
    let moved = store.run(fired(&taken, triggerer, "[1]")).await.unwrap().expect("it waits");
    assert_eq!((moved.task.state, moved.changed.change_seq), (Some(TaskState::Scheduled), 2));

    let second = admit_one(store, scene.owner, run, "a").await;
    let goes_on = claim_one(store, second, scene.worker).await;
    assert_eq!((goes_on.attempt.try_number, goes_on.task.start_date), (1, begun));
    let resume = goes_on.resume.expect("it goes on");
    assert_eq!((resume.method.as_str(), resume.event), ("done", Event::Fired { payload: "[1]".to_owned() }));
    assert_eq!(number(store, "SELECT COUNT(*) FROM xcom WHERE key = 'found'").await, 1, "its values stay");

    let failed = Report { retry_at: Some(at(START)), ..report(second, scene.worker, TaskState::UpForRetry, at(START)) };
    store.run(failed).await.unwrap();
    sql(store, "UPDATE task_instance SET state = 'scheduled'").await;
    let third = admit_one(store, scene.owner, run, "a").await;
    let anew = claim_one(store, third, scene.worker).await;
    assert_eq!((anew.attempt.try_number, anew.resume), (2, None), "another try begins from the beginning");
    assert_eq!(number(store, "SELECT COUNT(*) FROM xcom").await, 0);
}

async fn triggers_are_shared_and_taken_over_from_the_dead() {
    let scene = Scene::new(&["a", "b", "c"]).await;
    let store = scene.store();
    for id in ["a", "b", "c"] {
        defer(store, scene.owner, scene.run, id, scene.worker, None).await;
    }
    let (one, two) = (triggerer(store).await, triggerer(store).await);
    let (of_one, of_two) = (take(store, one, 2).await, take(store, two, 2).await);
    assert_eq!((of_one.len(), of_two.len()), (2, 1));
    assert!(take(store, two, 5).await.is_empty(), "what one runs is not taken by the other");
    assert_eq!(store.run(HeldDeferrals { triggerer: one.job }).await.unwrap(), [of_one[0].id, of_one[1].id]);
    assert!(store.run(fired(&of_one[0], two, "1")).await.unwrap().is_none(), "who does not run it does not fire it");

    store.run(EndJob { owner: one, success: false }).await.unwrap();
    assert!(store.run(DeferralsWait).await.unwrap());
    let again: Vec<i64> = take(store, two, 5).await.iter().map(|waiting| waiting.id).collect();
    assert_eq!(again, [of_one[0].id, of_one[1].id]);
    assert!(store.run(ClaimDeferrals { triggerer: one.job, limit: 5 }).await.unwrap().is_none(), "the dead take nothing");
    assert!(store.run(fired(&of_one[0], one, "1")).await.unwrap().is_none(), "the dead comes too late");
    assert!(store.run(fired(&of_one[0], two, "2")).await.unwrap().is_some());
    assert_eq!(store.run(HeldDeferrals { triggerer: two.job }).await.unwrap().len(), 2);
}

async fn an_event_counts_once_and_only_for_a_task_that_waits() {
    let scene = Scene::new(&["a", "b"]).await;
    let (store, run) = (scene.store(), scene.run);
    let attempt = defer(store, scene.owner, run, "a", scene.worker, None).await;
    defer(store, scene.owner, run, "b", scene.worker, None).await;
    let triggerer = triggerer(store).await;
    let taken = take(store, triggerer, 5).await;
    assert!(store.run(fired(&taken[0], triggerer, "1")).await.unwrap().is_some());
    assert!(store.run(fired(&taken[0], triggerer, "2")).await.unwrap().is_none());
    assert_eq!(number(store, format!("SELECT change_seq FROM dag_run WHERE id = {run}")).await, 3, "a refusal leaves nothing behind");
    let shown = store.run(GetDeferral { task: TaskKey::new(run, "a", -1), attempt_id: attempt }).await.unwrap().expect("the wait");
    assert_eq!((shown.fired, shown.triggerer), (true, Some(triggerer.job)));

    let cleared = ClearTask { run_pk: run, task_id: "b".to_owned(), map_index: -1, retries: 0 };
    let clear = ClearTasks {
        tasks: vec![cleared],
        runs: vec![],
        reset_runs: true,
        latest_version: false,
        note: None,
        user: "ann".to_owned(),
        events: vec![],
    };
    store.run(clear).await.unwrap();
    assert_eq!(store.run(HeldDeferrals { triggerer: triggerer.job }).await.unwrap(), [0_i64; 0], "nobody waits for b any more");
    assert!(store.run(fired(&taken[1], triggerer, "1")).await.unwrap().is_none());
    assert_eq!(state_of(store, run, "b").await, None);
}

async fn a_trigger_may_end_its_task() {
    let scene = Scene::new(&["a"]).await;
    let (store, run) = (scene.store(), scene.run);
    defer(store, scene.owner, run, "a", scene.worker, None).await;
    let triggerer = triggerer(store).await;
    let taken = take(store, triggerer, 5).await.remove(0);
    let xcoms = vec![("return_value".to_owned(), "5".to_owned()), ("more".to_owned(), "6".to_owned())];
    let end = Fired::End { state: TaskState::Skipped, end_date: at(START + 9), xcoms, callbacks: vec![], alerts: vec![] };
    let moved = store.run(FireDeferral { id: taken.id, triggerer: Some(triggerer.job), fired: end }).await.unwrap().expect("it waits");
    assert_eq!((moved.task.state, moved.task.end_date), (Some(TaskState::Skipped), Some(at(START + 9))));
    assert_eq!(number(store, "SELECT COUNT(*) FROM xcom").await, 2);
    assert_eq!(store.run(SweepDeferrals { limit: 5 }).await.unwrap(), 1);
}

async fn a_wait_ends_in_time_or_is_swept() {
    let scene = Scene::new(&["short", "long"]).await;
    let (store, run) = (scene.store(), scene.run);
    defer(store, scene.owner, run, "short", scene.worker, Some(SignedDuration::ZERO)).await;
    defer(store, scene.owner, run, "long", scene.worker, Some(SignedDuration::from_hours(1))).await;
    assert!(store.run(DeferralsDue).await.unwrap());
    let woken = store.run(ExpireDeferrals { limit: 5 }).await.unwrap();
    assert_eq!(woken.iter().map(|one| &*one.task.task_id).collect::<Vec<_>>(), ["short"]);
    assert!(!store.run(DeferralsDue).await.unwrap());
    assert_eq!(store.run(SweepDeferrals { limit: 5 }).await.unwrap(), 0, "both are still wanted");
    let attempt = admit_one(store, scene.owner, run, "short").await;
    let goes_on = claim_one(store, attempt, scene.worker).await;
    assert_eq!(goes_on.resume.map(|resume| resume.event), Some(Event::TimedOut));
    store.run(report(attempt, scene.worker, TaskState::Failed, at(START))).await.unwrap();
    assert_eq!(store.run(SweepDeferrals { limit: 5 }).await.unwrap(), 1);
    assert_eq!(number(store, "SELECT COUNT(*) FROM deferral").await, 1);
}

async fn a_task_may_begin_deferred_and_takes_a_slot_only_where_that_counts() {
    let scene = Scene::new(&["a", "b", "c"]).await;
    let (store, run) = (scene.store(), scene.run);
    let begins = |id: &str| Candidate { start: Some(wait(None)), ..candidate(run, id) };
    let pool =
        |slots, include_deferred| SetPool { name: "default_pool".to_owned(), slots, description: None, include_deferred, only_new: false };
    assert!(store.run(pool(0, false)).await.unwrap());
    let admission = admit(store, scene.owner, vec![begins("a")]).await;
    assert_eq!((admission.admitted.len(), admission.deferred.len()), (0, 1), "{admission:?}");
    let row = task_row(store, run, "a").await;
    assert_eq!((row.state, row.try_number, row.attempt_id), (Some(TaskState::Deferred), 1, Some(admission.deferred[0].attempt_id)));

    assert!(store.run(pool(1, true)).await.unwrap());
    let admission = admit(store, scene.owner, vec![begins("b"), candidate(run, "c")]).await;
    assert_eq!((admission.deferred.len(), admission.admitted.len(), admission.held.len()), (0, 0, 2), "a has the only slot");

    let triggerer = triggerer(store).await;
    let taken = take(store, triggerer, 5).await.remove(0);
    store.run(fired(&taken, triggerer, "1")).await.unwrap().expect("it waits");
    let admission =
        store.run(Admit { owner: scene.owner, candidates: vec![begins("a")], parallelism: 0 }).await.unwrap().expect("the term runs");
    assert_eq!((admission.admitted.len(), admission.admitted[0].try_number), (1, 1), "what has fired goes on in an attempt");
}

/// What a task instance of the scene waits for.
async fn waits_for(scene: &Scene, task_id: &str) -> Option<WaitFor> {
    let wait = GetWait { run_pk: scene.run, task_id: task_id.to_owned(), map_index: -1 };
    scene.store().run(wait).await.unwrap().map(|wait| wait.what)
}

async fn arguments_of_triggers_are_encrypted() {
    let scene = Scene::new(&["a"]).await;
    let (old, new) = (Fernet::generate(), Fernet::generate());
    let with_keys = async |keys: &str| {
        let clock = Clock::Manual(scene.backend.clock.clone());
        let options = Options { fernet: Fernet::parse(keys).expect("keys"), clock, ..Options::default() };
        Store::open(&scene.backend.url, options).await.expect("it opens")
    };
    let store = with_keys(&old).await;
    defer(&store, scene.owner, scene.run, "a", scene.worker, None).await;
    let kept = sql(&store, "SELECT kwargs FROM deferral").await[0].get::<String>(0).unwrap();
    assert!(!kept.contains("moment"), "{kept}");
    with_keys(&format!("{new},{old}")).await.run(RotateFernet).await.unwrap();
    let store = with_keys(&new).await;
    let triggerer = triggerer(&store).await;
    let taken = take(&store, triggerer, 5).await.remove(0);
    assert_eq!(taken.kwargs.map(|kwargs| kwargs.0).as_deref(), Some(r#"{"moment": 1}"#));
    let shown = store.run(ListWaits { tasks: vec![(scene.run, "a".to_owned(), -1)] }).await.unwrap().remove(0);
    assert_eq!((shown.kwargs.as_deref(), shown.triggerer.map(|job| job.id)), (Some(r#"{"moment": 1}"#), Some(triggerer.job)));
    assert!(matches!(waits_for(&scene, "a").await, Some(WaitFor::Trigger { triggerer: Some(_), .. })));
    store.run(EndJob { owner: triggerer, success: true }).await.unwrap();
    let (stranger, store) = (scene.store(), with_keys(&old).await);
    for store in [stranger, &store] {
        let triggerer = job(store, "TriggererJob").await.owner;
        let taken = take(store, triggerer, 5).await.remove(0);
        assert_eq!(taken.kwargs, None, "no key fits");
        store.run(EndJob { owner: triggerer, success: true }).await.unwrap();
    }
}

/// A task that has asked, and its attempt.
async fn ask(scene: &Scene, task_id: &str, defaults: Option<&str>) -> Uuid {
    let attempt = admit_one(scene.store(), scene.owner, scene.run, task_id).await;
    claim_one(scene.store(), attempt, scene.worker).await;
    let question = AskHitl {
        task: TaskKey::new(scene.run, task_id, -1),
        attempt_id: attempt,
        subject: "Ship it?".to_owned(),
        body: None,
        options: r#"["yes","no"]"#.to_owned(),
        defaults: defaults.map(str::to_owned),
        multiple: false,
        params: r#"{"n":{"value":5,"schema":{}}}"#.to_owned(),
        assigned_users: "[]".to_owned(),
    };
    assert!(scene.store().run(question).await.unwrap());
    attempt
}

/// Its attempt reports that it waits; the state of the task.
async fn reports(scene: &Scene, attempt: Uuid, timeout: Option<SignedDuration>) -> Option<TaskState> {
    let wait = NewDeferral { classpath: None, kwargs: "{}".into(), ..wait(timeout) };
    let end = Report { deferral: Some(wait), ..report(attempt, scene.worker, TaskState::AwaitingInput, at(START)) };
    let ReportOutcome::Accepted(reported) = scene.store().run(end).await.unwrap() else { panic!("accepted") };
    reported.task.state
}

async fn answer(scene: &Scene, task_id: &str) -> HitlAnswered {
    let asked =
        scene.store().run(GetHitl { task: TaskKey::new(scene.run, task_id, -1), try_number: None }).await.unwrap().expect("a question");
    let answer = AnswerHitl {
        id: asked.id,
        user_id: "ann".to_owned(),
        user_name: "ann".to_owned(),
        chosen_options: vec!["yes".to_owned()],
        params_input: "{}".to_owned(),
        events: vec![],
    };
    scene.store().run(answer).await.unwrap()
}

/// The payload with which a task goes on.
async fn payload(scene: &Scene, task_id: &str) -> serde_json::Value {
    let attempt = admit_one(scene.store(), scene.owner, scene.run, task_id).await;
    match claim_one(scene.store(), attempt, scene.worker).await.resume.expect("it goes on").event {
        Event::Fired { payload } => serde_json::from_str(&payload).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

async fn a_question_is_answered_once_or_by_its_defaults() {
    let scene = Scene::new(&["late", "early", "default", "never"]).await;
    let store = scene.store();
    let attempt = ask(&scene, "late", None).await;
    assert_eq!(reports(&scene, attempt, None).await, Some(TaskState::AwaitingInput));
    assert!(!store.run(DeferralsWait).await.unwrap(), "no triggerer takes it");
    assert!(matches!(waits_for(&scene, "late").await, Some(WaitFor::People { .. })));
    let HitlAnswered::Done { woken: Some(woken), .. } = answer(&scene, "late").await else { panic!("it goes on") };
    assert_eq!(woken.task.state, Some(TaskState::Scheduled));
    assert!(matches!(answer(&scene, "late").await, HitlAnswered::Before));
    assert_eq!(waits_for(&scene, "late").await, None);
    let going_on = payload(&scene, "late").await;
    assert_eq!((&going_on["chosen_options"][0], &going_on["responded_by_user"]["id"]), (&"yes".into(), &"ann".into()));

    let attempt = ask(&scene, "early", None).await;
    assert!(matches!(answer(&scene, "early").await, HitlAnswered::Done { woken: None, .. }), "its attempt has not reported yet");
    assert_eq!(reports(&scene, attempt, None).await, Some(TaskState::Scheduled));
    assert_eq!(payload(&scene, "early").await["timedout"], false);

    for (task_id, defaults) in [("default", Some(r#"["no"]"#)), ("never", None)] {
        let attempt = ask(&scene, task_id, defaults).await;
        reports(&scene, attempt, Some(SignedDuration::ZERO)).await;
    }
    assert_eq!(store.run(ExpireDeferrals { limit: 5 }).await.unwrap().len(), 2);
    let by_default = payload(&scene, "default").await;
    assert_eq!((&by_default["chosen_options"][0], &by_default["params_input"]["n"]), (&"no".into(), &5.into()));
    assert_eq!(by_default["timedout"], true);
    let attempt = admit_one(store, scene.owner, scene.run, "never").await;
    assert_eq!(claim_one(store, attempt, scene.worker).await.resume.map(|resume| resume.event), Some(Event::TimedOut));
}
