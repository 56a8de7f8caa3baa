//! Each step about attempts against its rule in `core::protocol`, for every combination of states. The simulation of the protocol runs on the
//! rules alone, and means something only because of this.

use tradewind_core::protocol::{self, Claim as Claims, Ending, Job, Pair};
use tradewind_core::state::{AttemptState, TaskState};
use tradewind_store::Store;
use tradewind_store::step::{ClaimOutcome, Owner, ReapLost, ReportOutcome};
use tradewind_store::table::attempt::GetAttempt;
use uuid::Uuid;

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim, dag, fresh_id, report, running_run, schedule, scheduler, sql, state_of, task, worker};

stories!(claims_follow_their_rule, reports_follow_their_rule, losses_follow_their_rule);

const ATTEMPTS: [AttemptState; 5] =
    [AttemptState::Queued, AttemptState::Running, AttemptState::Success, AttemptState::Lost, AttemptState::Cancelled];
const TASKS: [Option<TaskState>; 6] = [
    None,
    Some(TaskState::Scheduled),
    Some(TaskState::Queued),
    Some(TaskState::Running),
    Some(TaskState::Restarting),
    Some(TaskState::Success),
];
const BOTH: [bool; 2] = [true, false];
const LIVING: Job = Job { term: 1, is_running: true, lease_until: 1 };
const DEAD: Job = Job { is_running: false, ..LIVING };
/// Its lease has ended, and nobody has acted on it.
const LATE: Job = Job { lease_until: 0, ..LIVING };

/// One attempt of one task instance, to be put into any state.
struct Scene {
    backend: Backend,
    owner: Owner,
    run: i64,
    attempt: Uuid,
    /// A worker that lives, another, and one that is dead.
    workers: [i64; 3],
}

impl Scene {
    async fn set() -> Self {
        let backend = Backend::fresh().await;
        let store = &backend.store;
        dag(store, "d", 16, 16).await;
        let owner = scheduler(store).await;
        let run = running_run(store, owner, "d", "one", at(START)).await;
        schedule(store, owner, run, [task("a")]).await;
        let attempt = admit_one(store, owner, run, "a").await;
        let workers = [worker(store).await, worker(store).await, worker(store).await];
        sql(store, format!("UPDATE job SET state = 'failed' WHERE id = {}", workers[2])).await;
        Self { backend, owner, run, attempt, workers }
    }

    fn store(&self) -> &Store {
        &self.backend.store
    }

    async fn place(&self, pair: Pair, worker: i64, has_begun: bool) {
        let pid = if has_begun { "7" } else { "NULL" };
        let text = format!("UPDATE attempt SET state = '{}', worker = {worker}, pid = {pid} WHERE id = '{}'", pair.attempt, self.attempt);
        sql(self.store(), text).await;
        let state = pair.task.map_or_else(|| "NULL".to_owned(), |state| format!("'{state}'"));
        let current = if pair.is_current { self.attempt } else { fresh_id() };
        let text =
            format!("UPDATE task_instance SET state = {state}, attempt_id = '{current}', worker_losses = 0 WHERE run_pk = {}", self.run);
        sql(self.store(), text).await;
    }

    async fn states(&self) -> (AttemptState, Option<TaskState>) {
        let attempt = self.store().run(GetAttempt(self.attempt)).await.unwrap().expect("the attempt").state;
        (attempt, state_of(self.store(), self.run, "a").await)
    }
}

fn pairs() -> impl Iterator<Item = Pair> {
    let states = ATTEMPTS.into_iter().flat_map(|attempt| TASKS.map(|task| (attempt, task)));
    states.flat_map(|(attempt, task)| BOTH.map(|is_current| Pair { attempt, task, is_current }))
}

async fn claims_follow_their_rule() {
    let scene = Scene::set().await;
    for pair in pairs() {
        for (lives, is_own, has_begun) in BOTH.into_iter().flat_map(|a| BOTH.into_iter().flat_map(move |b| BOTH.map(|c| (a, b, c)))) {
            let claimer = if lives { scene.workers[0] } else { scene.workers[2] };
            scene.place(pair, if is_own { claimer } else { scene.workers[1] }, has_begun).await;
            let rule = protocol::claim(if lives { &LIVING } else { &DEAD }, 0, pair, is_own, has_begun);
            let outcome = scene.store().run(claim(scene.attempt, claimer)).await.unwrap();
            let same = match rule {
                Claims::Won | Claims::WonBefore => matches!(outcome, ClaimOutcome::Won(_)),
                Claims::Lost => matches!(outcome, ClaimOutcome::Lost),
                Claims::LeaseEnded => matches!(outcome, ClaimOutcome::LeaseEnded),
            };
            assert!(same, "{pair:?}, lives: {lives}, own: {is_own}, begun: {has_begun}: {rule:?}, not {outcome:?}");
            let after = match rule {
                Claims::Won | Claims::WonBefore => (AttemptState::Running, Some(TaskState::Running)),
                Claims::Lost | Claims::LeaseEnded => (pair.attempt, pair.task),
            };
            assert_eq!(scene.states().await, after, "{pair:?}, lives: {lives}, own: {is_own}, begun: {has_begun}");
        }
    }
}

async fn reports_follow_their_rule() {
    let scene = Scene::set().await;
    for (pair, is_own) in pairs().flat_map(|pair| BOTH.map(|is_own| (pair, is_own))) {
        // Dead or not does not matter: what counts is that nobody has acted on it.
        let reporter = scene.workers[2];
        scene.place(pair, if is_own { reporter } else { scene.workers[1] }, true).await;
        let rule = protocol::report(pair, is_own);
        let outcome = scene.store().run(report(scene.attempt, reporter, TaskState::Success, at(START))).await.unwrap();
        let same = match rule {
            Ending::Ends => matches!(outcome, ReportOutcome::Accepted(_)),
            Ending::Restarts => matches!(outcome, ReportOutcome::Superseded { restarted: Some(_), .. }),
            Ending::MovedOn => matches!(outcome, ReportOutcome::Superseded { restarted: None, .. }),
            Ending::Stale => matches!(outcome, ReportOutcome::Stale),
        };
        assert!(same, "{pair:?}, own: {is_own}: {rule:?}, not {outcome:?}");
        let after = match rule {
            Ending::Ends => (AttemptState::Success, Some(TaskState::Success)),
            Ending::Restarts => (AttemptState::Cancelled, None),
            Ending::MovedOn => (AttemptState::Cancelled, pair.task),
            Ending::Stale => (pair.attempt, pair.task),
        };
        assert_eq!(scene.states().await, after, "{pair:?}, own: {is_own}");
    }
}

async fn losses_follow_their_rule() {
    let scene = Scene::set().await;
    let late = scene.workers[1];
    let workers = [(scene.workers[0], &LIVING), (late, &LATE), (scene.workers[2], &DEAD)];
    for (pair, (worker, job), expired) in
        pairs().flat_map(|pair| workers.into_iter().flat_map(move |one| BOTH.map(|expired| (pair, one, expired))))
    {
        sql(scene.store(), format!("UPDATE job SET state = 'running', lease_until = 0 WHERE id = {late}")).await;
        scene.place(pair, worker, true).await;
        let rule = protocol::reap(job, 0, expired, pair);
        let reap = ReapLost { owner: scene.owner, limit: 10, expired, losses: 2, policy: std::sync::Arc::default() };
        let told = scene.store().run(reap).await.unwrap().expect("the term runs").len();
        let (after, count) = match rule {
            Ending::Ends => ((AttemptState::Lost, Some(TaskState::Scheduled)), 1),
            Ending::Restarts => ((AttemptState::Lost, None), 1),
            Ending::MovedOn => ((AttemptState::Lost, pair.task), 0),
            Ending::Stale => ((pair.attempt, pair.task), 0),
        };
        assert_eq!((scene.states().await, told), (after, count), "{pair:?}, {job:?}, expired: {expired}: {rule:?}");
    }
}
