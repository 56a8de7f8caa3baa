//! `GET .../taskInstances/{task_id}/history`: the states that a task instance went through, and why.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde::Serialize;
use serde_json::{Map, Value};
use tradewind_queue::service::KillReason;
use tradewind_store::list::event_log::{EventFilter, EventView, ListEvents, ORDER};
use tradewind_store::list::filter::{Page, order_key};
use tradewind_store::list::history::{AttemptStory, History, ReadHistory};
use tradewind_store::list::task_instance::TaskView;

use super::history_reason::StateReason;
use super::task_instances::{self, TaskPath};
use crate::auth::Access;
use crate::error::Result;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const PATH: &str = "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/history";
    vec![route(Method::GET, PATH, "tradewind_task_history", Access::Read, history)]
}

/// Events of a run that are looked through.
const MAX_EVENTS: i64 = 1_000;

#[derive(Serialize)]
struct HistoryAnswer {
    events: Vec<StateEvent>,
}

#[derive(Debug, Serialize)]
struct StateEvent {
    at: Time,
    /// A state of task instances, or `lost`, `cancelled`; null when it was cleared.
    state: Option<String>,
    try_number: Option<i64>,
    attempt_id: Option<String>,
    hostname: Option<String>,
    /// In English.
    why: Option<String>,
    /// Which reason; null when there is none, or when `why` is what the task or its process said.
    code: Option<&'static str>,
    /// What the reason is about, by name.
    values: Map<String, Value>,
}

impl StateEvent {
    fn because(self, reason: Option<StateReason>) -> Self {
        let Some(reason) = reason else { return self };
        Self { why: Some(reason.to_string()), code: reason.code(), values: reason.values(), ..self }
    }
}

async fn history(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Json<HistoryAnswer>> {
    let map_index = query.map_index();
    query.finish()?;
    let task = task_instances::find(&app, &path, map_index).await?;
    let wanted = ReadHistory { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index };
    let history = app.store().run(wanted).await?;
    let filter = EventFilter { dag_id: Some(task.dag_id.clone()), run_id: Some(task.run_id.clone()), ..EventFilter::default() };
    let order = order_key(ORDER, "id", true).into_iter().collect();
    let log = app.store().run(ListEvents { filter, order, page: Page { limit: MAX_EVENTS, offset: 0 } }).await?;
    Ok(Json(HistoryAnswer { events: events(&task, &history, &log.rows) }))
}

/// What happened, oldest first.
fn events(task: &TaskView, history: &History, log: &[EventView]) -> Vec<StateEvent> {
    let mut events: Vec<(i64, StateEvent)> = Vec::new();
    if let Some(at) = task.scheduled_at {
        let event = StateEvent { try_number: None, ..state_event(at, "scheduled") };
        events.push((at, event));
    }
    for attempt in &history.attempts {
        of_attempt(attempt, history, &mut events);
    }
    events.extend(log.iter().filter_map(|event| Some((event.dttm, of_log(task, event)?))));
    events.extend(by_itself(task, history, log));
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event).collect()
}

fn state_event(at: i64, state: &str) -> StateEvent {
    StateEvent {
        at: Time::from_micros(at),
        state: Some(state.to_owned()),
        try_number: None,
        attempt_id: None,
        hostname: None,
        why: None,
        code: None,
        values: Map::new(),
    }
}

fn of_attempt(attempt: &AttemptStory, history: &History, events: &mut Vec<(i64, StateEvent)>) {
    let event = |at: i64, state: &str| StateEvent {
        try_number: Some(attempt.try_number),
        attempt_id: Some(attempt.id.clone()),
        ..state_event(at, state)
    };
    events.push((attempt.queued_at, event(attempt.queued_at, "queued")));
    if let Some(at) = attempt.start_date {
        events.push((at, StateEvent { hostname: attempt.hostname.clone(), ..event(at, "running") }));
    }
    if let Some(at) = attempt.end_date.filter(|_| !matches!(attempt.state.as_str(), "queued" | "running")) {
        let mut pauses = history.reschedules.iter().filter(|_| attempt.state == "up_for_reschedule");
        let again = pauses.find(|pause| pause.try_number == attempt.try_number && pause.end_date == at);
        let reason = match again {
            Some(pause) => Some(StateReason::LooksAgainAt { at: Time::from_micros(pause.reschedule_date) }),
            None => why_ended(attempt),
        };
        let ended = StateEvent { hostname: attempt.hostname.clone(), ..event(at, &attempt.state) };
        events.push((at, ended.because(reason)));
    }
}

fn why_ended(attempt: &AttemptStory) -> Option<StateReason> {
    let said = attempt.reason.as_deref().filter(|reason| !reason.is_empty());
    if attempt.state == "lost" {
        let times = said.into_iter().flat_map(str::split_whitespace).find_map(|word| word.parse().ok());
        return Some(times.map_or(StateReason::WorkerLost, |times| StateReason::WorkersLost { times }));
    }
    match said {
        Some(said) if !KillReason::ALL.iter().any(|kill| kill.words() == said) => Some(StateReason::Said(said.to_owned())),
        _ => attempt.kill_requested.as_deref().map(|kill| match kill {
            "run_ended" => StateReason::RunEnded,
            "fenced" => StateReason::Fenced,
            _ => StateReason::StateChanged,
        }),
    }
}

/// What somebody did to the task instance, or to its whole run.
fn of_log(task: &TaskView, event: &EventView) -> Option<StateEvent> {
    let by = event.owner.clone();
    let its_own =
        event.task_id.as_deref() == Some(&*task.task_id) && event.map_index.is_none_or(|index| index == i64::from(task.map_index));
    let (state, reason) = match event.event.as_str() {
        name if its_own && name.starts_with("task_instance_") => {
            let state = name.trim_start_matches("task_instance_");
            (Some(state.to_owned()), StateReason::Marked { state: state.to_owned(), by })
        }
        "cli_task_clear" if its_own => (None, StateReason::Cleared { by }),
        "clear_task_instances" if names(event, task) => (None, StateReason::Cleared { by }),
        "clear_dag_run" | "dag_run_queued" => (None, StateReason::RunCleared { by }),
        name @ ("dag_run_success" | "dag_run_failed") => {
            let state = name.trim_start_matches("dag_run_");
            (None, StateReason::RunMarked { state: state.to_owned(), by })
        }
        _ => return None,
    };
    Some(StateEvent { state, try_number: event.try_number, ..state_event(event.dttm, "") }.because(Some(reason)))
}

/// Whether a clear of task instances, which lists them, was about this one.
fn names(event: &EventView, task: &TaskView) -> bool {
    let extra = event.extra.as_deref().and_then(|extra| serde_json::from_str::<Value>(extra).ok());
    let listed = extra.as_ref().and_then(|extra| extra["task_instances"].as_array());
    listed.into_iter().flatten().any(|one| one["task_id"] == task.task_id.as_str() && one["map_index"] == i64::from(task.map_index))
}

/// The state that came without an attempt: skipped, a failure above it, removed.
fn by_itself(task: &TaskView, history: &History, log: &[EventView]) -> Option<(i64, StateEvent)> {
    let state = task.state.as_deref().filter(|state| matches!(*state, "skipped" | "upstream_failed" | "removed" | "failed" | "success"))?;
    let attempted = history.attempts.iter().any(|attempt| attempt.state == state && Some(&attempt.id) == task.attempt_id.as_ref());
    let marked = log.iter().filter_map(|event| of_log(task, event)).any(|event| event.state.as_deref() == Some(state));
    if attempted || marked {
        return None;
    }
    let reason = match state {
        "upstream_failed" => Some(StateReason::UpstreamFailed),
        "skipped" => Some(StateReason::Skipped),
        "removed" => Some(StateReason::Removed),
        _ => None,
    };
    let at = task.end_date.unwrap_or(task.updated_at);
    Some((at, state_event(at, state).because(reason)))
}
