//! Why a task instance or a run does not go on: what the planner says, then the limits that count over all runs, then whether anybody works.

mod limits;
mod situation;

use std::sync::Arc;

use jiff::Timestamp;
use tradewind_core::deps::{Dep, MOST_LINKS, Reason, Unmet};
use tradewind_core::graph::Graph;
use tradewind_core::plan::{PreviousRun, Rows, Run, RunFacts, SkipMark};
use tradewind_core::state::{RunState, TaskState};
use tradewind_store::step::{GetQueueing, GetSituation, GetWait, LoadRun, LoadedRun, Situation};
use tradewind_store::{Result, Store};

use crate::control::{skips_of, task_row};

/// Limits are counted for so many task instances of a run.
const COUNTED: usize = 10;

/// A task instance, asked about.
#[derive(Debug, Clone)]
pub struct Question {
    pub run_pk: i64,
    pub task_id: String,
    /// -1: not expanded.
    pub map_index: i32,
    /// `[core] parallelism`; 0: without limit.
    pub parallelism: u32,
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// Every condition that is not met. Empty: nothing keeps it, or there is nothing to wait for.
    pub unmet: Vec<Unmet>,
    /// All in one sentence: that it runs, that it has ended, or how many conditions are not met.
    pub summary: String,
    /// It runs or has ended: nothing is to be waited for.
    pub is_past: bool,
}

impl Explanation {
    fn past(summary: String) -> Explanation {
        Explanation { summary, is_past: true, unmet: Vec::new() }
    }

    fn waits(unmet: Vec<Unmet>, otherwise: &str) -> Explanation {
        let summary = match unmet.len() {
            0 => otherwise.to_owned(),
            1 => "1 condition is not met".to_owned(),
            more => format!("{more} conditions are not met"),
        };
        Explanation { unmet, summary, is_past: false }
    }
}

/// A run in memory, and what surrounds it.
struct Scene<'a> {
    store: &'a Store,
    graph: Arc<Graph>,
    situation: Situation,
    run: Run,
    /// States as the rows have them; the planner may have gone on from there.
    rows: Vec<(Arc<str>, i32, Option<TaskState>)>,
    now: Timestamp,
    parallelism: u32,
}

impl<'a> Scene<'a> {
    async fn load(store: &'a Store, graph: Arc<Graph>, run_pk: i64, parallelism: u32) -> Result<Option<Scene<'a>>> {
        let Some(situation) = store.run(GetSituation { run_pk }).await? else { return Ok(None) };
        let past_tasks = graph.past_tasks().into_iter().map(|task| graph.task(task).id.clone()).collect();
        let Some(loaded) = store.run(LoadRun { run_pk, past_tasks }).await? else { return Ok(None) };
        let states = loaded.tasks.iter().map(|row| (row.task_id.clone(), row.map_index, row.state)).collect();
        let now = store.now();
        let (run, _) = Run::load(graph.clone(), rows(loaded), now);
        Ok(Some(Scene { store, graph, situation, run, rows: states, now, parallelism }))
    }

    /// The row of an instance; `None`: there is none yet.
    fn state_of(&self, task_id: &str, map_index: i32) -> Option<Option<TaskState>> {
        self.rows.iter().find(|(id, at, _)| **id == *task_id && *at == map_index).map(|(_, _, state)| *state)
    }

    fn run_pk(&self) -> i64 {
        self.run.facts().run_pk
    }

    /// What is in the way of one instance that waits, besides its run.
    async fn why(&self, task_id: &str, map_index: i32) -> Result<Vec<Unmet>> {
        let is_running = self.situation.state == RunState::Running;
        let unmet = self.run.why_not(task_id, map_index, self.now);
        let mut unmet: Vec<Unmet> = unmet.into_iter().filter(|unmet| unmet.dep() != Dep::DagrunRunning).collect();
        let waits_for_places = self.state_of(task_id, map_index).is_some_and(|state| state.is_none_or(|s| s == TaskState::Scheduled));
        if unmet.is_empty() && is_running && waits_for_places {
            unmet = limits::held(self.store, &self.graph, self.run_pk(), task_id, map_index, self.parallelism).await?;
        }
        Ok(unmet)
    }

    /// What is in the way of an attempt that waits for a worker.
    async fn why_queued(&self, task_id: &str, map_index: i32) -> Result<Vec<Unmet>> {
        let key = GetQueueing { run_pk: self.run_pk(), task_id: task_id.to_owned(), map_index };
        let Some(queueing) = self.store.run(key).await? else { return Ok(Vec::new()) };
        Ok(vec![situation::worker(&self.situation, &queueing, self.now)])
    }

    /// What a task instance waits for that is deferred or asks people.
    async fn why_without_slot(&self, task_id: &str, map_index: i32) -> Result<Vec<Unmet>> {
        let key = GetWait { run_pk: self.run_pk(), task_id: task_id.to_owned(), map_index };
        let wait = self.store.run(key).await?;
        Ok(wait.map(|wait| situation::without_slot(&self.situation, wait, self.now)).into_iter().collect())
    }
}

/// Why a task instance does not run.
///
/// # Errors
/// What the database says.
pub async fn why_not(store: &Store, graph: Arc<Graph>, question: &Question) -> Result<Explanation> {
    let Some(scene) = Scene::load(store, graph, question.run_pk, question.parallelism).await? else { return Ok(Explanation::default()) };
    let (task_id, map_index) = (question.task_id.as_str(), question.map_index);
    match scene.state_of(task_id, map_index).flatten() {
        Some(TaskState::Queued) => {
            let unmet = scene.why_queued(task_id, map_index).await?;
            return Ok(Explanation::waits(unmet, "a worker takes it at any moment"));
        }
        Some(TaskState::Deferred | TaskState::AwaitingInput) => {
            let unmet = scene.why_without_slot(task_id, map_index).await?;
            return Ok(Explanation::waits(unmet, "what it waited for has come: it goes on at any moment"));
        }
        Some(TaskState::Scheduled | TaskState::UpForRetry | TaskState::UpForReschedule) | None => {}
        Some(state) if state.is_finished() => return Ok(Explanation::past(format!("it has ended: its state is `{state}`"))),
        Some(TaskState::Restarting) => return Ok(Explanation::past("its attempt is being stopped; then it runs again".to_owned())),
        Some(state) => return Ok(Explanation::past(format!("it is under way: its state is `{state}`"))),
    }
    let mut unmet = situation::of_run(&scene.situation, scene.now);
    if scene.situation.state.is_finished() {
        unmet.push(Unmet::new(Reason::RunEnded { run_id: scene.situation.run_id.clone(), state: scene.situation.state }));
        return Ok(Explanation::waits(unmet, ""));
    }
    unmet.extend(scene.why(task_id, map_index).await?);
    Ok(Explanation::waits(unmet, "nothing keeps it: it is queued at any moment"))
}

/// Why a run does not go on.
///
/// # Errors
/// What the database says.
pub async fn why_run_waits(store: &Store, graph: Arc<Graph>, run_pk: i64, parallelism: u32) -> Result<Explanation> {
    let Some(scene) = Scene::load(store, graph, run_pk, parallelism).await? else { return Ok(Explanation::default()) };
    let state = scene.situation.state;
    if state.is_finished() {
        return Ok(Explanation::past(format!("it has ended: its state is `{state}`")));
    }
    let mut unmet = situation::of_run(&scene.situation, scene.now);
    // Its own state is not a reason.
    unmet.retain(|unmet| unmet.dep() != Dep::DagrunRunning);
    if state == RunState::Queued {
        return Ok(Explanation::waits(unmet, "nothing keeps it: it starts at any moment"));
    }
    unmet.extend(scene.frontier().await?);
    let under_way = scene.rows.iter().filter(|(_, _, state)| state.is_some_and(|state| state.has_attempt())).count();
    let mut answer = Explanation::waits(unmet, "nothing keeps it");
    let plural = if under_way == 1 { "" } else { "s" };
    answer.summary = format!("it runs, with {under_way} task instance{plural} under way; {}", answer.summary);
    Ok(answer)
}

impl Scene<'_> {
    /// What is in the way of the instances that wait for something else than other tasks of the run.
    async fn frontier(&self) -> Result<Vec<Unmet>> {
        let (mut unmet, mut counted) = (Vec::new(), 0);
        for (ix, map_index, _) in self.run.instances() {
            if unmet.len() >= MOST_LINKS {
                break;
            }
            let task_id = self.graph.task(ix).id.clone();
            let found = match self.state_of(&task_id, map_index).flatten() {
                Some(TaskState::Queued) if counted < COUNTED => {
                    counted += 1;
                    self.why_queued(&task_id, map_index).await?
                }
                Some(TaskState::Deferred | TaskState::AwaitingInput) if counted < COUNTED => {
                    counted += 1;
                    self.why_without_slot(&task_id, map_index).await?
                }
                None | Some(TaskState::UpForRetry | TaskState::UpForReschedule) => self.run.why_not(&task_id, map_index, self.now),
                Some(TaskState::Scheduled) if counted < COUNTED => {
                    counted += 1;
                    self.why(&task_id, map_index).await?
                }
                Some(_) => continue,
            };
            let behind_others = |unmet: &Unmet| matches!(unmet.dep(), Dep::TriggerRule | Dep::MappedTaskUpstream | Dep::TaskInstanceState);
            if found.iter().any(behind_others) {
                continue;
            }
            unmet.extend(found.into_iter().map(|reason| self.of_task(&task_id, map_index, reason)));
        }
        unmet.truncate(MOST_LINKS);
        Ok(unmet)
    }

    /// A reason of a task instance as one of its run.
    fn of_task(&self, task_id: &str, map_index: i32, mut unmet: Unmet) -> Unmet {
        unmet.instance = Some((task_id.to_owned(), map_index));
        let link = tradewind_core::deps::Link::task_instance(&self.situation.dag_id, &self.situation.run_id, task_id, map_index);
        unmet.links.insert(0, link);
        unmet.links.truncate(MOST_LINKS);
        unmet
    }
}

/// The planner's view of a run's rows.
fn rows(loaded: LoadedRun) -> Rows {
    let run = loaded.run;
    let facts = RunFacts {
        run_pk: run.id,
        is_backfill: run.run_type == "backfill",
        dag_id: run.dag_id,
        run_id: run.run_id,
        state: run.state,
        logical_date: run.logical_date,
        start_date: run.start_date,
    };
    let mark = |(task_id, map_index, text): (Arc<str>, i32, String)| SkipMark { task_id, map_index, skip: skips_of(&text) };
    Rows {
        facts,
        tasks: loaded.tasks.iter().map(task_row).collect(),
        skips: loaded.skips.into_iter().map(mark).collect(),
        past: loaded.previous.map(|before| PreviousRun { run_id: before.run_id, states: before.states, ran_before: before.ran_before }),
    }
}
